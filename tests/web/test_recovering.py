"""Passwords: wrong, forgotten, changed; and what that closes."""

from __future__ import annotations

import pytest

from fedcommune.domain.citizens import actions
from fedcommune.domain.citizens import queries as citizens
from tests.support import browsers
from tests.support.browsers import PASSWORD, Browser
from tests.support.communes import Clock, Town

SESSIONS = "commune.session"
NEW = "trois tortues traversent"


async def hashes(town: Town) -> list[str | None]:
    rows = await town.commune.database.pool.fetch("select password from commune.citizen")
    return [row["password"] for row in rows]


async def test_sec_aut_01_a_wrong_password_and_an_unknown_person_are_answered_alike(
    town: Town, browser: Browser
) -> None:
    await browsers.with_password(town, await town.citizen("marie"))
    await browser.open("/sign-in")
    await browser.send(email="marie@mail.example", password="not the right one")
    wrong = browser.page
    await browser.open("/sign-in")
    await browser.send(email="nobody@mail.example", password="not the right one")
    unknown = browser.page

    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("marie@", "nobody@") == unknown.text
    assert await town.count(SESSIONS) == 0


async def test_sec_aut_01_passwords_are_kept_as_argon2id(town: Town) -> None:
    await browsers.with_password(town, await town.citizen("marie"))

    (kept,) = await hashes(town)
    assert kept is not None
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_sec_aut_01_mistakes_make_wait_longer_and_longer(strict: Town, clock: Clock) -> None:
    await browsers.with_password(strict, await strict.citizen("marie"))
    async with browsers.browser(strict) as browser:
        for _number in range(5):
            await browser.open("/sign-in")
            await browser.send(email="marie@mail.example", password="not the right one")
            assert browser.page.status_code == 422
        await browser.open("/sign-in")
        await browser.send(email="marie@mail.example", password=PASSWORD)
        assert browser.page.status_code == 429
        assert await strict.count(SESSIONS) == 0

        clock.pass_by(minutes=1)
        await browser.open("/sign-in")
        await browser.send(email="marie@mail.example", password=PASSWORD)
        assert await strict.count(SESSIONS) == 1


@pytest.mark.parametrize(
    "spelling", ["/sign-in", "//sign-in", "/Sign-In", "/sign%2Din", "/sign-in/"]
)
async def test_sec_dos_11_tries_are_counted_on_the_route(
    strict: Town, clock: Clock, spelling: str
) -> None:
    await browsers.with_password(strict, await strict.citizen("marie"))
    async with browsers.browser(strict) as browser:
        await browser.open("/sign-in")
        fields = browsers.forms_of(browser.page)["/sign-in"]
        for number in range(26):
            await browser.client.post(
                strict.origin + spelling,
                data={**fields, "email": f"a{number}@b.example", "password": "x"},
            )
        last = await browser.client.post(
            "/sign-in", data={**fields, "email": "z@b.example", "password": "x"}
        )
        reached = await strict.commune.database.pool.fetchval(
            "select coalesce(max(count), 0) from commune.attempt where what = 'sign_in'"
        )

    # Either the address leads nowhere, or what it leads to is counted.
    assert last.status_code == (429 if reached >= 25 else 422)
    assert reached in (1, 25)


