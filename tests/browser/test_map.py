"""The directory and the map: words, kinds, addresses; the same in both; without tiles, by keys."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.places import actions as places
from fedcommune.domain.places.model import Draft
from fedcommune.settings import MapSection
from tests.browser.visitor import Visitor, visitor
from tests.support import communes
from tests.support.communes import Clock, Town
from tests.support.evil import EvilServer
from tests.web.test_directory import ASKED, HERE, LAGON, SAINT_LEU


@dataclass
class Around:
    """A commune that asks a base of addresses, and people who look around."""

    town: Town
    anybody: Visitor


async def tell(town: Town, name: str, north: float = 0.0, **more: Any) -> None:
    """Let the commune tell of a place *north* degrees from its middle."""
    async with town.commune.database.transaction() as tx:
        voice = await accounts.by_actor_id(tx.db, tx.instance.actor)
        assert voice is not None
        await places.add(tx, voice, Draft(name, HERE[0] + north, HERE[1], **more))


@pytest_asyncio.fixture(loop_scope="session", params=[True, False], ids=["scripts", "no_scripts"])
async def around(
    browser: Browser, database_url: str, clock: Clock, request: pytest.FixtureRequest
) -> AsyncIterator[Around]:
    async with EvilServer() as base:
        base.says(ASKED, LAGON, content_type="application/json")
        asking = MapSection(tiles="", address_api=base.url("127.0.0.1", "").rstrip("/"))
        async with (
            communes.town("saint-leu", database_url, clock, commune=SAINT_LEU, map_=asking) as town,
            visitor(browser, town, scripts=request.param) as anybody,
        ):
            yield Around(town, anybody)


async def test_one_finds_by_words_kinds_and_addresses_and_sees_the_same_on_the_map(
    around: Around,
) -> None:
    town, anybody = around.town, around.anybody
    await tell(town, "Boîte à livres", 0.001, category="sharedLibrary")
    await tell(town, "Le Fournil", 0.002, kind="business")
    await tell(town, "Loin d'ici", 0.2)

    await anybody.open("/directory")
    await expect(anybody.main.locator(".found li")).to_have_count(3)
    await anybody.fill(q="boite")
    await anybody.press("Search")
    await expect(anybody.main.locator(".found li")).to_have_text([re.compile("Boîte à livres")])
    await anybody.open("/directory")
    await anybody.page.locator(".chip.business").click()
    await anybody.press("Search")
    await expect(anybody.main.locator(".found li")).to_have_text([re.compile("Le Fournil")])

    await anybody.open("/directory")
    await anybody.unfold("Where, and how")
    await anybody.fill(near="12 rue du Lagon")
    await anybody.press("Search")
    await anybody.sees("Around 12 Rue du Lagon 97436 Saint-Leu")
    near = [re.compile("Boîte à livres"), re.compile("Le Fournil")]
    await expect(anybody.main.locator(".found li")).to_have_text(near)
    await anybody.page.locator(".tabs").get_by_role("link", name="Map").click()
    await expect(anybody.main.locator(".found li")).to_have_text(near)
    marks = "#map .leaflet-marker-icon" if anybody.scripts else "#map svg a"
    await expect(anybody.main.locator(marks)).to_have_count(2)


async def test_the_map_is_useful_without_tiles_and_with_the_keyboard_alone(around: Around) -> None:
    anybody = around.anybody
    await tell(around.town, "Boîte à livres")
    await anybody.open("/map")
    marks = "#map .leaflet-marker-icon" if anybody.scripts else "#map svg a"
    await expect(anybody.main.locator(marks)).to_have_count(1)

    for _ in range(60):
        await anybody.page.keyboard.press("Tab")
        if await anybody.page.evaluate("marks => document.activeElement.matches(marks)", marks):
            break
    else:
        raise AssertionError("no mark is reached")
    await anybody.page.keyboard.press("Enter")
    if anybody.scripts:
        popup, mark = anybody.page.locator(".leaflet-popup"), anybody.page.locator(marks)
        await expect(popup.get_by_role("link", name="Boîte à livres")).to_be_focused()
        await anybody.page.keyboard.press("Escape")
        await expect(popup).to_have_count(0)
        await expect(mark).to_be_focused()
        await anybody.page.keyboard.press("Enter")
        await expect(popup.get_by_role("link", name="Boîte à livres")).to_be_focused()
        await anybody.page.keyboard.press("Enter")
    await expect(anybody.page).to_have_title(re.compile("Boîte à livres"))
