"""Signing in with a browser: a password, a second step, a passkey, a letter; and recovering."""

from __future__ import annotations

import re

import pyotp
from playwright.async_api import expect

from fedcommune.domain.accounts.model import Account
from tests.browser.conftest import Letters, sign_in
from tests.browser.visitor import Visitor
from tests.support.browsers import PASSWORD
from tests.support.communes import Clock, Town

NEW = "trois tortues traversent"


async def sign_out(visitor: Visitor) -> None:
    await visitor.open("/settings")
    await visitor.press("Sign out")
    await visitor.is_at("/")


async def ask_device(visitor: Visitor, words: str) -> None:
    """Press a button that sends its form only once the device has answered."""
    await visitor.page.get_by_role("button", name=words).click()


async def test_a_wrong_password_is_said_and_the_right_one_lets_in(
    town: Town, anybody: Visitor, marie: Account
) -> None:
    await anybody.open("/settings")
    await anybody.is_at("/sign-in")
    await anybody.fill(email="marie@mail.example", password="not this one at all")
    await anybody.press("Sign in")
    await expect(anybody.page.get_by_role("alert")).to_contain_text("is wrong")
    assert await town.count("commune.session") == 0

    await anybody.fill(password=PASSWORD)
    await anybody.press("Sign in")
    await anybody.is_at("/settings")
    await anybody.sees("Marie")
    await sign_out(anybody)
    assert await town.count("commune.session") == 0


async def test_sec_aut_02_a_second_step_is_turned_on_and_asked_for(
    anybody: Visitor, marie: Account, clock: Clock
) -> None:
    def now() -> str:
        return pyotp.TOTP(secret).generate_otp(int(clock().timestamp()) // 30)

    await sign_in(anybody)
    await anybody.follow("Second step")
    await anybody.fill(password=PASSWORD)
    await anybody.press("Begin")
    secret = re.sub(r"\s", "", await anybody.main.locator("code").inner_text())
    clock.pass_by(seconds=31 - clock().timestamp() % 30)
    await anybody.fill(code=now())
    await anybody.press("Turn it on")
    await anybody.sees("Recovery codes")
    codes = await anybody.main.locator("code").all_inner_texts()
    assert len(codes) == 10
    await anybody.follow("I have them")
    await sign_out(anybody)

    clock.pass_by(seconds=30)
    await sign_in(anybody)
    await anybody.sees("One more step")
    await anybody.fill(code="000000")
    await anybody.press("Go on")
    await expect(anybody.page.get_by_role("alert")).to_contain_text("This code is wrong")
    await anybody.fill(code=now())
    await anybody.press("Go on")
    await anybody.is_at("/settings")
    await sign_out(anybody)

    await sign_in(anybody)
    await anybody.fill(code=codes[0])
    await anybody.press("Go on")
    await anybody.sees("On, 9 recovery codes left")
    await anybody.follow("Second step")
    clock.pass_by(seconds=30)
    await anybody.fill(password=PASSWORD, code=now())
    await anybody.press("Turn it off")
    await anybody.open("/settings")
    await anybody.sees("Off")


async def test_sec_aut_02_a_passkey_is_added_and_signs_in(
    town: Town, person: Visitor, marie: Account
) -> None:
    device = await person.page.context.new_cdp_session(person.page)
    await device.send("WebAuthn.enable")
    await device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    await sign_in(person)
    await person.follow("Passkeys")
    await person.fill(name="Telephone", password=PASSWORD)
    await ask_device(person, "Add a passkey")
    await person.sees("Telephone")
    await person.page.wait_for_load_state()
    await person.look()
    assert await town.count("commune.passkey") == 1
    await sign_out(person)

    await person.open("/sign-in?return_to=/settings/passkeys")
    await person.follow("Sign in with a passkey")
    await ask_device(person, "Use my passkey")
    await person.is_at("/settings/passkeys")
    await person.sees("Telephone", "last used")
    await person.press("Remove : Telephone")
    await expect(person.main).not_to_contain_text("last used")
    assert await town.count("commune.passkey") == 0


async def test_a_passkey_without_scripts_is_explained(anybody: Visitor, marie: Account) -> None:
    await anybody.open("/sign-in/passkey")

    explained = anybody.page.get_by_text("This needs a recent browser with scripts.")
    await expect(explained).to_be_visible(visible=not anybody.scripts)
    await anybody.follow("Back")
    await anybody.is_at("/sign-in")


async def test_sec_aut_04_a_forgotten_password_is_replaced_by_a_letter(
    town: Town, anybody: Visitor, marie: Account, letters: Letters
) -> None:
    await anybody.open("/sign-in")
    await anybody.follow("I forgot my password")
    await anybody.fill(email="marie@mail.example")
    await anybody.press("Send the letter")
    await anybody.sees("Look at your letters")
    link = await letters.link("reset")
    await anybody.open(link)
    await anybody.fill(password=NEW)
    await anybody.press("Keep it")
    await anybody.sees("Your password is changed")
    await anybody.follow("Sign in")
    await anybody.fill(email="marie@mail.example", password=NEW)
    await anybody.press("Sign in")
    await anybody.is_at("/settings")

    await anybody.open(link)
    await anybody.sees("This link is worth nothing any more")


async def test_a_link_in_a_letter_signs_in_once(
    anybody: Visitor, marie: Account, letters: Letters
) -> None:
    await anybody.open("/sign-in/letter")
    await anybody.fill(email="marie@mail.example")
    await anybody.press("Send the letter")
    await anybody.open(await letters.link("sign_in"))
    await anybody.press("Sign in")

    await anybody.is_at("/settings")
