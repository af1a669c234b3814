"""Every page of the commune is usable by all: visitors, members, and who looks after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Response

from fedcommune.domain.accounts.model import Account
from tests.browser import walker
from tests.browser.conftest import SAINT_LEU
from tests.browser.inhabited import Inhabited
from tests.browser.visitor import visitor
from tests.support import browsers, communes
from tests.support.communes import Clock

# Pages that are there for those alone who look after the place, or what they made.
FOR_MODERATORS = {"/moderation", "/moderation/{number:str}"}
FOR_MARIE = {
    *("/@{username:str}/edit", "/@{username:str}/close", "/@{username:str}/people"),
    *("/projects/{username:str}/edit", "/needs/{post:str}/edit", "/classifieds/{post:str}/edit"),
    *("/posts/{post:str}/edit", "/posts/{post:str}/delete", "/events/{post:number}/edit"),
    *("/events/{post:number}/participants", "/recommend/{account:str}/answer/{post:str}"),
    *("/messages/{conversation:str}", "/claims/confirm", "/planned/{post:str}/edit"),
}


@pytest_asyncio.fixture(loop_scope="session")
async def world(
    database_url: str, second_database_url: str, clock: Clock
) -> AsyncIterator[Inhabited]:
    """Saint-Leu with one of everything, beside Trois-Bassins."""
    async with communes.together(
        communes.town("saint-leu", database_url, clock, commune=SAINT_LEU),
        communes.town("trois-bassins", second_database_url, clock),
    ) as (here, there):
        found = Inhabited(here, there)
        await found.fill()
        yield found


async def walk(
    browser: Browser, world: Inhabited, who: Account | None, refused: set[str]
) -> list[str]:
    """Let *who* go everywhere, and be refused paths and addresses; return what was wrong."""
    town = world.town
    wrong: list[str] = []
    shown: set[str] = set()
    async with (
        browsers.browser(town, **{"Accept-Language": "fr"}) as reader,
        visitor(browser, town, language="fr-FR") as person,
        visitor(browser, town, language="fr-FR", scripts=False) as scriptless,
    ):
        if who is not None:
            await reader.sign_in(who)
            for each in (person, scriptless):
                await each.be(who)
        for path in walker.paths(town):
            if path in walker.NO_PAGE:
                continue
            for address in world.addresses.get(path, (path,)):
                answer = await reader.open(address)
                where = f"{who.username if who else 'visitor'} {address}"
                expected = (403, 404) if refused & {path, address} else (200,)
                if answer.status_code not in expected:
                    wrong.append(f"{where}: {answer.status_code}")
                if (now := walker.told(answer.text)) in shown:
                    continue
                shown.add(now)
                for each in (person, scriptless) if "<script src" in answer.text else (person,):
                    await each.page.goto(address if "://" in address else f"{town.origin}{address}")
                    wrong += [f"{where}: {said}" for said in await each.wrongs()]
                    await each.photograph(where if each.scripts else f"{where} without scripts")
    return wrong


async def test_every_page_is_usable_by_all(browser: Browser, world: Inhabited) -> None:
    known = set(walker.paths(world.town))
    forgotten = {path for path in known - set(walker.NO_PAGE) - set(world.addresses) if "{" in path}
    assert forgotten == set(), "say where such a page is seen, or why it is none"
    assert set(world.addresses) | set(walker.NO_PAGE) <= known

    found = await asyncio.gather(
        walk(browser, world, None, set()),
        walk(browser, world, world.marie, FOR_MODERATORS),
        walk(browser, world, world.simone, FOR_MARIE | world.of_marie),
    )

    wrong = [*found[0], *found[1], *found[2]]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("path", "most"), [("/", 150_000), ("/map", 400_000)])
async def test_what_a_page_loads_is_light(
    browser: Browser, world: Inhabited, path: str, most: int
) -> None:
    """Uncompressed, with all that belongs to it but the tiles of the map."""
    loaded: list[Response] = []
    async with visitor(browser, world.town) as person:
        person.page.on("response", lambda answer: loaded.append(answer))
        await person.page.goto(f"{world.town.origin}{path}", wait_until="networkidle")
        weights = {each.url: len(await each.body()) for each in loaded if "/tiles/" not in each.url}

    assert f"{world.town.origin}/static/commune.css" in " ".join(weights)
    assert sum(weights.values()) < most, weights
