"""Passkeys: origin, relying party, challenge, verification and counter (SEC-AUT-02)."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from tests.support import browsers
from tests.support.authenticator import Authenticator
from tests.support.browsers import PASSWORD, Browser
from tests.support.communes import Clock, Town

SESSIONS, PASSKEYS = "commune.session", "commune.passkey"


def asked(browser: Browser) -> dict[str, Any]:
    """Return what the page that is shown asks of the device."""
    found = re.search(r'data-options="([^"]*)"', browser.page.text)
    assert found is not None
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


async def added(town: Town, browser: Browser) -> Authenticator:
    """Give Marie a passkey, and sign her out."""
    marie = await town.citizen("marie")
    await browsers.with_password(town, marie)
    await browser.sign_in(marie)
    device = Authenticator(town.origin)
    await browser.open("/settings/passkeys")
    await browser.send(
        "/settings/passkeys",
        answer=device.create(asked(browser)),
        name="Telephone",
        password=PASSWORD,
    )
    assert "Telephone" in browser.page.text
    await browser.open("/settings")
    await browser.send("/sign-out")
    return device


async def test_a_passkey_signs_in_by_itself(town: Town, browser: Browser) -> None:
    device = await added(town, browser)
    await browser.open("/sign-in/passkey?return_to=/settings/passkeys")
    await browser.send(answer=device.get(asked(browser)))

    assert browser.page.url.path == "/settings/passkeys"
    assert await town.count(SESSIONS) == 1
    assert (await browsers.letter(town, "passkey_added")).recipient == "marie@mail.example"


async def test_sec_aut_02_an_answer_counts_once(town: Town, browser: Browser) -> None:
    device = await added(town, browser)
    await browser.open("/sign-in/passkey")
    answer = device.get(asked(browser))
    await browser.send(answer=answer)
    assert await town.count(SESSIONS) == 1
    async with browsers.browser(town) as other:
        await other.open("/sign-in/passkey")
        await other.send(answer=answer)
        assert other.page.status_code == 422
    assert await town.count(SESSIONS) == 1


@pytest.mark.parametrize(
    "wrong", ["origin", "rp", "verification", "counter", "key", "late", "mess"]
)
async def test_sec_aut_02_whatever_is_wrong_lets_nobody_in(
    town: Town, browser: Browser, clock: Clock, wrong: str
) -> None:
    device = await added(town, browser)
    await town.commune.database.pool.execute("update commune.passkey set counter = 5")
    await browser.open("/sign-in/passkey")
    options = asked(browser)
    device.counter = 10
    match wrong:
        case "origin":
            device.origin = "https://evil.example"
            answer = device.get(options)
        case "rp":
            answer = device.get({**options, "rpId": "evil.example"})
        case "verification":
            answer = device.get(options, verified=False)
        case "counter":
            answer = device.get(options, counter=5)
        case "key":
            other = Authenticator(town.origin)
            other.id = device.id
            answer = other.get(options, counter=11)
        case "late":
            clock.pass_by(minutes=6)
            answer = device.get(options)
        case _:
            answer = '{"rawId": "AAAA", "response": {"clientDataJSON": "e30"}}'
    await browser.send(answer=answer)

    assert browser.page.status_code == 422
    assert await town.count(SESSIONS) == 0
    assert await town.commune.database.pool.fetchval("select counter from commune.passkey") == 5


async def test_sec_aut_02_a_passkey_is_added_with_the_password_and_for_oneself(
    town: Town, browser: Browser
) -> None:
    marie, jean = await town.citizen("marie"), await town.citizen("jean")
    await browsers.with_password(town, marie)
    await browsers.with_password(town, jean)
    await browser.sign_in(marie)
    await browser.open("/settings/passkeys")
    options = asked(browser)
    answer = Authenticator(town.origin).create(options)
    await browser.send("/settings/passkeys", answer=answer, name="x", password="not the right one")
    assert browser.page.status_code == 422
    async with browsers.browser(town) as other:
        await other.sign_in(jean)
        await other.open("/settings/passkeys")
        await other.send("/settings/passkeys", answer=answer, name="x", password=PASSWORD)
        assert other.page.status_code == 422

    assert await town.count(PASSKEYS) == 0


async def test_a_passkey_is_removed_by_its_owner_alone(town: Town, browser: Browser) -> None:
    await added(town, browser)
    jean = await town.citizen("jean")
    raw = await town.commune.database.pool.fetchval("select id from commune.passkey")
    await browser.sign_in(jean)
    await browser.open("/settings/passkeys")
    form = browsers.forms_of(browser.page)["/settings/passkeys"]
    gone = await browser.client.post(
        "/settings/passkeys/remove", data={"csrf": form["csrf"], "passkey": raw.hex()}
    )

    assert gone.status_code == 404
    assert await town.count(PASSKEYS) == 1
