"""A place: told of on the map or by its numbers, corrected, claimed, and spoken for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import pytest_asyncio
from playwright.async_api import expect

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.moderation import actions as moderation
from fedcommune.settings import CommuneSection
from tests.browser.visitor import Visitor
from tests.support import communes
from tests.support.communes import Clock, Town

MIDDLE: Final = (-21.17, 55.288)


@pytest_asyncio.fixture(loop_scope="session")
async def town(database_url: str, clock: Clock) -> AsyncIterator[Town]:
    """Saint-Leu, which knows where it is."""
    section = CommuneSection(
        insee="97413", postal_codes=("97436",), latitude=MIDDLE[0], longitude=MIDDLE[1]
    )
    async with communes.town("saint-leu", database_url, clock, commune=section) as running:
        yield running


async def point(visitor: Visitor) -> None:
    """Say where it is: on the map, or by its numbers where no script draws one."""
    if visitor.scripts:
        await visitor.main.locator("#map.alive").click(position={"x": 60, "y": 60})
        await expect(visitor.main.locator("#latitude")).not_to_have_value("")
        await expect(visitor.main.locator("#longitude")).not_to_have_value("")
    else:
        await visitor.unfold("Its coordinates")
        await visitor.fill(latitude=str(MIDDLE[0]), longitude=str(MIDDLE[1]))


async def test_a_shop_is_told_of_corrected_claimed_and_becomes_an_actor(
    town: Town, anybody: Visitor, marie: Account
) -> None:
    simone = await town.citizen("simone")
    async with town.commune.database.transaction() as tx:
        await moderation.give_role(tx, simone, Role.MODERATOR)

    await anybody.be(marie)
    await anybody.open("/directory")
    await anybody.follow("Tell of a place")
    await anybody.fill(name="Le Fournil", opening_hours="Mo-Su 00:00-24:00")
    await anybody.choose(kind="business")
    await point(anybody)
    await anybody.press("Tell of it")
    await anybody.sees("Le Fournil", "Open now")
    place = anybody.page.url

    await anybody.follow("Correct it")
    await anybody.fill(name="Le Fournil du port")
    await anybody.press("Correct it")
    await anybody.sees("Le Fournil du port", "1 correction")
    await anybody.unfold("1 correction")
    await anybody.sees("Le Fournil → Le Fournil du port")

    await anybody.open(place)
    await anybody.follow("It is mine")
    await anybody.fill(username="fournil")
    await anybody.tick("Otherwise: somebody here looks at it")
    await anybody.fill(message="Je suis derrière le comptoir.")
    await anybody.press("Send")
    await anybody.sees("Le Fournil du port")

    await anybody.be(simone)
    await anybody.open("/claims")
    await anybody.sees("Je suis derrière le comptoir.")
    await anybody.press("It is theirs")
    await anybody.is_at("/@fournil")

    await anybody.be(marie)
    await anybody.open("/directory?q=fournil")
    await anybody.sees("1 result")
    await anybody.follow("Le Fournil du port")
    await anybody.is_at("/@fournil")
    await anybody.follow("Change this page")
    await anybody.open(place)
    await anybody.sees("Somebody speaks for this place now")
