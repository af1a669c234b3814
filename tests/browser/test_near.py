"""What is near: asked of the browser by who wants it, and by an address without scripts."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.classifieds import actions as classifieds
from fedcommune.domain.classifieds.model import Draft as Offer
from fedcommune.domain.places import actions as places
from fedcommune.domain.places.model import Draft
from tests.browser.visitor import Visitor, visitor
from tests.support.communes import Town

HERE = {"latitude": -21.17, "longitude": 55.288}


async def stand(town: Town, who: Visitor, **where: float) -> None:
    """Let the browser know where it is, and its person agree to tell it."""
    await who.page.context.grant_permissions(["geolocation"], origin=town.origin)
    there = {**HERE, **where}
    await who.page.context.set_geolocation(
        {"latitude": there["latitude"], "longitude": there["longitude"]}
    )


@pytest_asyncio.fixture(loop_scope="session")
async def around(town: Town, marie: Account) -> None:
    """A bench and a wheelbarrow, close by."""
    async with town.commune.database.transaction() as tx:
        commune = await accounts.by_actor_id(tx.db, tx.instance.actor)
        assert commune is not None
        await places.add(tx, commune, Draft("Banc du lagon", -21.171, 55.288))
        offered = Offer("Donne une brouette", latitude=-21.171, longitude=55.288)
        await classifieds.publish(tx, marie, offered)


@pytest.mark.usefixtures("around")
@pytest.mark.parametrize(
    ("path", "found"), [("/directory", "Banc du lagon"), ("/classifieds", "Donne une brouette")]
)
async def test_near_me_is_one_button_that_asks_the_browser(
    town: Town, person: Visitor, path: str, found: str
) -> None:
    await stand(town, person)
    await person.open(path)
    await person.page.locator("details.where > summary").click()

    await person.press("Near me")

    assert "lat=-21.17&lon=55.288" in person.page.url.replace("-21.1700", "-21.17").replace(
        "55.2880", "55.288"
    )
    await person.sees(found, "Around the point that was chosen")
    await stand(town, person, latitude=48.85)
    await person.press("Near me")
    assert found not in await person.main.inner_text()
    await person.follow("Look everywhere")
    await person.sees(found)


async def test_who_does_not_want_to_tell_where_they_are_types_an_address(
    town: Town, person: Visitor
) -> None:
    await person.page.context.clear_permissions()
    await person.open("/directory")
    await person.page.locator("details.where > summary").click()

    await person.page.get_by_role("button", name="Near me").click()

    await expect(person.page.locator("#near")).to_be_focused()
    assert "lat=" not in person.page.url


async def test_without_scripts_there_is_an_address_and_no_dead_button(
    town: Town, browser: Browser
) -> None:
    async with visitor(browser, town, scripts=False) as person:
        for path in ("/directory", "/classifieds"):
            await person.open(path)
            await person.page.locator("details.where > summary").click()
            assert await person.page.locator("#near").is_visible()
            assert not await person.page.locator("[data-near-me]").is_visible()