async def test_sec_aut_04_a_reset_signs_everything_out(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    await browsers.with_password(town, marie)
    async with browsers.browser(town) as old:
        await old.sign_in(marie)
        assert (await old.open("/settings")).url.path == "/settings"

        await browser.open("/password")
        await browser.send(email="marie@mail.example")
        await browser.open((await browsers.letter(town, "reset")).link)
        await browser.send(password=NEW)

        assert browser.page.status_code == 200
        assert (await old.open("/settings")).url.path == "/sign-in"
    assert await town.count(SESSIONS) == 0
    await browser.open("/sign-in")
    await browser.send(email="marie@mail.example", password=NEW)
    assert await town.count(SESSIONS) == 1
    assert (await browsers.letter(town, "password_changed")).recipient == "marie@mail.example"


async def test_sec_aut_03_a_reset_is_good_once_and_not_late(
    town: Town, browser: Browser, clock: Clock
) -> None:
    await browsers.with_password(town, await town.citizen("marie"))
    before = await hashes(town)
    await browser.open("/password")
    await browser.send(email="marie@mail.example")
    link = (await browsers.letter(town, "reset")).link
    await browser.open(link)
    clock.pass_by(hours=3)
    await browser.send(password=NEW)
    assert browser.page.status_code == 404
    assert await hashes(town) == before

    await browser.open("/password")
    await browser.send(email="marie@mail.example")
    await browser.open((await browsers.letter(town, "reset")).link)
    form = browsers.forms_of(browser.page)["/password/new"]
    await browser.send(password=NEW)
    after = await hashes(town)
    again = await browser.client.post("/password/new", data={**form, "password": PASSWORD})
    assert again.status_code in (403, 404)
    assert await hashes(town) == after != before


async def test_sec_aut_03_tokens_are_kept_as_digests(town: Town, browser: Browser) -> None:
    await browsers.with_password(town, await town.citizen("marie"))
    await browser.open("/password")
    await browser.send(email="marie@mail.example")
    token = (await browsers.letter(town, "reset")).link.partition("token=")[2]
    rows = await town.commune.database.pool.fetch("select * from commune.ticket")
    letters = await town.commune.database.pool.fetch("select * from commune.letter")

    assert len(token) == 43
    assert token not in str(rows)
    assert token.encode() not in b"".join(row["body"] for row in letters)


async def test_nobody_learns_whether_an_address_is_known(town: Town, browser: Browser) -> None:
    await town.citizen("marie")
    answers = []
    for email in ("marie@mail.example", "nobody@mail.example"):
        await browser.open("/password")
        await browser.send(email=email)
        answers.append((browser.page.status_code, browser.page.text.replace(email, "")))

    assert answers[0] == answers[1]
    assert [each.recipient for each in await browsers.letters(town)] == ["marie@mail.example"]


async def test_sec_dos_11_letters_are_counted_by_address(strict: Town) -> None:
    await strict.citizen("marie")
    async with browsers.browser(strict) as browser:
        for _number in range(6):
            await browser.open("/password")
            await browser.send(email="MARIE@mail.example")

    assert browser.page.status_code == 429
    assert len(await browsers.letters(strict)) == 5


async def test_sec_aut_04_a_changed_password_signs_the_others_out(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await browsers.with_password(town, marie)
    await browser.sign_in(marie)
    async with browsers.browser(town) as other:
        await other.sign_in(marie)
        await browser.open("/settings/password")
        await browser.send(password="not the right one", new_password=NEW)
        assert browser.page.status_code == 422
        assert await town.count(SESSIONS) == 2
        await browser.send(password=PASSWORD, new_password=NEW)

        assert browser.page.url.path == "/settings"
        assert (await other.open("/settings")).url.path == "/sign-in"
    assert await town.count(SESSIONS) == 1


async def test_sec_aut_03_an_address_changes_when_both_ends_agree(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await browsers.with_password(town, marie)
    await browser.sign_in(marie)
    await browser.open("/settings/email")
    await browser.send("/settings/email", email="new@mail.example", password="wrong password")
    assert await browsers.letters(town) == []
    await browser.send("/settings/email", email="new@mail.example", password=PASSWORD)
    leave, take = (
        (await browsers.letter(town, "leave_email")),
        (await browsers.letter(town, "take_email")),
    )

    assert (leave.recipient, take.recipient) == ("marie@mail.example", "new@mail.example")
    await browser.open(take.link)
    await browser.send()
    pool = town.commune.database.pool
    assert await pool.fetchval("select email from commune.citizen") == "marie@mail.example"
    await browser.open(leave.link)
    await browser.send()
    assert await pool.fetchval("select email from commune.citizen") == "new@mail.example"


async def test_sec_aut_03_an_address_of_somebody_else_is_not_taken(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await town.citizen("jean")
    await browsers.with_password(town, marie)
    await browser.sign_in(marie)
    await browser.open("/settings/email")
    await browser.send("/settings/email", email="Jean@mail.example", password=PASSWORD)

    assert browser.page.status_code == 200
    assert {each.kind for each in await browsers.letters(town)} == {"leave_email", "known"}
    await browser.open((await browsers.letter(town, "leave_email")).link)
    await browser.send()
    citizen = await citizens.by_account(town.commune.database.pool, marie.id)
    assert citizen is not None
    assert citizen.email == "marie@mail.example"


async def test_sec_aut_04_a_reset_by_an_administrator_closes_everything(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await browsers.with_password(town, marie)
    await browser.sign_in(marie)
    async with town.commune.database.transaction() as tx:
        await actions.force_reset(tx, marie.id)

    assert (await browser.open("/settings")).url.path == "/sign-in"
    assert await hashes(town) == [None]
    assert await town.count(SESSIONS) == 0


async def test_who_leaves_is_gone_and_the_name_stays_theirs(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    await browsers.with_password(town, marie)
    await browser.sign_in(marie)
    await browser.open("/settings/leave")
    await browser.send(username="marie", password="not the right one")
    assert browser.page.status_code == 422
    assert await town.count("commune.citizen") == 1
    await browser.send(username="@marie", password=PASSWORD)

    assert browser.page.status_code == 200
    assert await town.count("commune.citizen") == 0
    assert await town.count(SESSIONS) == 0
    assert (await browser.open("/@marie")).status_code == 410
    assert (await browsers.letter(town, "deleted")).recipient == "marie@mail.example"
