"""Opening an account with a browser: two fields, a name, a letter."""

from __future__ import annotations

import json

from playwright.async_api import Browser, expect

from fedcommune.settings import RegistrationSection
from tests.browser.conftest import SAINT_LEU, Letters
from tests.browser.visitor import Visitor, visitor
from tests.support import communes
from tests.support.browsers import PASSWORD
from tests.support.communes import Clock, Town
from tests.support.evil import EvilServer

AGREED = "I am 15 or older"


async def say_who(visitor: Visitor, username: str = "marie") -> None:
    await visitor.sees("Who are you?")
    await visitor.fill(name="Marie Payet", username=username, password=PASSWORD)
    await visitor.tick(AGREED)
    await visitor.press("Open my account")


async def test_two_fields_a_name_and_a_letter_open_an_account(
    town: Town, anybody: Visitor, letters: Letters
) -> None:
    await anybody.open("/")
    await anybody.follow("Open an account")
    # Beside them stands one that nobody sees, for robots.
    assert await anybody.main.locator(".field input").count() == 2
    await anybody.fill(email="marie@mail.example", postal_code="97436")
    await anybody.press("Go on")
    await say_who(anybody)
    await anybody.sees("Look at your letters", "marie@mail.example")

    await anybody.open(await letters.link("confirm"))
    await anybody.press("Confirm this address")
    await anybody.is_at("/welcome")
    await anybody.sees("Marie Payet")
    await anybody.open("/@marie")
    await anybody.sees("Marie Payet", f"@marie@{town.domain}")


async def test_an_account_is_opened_with_the_keyboard_alone(town: Town, person: Visitor) -> None:
    keyboard, page = person.page.keyboard, person.page

    async def tab_to(name: str) -> None:
        for _ in range(20):
            await keyboard.press("Tab")
            if await page.evaluate("document.activeElement.name || ''") == name:
                # Where one is must be seen.
                outline = await page.evaluate("getComputedStyle(document.activeElement).outline")
                assert "solid" in outline
                return
        raise AssertionError(f"{name} is not reached")

    await person.open("/sign-up")
    await keyboard.press("Tab")
    await expect(page.get_by_text("Skip to the content")).to_be_in_viewport()
    await keyboard.press("Enter")
    await tab_to("email")
    await keyboard.type("marie@mail.example")
    await tab_to("postal_code")
    await keyboard.type("97436")
    await keyboard.press("Enter")
    await person.sees("Who are you?")
    await tab_to("name")
    await keyboard.type("Marie")
    await tab_to("username")
    await keyboard.type("marie")
    await tab_to("password")
    await keyboard.type(PASSWORD)
    await tab_to("agree")
    await keyboard.press("Space")
    await keyboard.press("Enter")
    await person.sees("Look at your letters")
    assert await town.count("commune.citizen") == 1


async def test_what_must_be_corrected_is_said_and_what_was_typed_is_kept(
    town: Town, anybody: Visitor
) -> None:
    await anybody.open("/sign-up")
    await anybody.fill(email="marie@mail.example", postal_code="97436")
    await anybody.press("Go on")
    await anybody.fill(name="Marie", username="admin", password=PASSWORD)
    await anybody.tick(AGREED)
    await anybody.press("Open my account")

    await expect(anybody.page.get_by_role("alert")).to_contain_text("kept for the server")
    await expect(anybody.page.get_by_label("Short name")).to_be_focused()
    await expect(anybody.page.get_by_label("Short name")).to_have_value("admin")
    assert await town.count("commune.citizen") == 0


async def choose(person: Visitor) -> None:
    await person.open("/sign-up")
    await person.fill(email="marie@mail.example", postal_code="97424")
    await person.press("Go on")
    await person.sees("Where do you live?")


async def test_the_communes_of_a_code_are_a_choice_and_a_neighbour_is_led_to(
    browser: Browser, database_url: str, second_database_url: str, clock: Clock
) -> None:
    told = [
        {"nom": name, "code": code, "codesPostaux": ["97424"]}
        for name, code in (
            *(("Saint-Leu", "97413"), ("Trois-Bassins", "97423"), ("Cilaos", "97424")),
        )
    ]
    async with EvilServer() as api:
        api.says(
            "/communes?codePostal=97424&fields=nom,code,codesPostaux,codeEpci,centre",
            json.dumps(told).encode(),
            content_type="application/json",
        )
        registration = RegistrationSection(geo_api=api.url("127.0.0.1", "").rstrip("/"))
        async with (
            communes.town(
                "saint-leu", database_url, clock, commune=SAINT_LEU, registration=registration
            ) as here,
            communes.town("trois-bassins", second_database_url, clock) as there,
            visitor(browser, here) as person,
        ):
            actor = await here.find(f"@{there.commune.instance.host}@{there.domain}")
            await here.commune.database.pool.execute(
                "update commune.account set territory = '97423' where id = $1", actor.id
            )
            await choose(person)
            await person.sees("I live in Saint-leu", "Cilaos", "At our neighbours'")
            await person.press("Cilaos")
            await person.sees("You join as a friend of Saint-leu")
            await choose(person)
            await person.press("I live in Saint-leu")
            await person.sees("Who are you?")
            await choose(person)
            person.town = there
            await person.follow("Trois-bassins")
            await expect(person.page).to_have_url(f"{there.origin}/sign-up?postal_code=97424")
            await expect(person.page.get_by_label("Postal code")).to_have_value("97424")


async def test_a_code_from_elsewhere_joins_as_a_friend(
    town: Town, anybody: Visitor, letters: Letters
) -> None:
    await anybody.open("/sign-up")
    await anybody.fill(email="marie@mail.example", postal_code="75011")
    await anybody.press("Go on")
    await anybody.sees("75011 is not a postal code of Saint-leu")
    await anybody.press("Join as a friend of Saint-leu")
    await say_who(anybody)
    await anybody.open(await letters.link("confirm"))
    await anybody.press("Confirm this address")

    await anybody.is_at("/welcome")
    assert await town.commune.database.pool.fetchval("select friend from commune.citizen")
