"""The second step of signing in: codes that count once, and what never takes it away."""

from __future__ import annotations

import re

import pyotp

from tests.support import browsers
from tests.support.browsers import PASSWORD, Browser
from tests.support.communes import Clock, Town

SESSIONS = "commune.session"
NEW = "trois tortues traversent"


def begin_a_step(clock: Clock) -> None:
    """Let time stand at the beginning of thirty seconds: no code changes under our hands."""
    clock.pass_by(seconds=31 - clock().timestamp() % 30)


def now(clock: Clock, secret: str, offset: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(clock().timestamp()) // 30 + offset)


async def turned_on(town: Town, browser: Browser, clock: Clock) -> tuple[str, list[str]]:
    """Turn the second step on for Marie; return the secret and the recovery codes."""
    marie = await town.citizen("marie")
    await browsers.with_password(town, marie)
    await browser.sign_in(marie)
    await browser.open("/settings/second-step")
    await browser.send(password=PASSWORD)
    begin_a_step(clock)
    found = re.search(r"secret=([A-Z2-7]+)", browser.page.text)
    assert found is not None
    await browser.send(code=now(clock, found[1]))
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", browser.page.text)
    assert len(codes) == 10
    return found[1], codes


async def begin(browser: Browser, password: str = PASSWORD) -> None:
    await browser.open("/sign-in")
    await browser.send(email="marie@mail.example", password=password)


async def test_sec_aut_02_signing_in_takes_a_code_which_counts_once(
    town: Town, browser: Browser, clock: Clock
) -> None:
    secret, _codes = await turned_on(town, browser, clock)
    async with browsers.browser(town) as other:
        await begin(other)
        assert await town.count(SESSIONS) == 1
        await other.send(code="000000")
        assert other.page.status_code == 422
        await other.send(code=now(clock, secret))
        assert other.page.status_code == 422, "the code that turned it on was used"
        clock.pass_by(seconds=30)
        await other.send(code=now(clock, secret))
        assert other.page.url.path == "/settings"
        assert await town.count(SESSIONS) == 2


async def test_sec_aut_02_a_step_of_skew_is_let_through_not_two(
    town: Town, browser: Browser, clock: Clock
) -> None:
    secret, _codes = await turned_on(town, browser, clock)
    clock.pass_by(minutes=10)
    async with browsers.browser(town) as other:
        await begin(other)
        begin_a_step(clock)
        for offset in (-2, 2):
            await other.send(code=now(clock, secret, offset))
            assert other.page.status_code == 422
        await other.send(code=now(clock, secret, -1))
        assert await town.count(SESSIONS) == 2


async def test_sec_aut_02_a_recovery_code_counts_once_and_is_kept_as_a_digest(
    town: Town, browser: Browser, clock: Clock
) -> None:
    _secret, codes = await turned_on(town, browser, clock)
    rows = await town.commune.database.pool.fetch("select code_hash from commune.recovery_code")
    assert codes[0].encode() not in b"".join(row["code_hash"] for row in rows)
    for answer in (True, False):
        async with browsers.browser(town) as other:
            await begin(other)
            await other.send(code=codes[0].upper())
            assert (other.page.url.path == "/settings") is answer
    assert await town.count(SESSIONS) == 2


async def test_sec_aut_02_a_reset_does_not_take_the_second_step_away(
    town: Town, browser: Browser, clock: Clock
) -> None:
    await turned_on(town, browser, clock)
    await browser.open("/password")
    await browser.send(email="marie@mail.example")
    await browser.open((await browsers.letter(town, "reset")).link)
    await browser.send(password=NEW)
    await begin(browser, NEW)
    assert "One more step" in browser.page.text
    await browser.open("/sign-in/letter")
    await browser.send(email="marie@mail.example")
    await browser.open((await browsers.letter(town, "sign_in")).link)
    await browser.send()

    assert "One more step" in browser.page.text
    assert await town.count(SESSIONS) == 0


async def test_sec_aut_02_turning_it_off_takes_a_code(
    town: Town, browser: Browser, clock: Clock
) -> None:
    secret, _codes = await turned_on(town, browser, clock)
    clock.pass_by(seconds=30)
    await browser.open("/settings/second-step")
    form = browsers.forms_of(browser.page)["/settings/second-step/codes"]

    async def off(code: str) -> int:
        data = {**form, "password": PASSWORD, "code": code}
        return (await browser.client.post("/settings/second-step/off", data=data)).status_code

    assert await off("000000") == 422
    pool = town.commune.database.pool
    assert await pool.fetchval("select second_factor_at from commune.citizen") is not None
    await off(now(clock, secret))
    assert await pool.fetchval("select second_factor_at from commune.citizen") is None
    assert await town.count("commune.recovery_code") == 0


async def test_sec_aut_02_codes_are_tried_five_times(strict: Town, clock: Clock) -> None:
    async with browsers.browser(strict) as owner:
        secret, _codes = await turned_on(strict, owner, clock)
    clock.pass_by(minutes=10)
    async with browsers.browser(strict) as other:
        await begin(other)
        for _number in range(5):
            await other.send(code="000000")
            assert other.page.status_code == 422
        await other.send(code=now(clock, secret))
        assert other.page.status_code == 429
    assert await strict.count(SESSIONS) == 1


async def test_sec_aut_02_the_secret_is_sealed_and_never_shown_again(
    town: Town, browser: Browser, clock: Clock
) -> None:
    secret, _codes = await turned_on(town, browser, clock)
    kept = await town.commune.database.pool.fetchval("select totp from commune.citizen")

    assert secret.encode() not in kept
    assert secret not in (await browser.open("/settings/second-step")).text
