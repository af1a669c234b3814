"""What happens between two communes, seen from both with a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio
from playwright.async_api import Browser, expect

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.moderation import actions as moderation
from fedcommune.domain.places import telling
from fedcommune.domain.places.model import Draft as PlaceDraft
from tests.browser.conftest import SAINT_LEU
from tests.browser.visitor import Visitor, visitor
from tests.support import communes
from tests.support.communes import Clock, Town, settle


@dataclass
class Two:
    """Two communes, and one person who looks at each."""

    here: Town
    there: Town
    at_home: Visitor
    next_door: Visitor

    async def settle(self) -> None:
        await settle([self.here, self.there])


@pytest_asyncio.fixture(loop_scope="session")
async def two(
    browser: Browser, database_url: str, second_database_url: str, clock: Clock
) -> AsyncIterator[Two]:
    async with (
        communes.together(
            communes.town("saint-leu", database_url, clock, commune=SAINT_LEU),
            communes.town("trois-bassins", second_database_url, clock),
        ) as (here, there),
        visitor(browser, here) as at_home,
        visitor(browser, there) as next_door,
    ):
        yield Two(here, there, at_home, next_door)


async def administrator(town: Town) -> Account:
    account = await town.citizen("simone")
    async with town.commune.database.transaction() as tx:
        return await moderation.give_role(tx, account, Role.ADMINISTRATOR)


async def test_one_joins_from_the_other_commune_waits_and_is_seen_on_both(two: Two) -> None:
    marie, jean = await two.here.citizen("marie"), await two.there.citizen("jean")
    await two.here.organisation(marie, "petanque")
    club = f"@petanque@{two.here.domain}"

    await two.next_door.be(jean)
    await two.next_door.open("/settings/links")
    await two.next_door.fill(handle=club, roles="trésorier", message="Je compte bien.")
    await two.next_door.press("Ask to take part")
    await two.next_door.sees("You have asked", "Petanque")
    await two.settle()

    await two.at_home.open("/@petanque")
    await two.at_home.misses("Jean")
    await two.at_home.be(marie)
    await two.at_home.open("/@petanque/people")
    await two.at_home.sees("Jean", "trésorier", "Je compte bien.")
    await two.at_home.press("Accept")
    await two.settle()

    await two.at_home.be(None)
    await two.at_home.open("/@petanque")
    await two.at_home.sees("Jean")
    await two.next_door.open("/settings/links")
    await two.next_door.sees("You take part", "Petanque")
    await two.next_door.be(None)
    await two.next_door.open("/@jean")
    await two.next_door.sees("Petanque")


async def test_whom_one_lists_next_door_agrees_first(two: Two) -> None:
    marie, jean = await two.here.citizen("marie"), await two.there.citizen("jean")
    await two.there.organisation(jean, "theatre")

    await two.at_home.be(marie)
    await two.at_home.open("/settings/lists")
    await two.at_home.fill(handle=f"@theatre@{two.there.domain}")
    await two.at_home.press("Add it")
    await two.at_home.sees("Theatre", "Waits for their consent")
    await two.settle()
    await two.at_home.open("/settings/lists")
    await two.at_home.sees("Theatre")
    await two.at_home.misses("Waits for their consent")
    await two.at_home.be(None)
    await two.at_home.open("/@marie")
    await two.at_home.sees("Theatre")


async def test_what_a_neighbour_tells_appears_marked_once_it_is_followed(two: Two) -> None:
    simone = await administrator(two.here)
    jean = await two.there.citizen("jean")
    await two.at_home.be(simone)
    await two.at_home.open("/directory")
    await two.at_home.follow("The communes around")
    await two.at_home.sees("Nobody yet.")
    await two.at_home.fill(domain=two.there.domain)
    await two.at_home.press("Follow", within=".form")
    await two.at_home.sees("has not answered yet")
    await two.settle()

    async with two.there.commune.database.transaction() as tx:
        await telling.tell(tx, jean, PlaceDraft("Lavoir des Hauts", -21.1, 55.3))
    await two.there.say(jean, "Bonjour des Hauts.")
    await two.settle()

    await two.at_home.open("/neighbours")
    await two.at_home.sees("1 place")
    await two.at_home.misses("has not answered yet")
    await two.at_home.be(None)
    await two.at_home.open("/directory?q=lavoir")
    await expect(two.at_home.main.locator(".found li")).to_contain_text("Trois-bassins")
    await two.at_home.follow("Lavoir des Hauts")
    await two.at_home.sees("a commune around")
    await two.at_home.open("/")
    said = two.at_home.main.locator(".post", has_text="Bonjour des Hauts.")
    await expect(said).to_contain_text(two.there.domain)
