"""The library that Elk and Phanpy are written with: one journey a subject, in ``masto/``.

A new subject is a file there and a test here; ``ask`` in it calls what the test answers.
"""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser

from tests.browser.visitor import visitor
from tests.clients.journeys import of, walk
from tests.mastodon.conftest import App, Neighbours
from tests.support.browsers import PASSWORD, with_password


async def test_an_application_is_let_in_and_acts(
    neighbours: Neighbours, marie: App, browser: Browser
) -> None:
    await with_password(neighbours.here, marie.account)

    async with visitor(browser, neighbours.here) as person:

        async def code(address: Any) -> str:
            await person.open(address)
            if "/sign-in" in person.page.url:
                await person.fill(email="marie@mail.example", password=PASSWORD)
                await person.press("Sign in")
            await person.press("Allow")
            return await person.main.locator("code").inner_text()

        username = await walk("signing", {"code": code}, url=neighbours.here.origin)

    assert username == "marie"


async def test_statuses_are_written_answered_and_reacted_to(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    await walk("writing", {}, marie=of(neighbours.here, marie), paul=of(neighbours.here, paul))


async def test_timelines_are_read_page_by_page(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    await walk("timelines", {}, marie=of(neighbours.here, marie), paul=of(neighbours.here, paul))


async def test_somebody_of_another_commune_is_found_followed_and_talked_with(
    neighbours: Neighbours, marie: App
) -> None:
    far = await neighbours.app("paul", neighbours.there)

    async def settle(_nothing: Any) -> None:
        await neighbours.settle()

    await walk(
        "neighbours",
        {"settle": settle},
        marie=of(neighbours.here, marie),
        far=of(neighbours.there, far),
    )


async def test_one_reads_by_lists_filters_mutes_and_blocks(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    await walk("reading", {}, marie=of(neighbours.here, marie), paul=of(neighbours.here, paul))
