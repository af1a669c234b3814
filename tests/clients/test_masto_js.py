"""The library that Elk and Phanpy are written with: one journey a subject, in ``masto/``.

A new subject is a file there and a test here; ``ask`` in it calls what the test answers.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser

from fedcommune.domain.announcements import actions as announcements
from fedcommune.domain.announcements.model import Span
from tests.browser.visitor import visitor
from tests.clients.journeys import Answer, of, walk
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.moderating import moderator
from tests.mastodon.pushed import Phone
from tests.support import pictures
from tests.support.browsers import PASSWORD, with_password
from tests.support.evil import EvilServer


def settling(neighbours: Neighbours) -> dict[str, Answer]:
    """Return what a journey may ask of both communes: to settle, or to be a day later."""

    async def settle(_nothing: Any) -> None:
        await neighbours.settle()

    async def later(_nothing: Any) -> None:
        neighbours.clock.pass_by(hours=25)
        for town in (neighbours.here, neighbours.there):
            while await town.commune.schedule.step():
                pass
        await neighbours.settle()

    async def tomorrow(_nothing: Any) -> str:
        return (neighbours.clock() + timedelta(hours=24)).isoformat()

    return {"settle": settle, "later": later, "tomorrow": tomorrow}


async def next_door(neighbours: Neighbours, marie: App) -> App:
    """Return somebody of Trois-Bassins who follows *marie*."""
    far = await neighbours.app("zoe", neighbours.there)
    known = await neighbours.there.meet(marie.account)
    await far.http.post(f"/api/v1/accounts/{known.id}/follow")
    await neighbours.settle()
    return far


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
    await walk(
        "neighbours",
        settling(neighbours),
        marie=of(neighbours.here, marie),
        far=of(neighbours.there, far),
    )


async def test_one_reads_by_lists_filters_mutes_and_blocks(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    await walk("reading", {}, marie=of(neighbours.here, marie), paul=of(neighbours.here, paul))


async def test_a_picture_is_sent_described_and_seen_from_next_door(
    neighbours: Neighbours, marie: App
) -> None:
    far = await next_door(neighbours, marie)

    async def picture(_nothing: Any) -> str:
        return base64.b64encode(pictures.png()).decode()

    await walk(
        "pictures",
        {**settling(neighbours), "picture": picture},
        marie=of(neighbours.here, marie),
        far=of(neighbours.there, far),
    )


async def test_one_asks_quotes_and_plans(neighbours: Neighbours, marie: App) -> None:
    far = await next_door(neighbours, marie)
    await walk(
        "asking",
        settling(neighbours),
        marie=of(neighbours.here, marie),
        far=of(neighbours.there, far),
    )


@pytest.mark.usefixtures("hearing")
async def test_what_happens_is_told_at_once_and_pushed(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    async with EvilServer() as server:
        phone = Phone(server)

        async def pushed(_nothing: Any) -> Any:
            while await neighbours.here.commune.pusher.step():
                pass
            (asked,) = phone.received
            return phone.read(asked)

        await walk(
            "live",
            {"pushed": pushed},
            marie=of(neighbours.here, marie),
            paul=of(neighbours.here, paul),
            subscription=phone.wishes()["subscription"],
        )


async def test_people_are_recommended_and_the_commune_announces(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    async with neighbours.here.commune.database.transaction() as tx:
        await announcements.announce(tx, "Coupure d'eau", Span())

    async def agree(ids: list[str]) -> None:
        path = f"/api/v1/collections/{ids[0]}/items/{ids[1]}/accept"
        assert (await paul.http.post(path)).status_code == 200

    await walk(
        "gathering",
        {"agree": agree},
        marie=of(neighbours.here, marie),
        paul=of(neighbours.here, paul),
    )


async def test_a_moderator_looks_into_a_report(neighbours: Neighbours, marie: App) -> None:
    here = neighbours.here
    paul, simone = await neighbours.app("paul"), await moderator(neighbours)
    await walk(
        "moderating", {}, marie=of(here, marie), paul=of(here, paul), simone=of(here, simone)
    )
