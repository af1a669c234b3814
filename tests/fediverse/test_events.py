"""Events between two communes over real HTTP: announced, joined, full, put off, called off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import announcing, answers, importing, joining, mailing
from fedcommune.domain.events.model import Announcement, State
from fedcommune.domain.events.queries import agenda
from fedcommune.domain.events.queries import people as taking
from fedcommune.domain.events.queries.agenda import Line, Wanted
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.notifications import queries as notifications
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Event, Occasion
from federation.network import fetch
from tests.fediverse.conftest import Neighbours
from tests.support import browsers
from tests.support.communes import Town
from tests.support.evil import EvilServer

pytestmark = pytest.mark.parametrize("way", [0, 1], ids=["there", "and back"])


async def announce(town: Town, by: Account, **more: Any) -> Post:
    start = town.commune.database.clock().replace(microsecond=0) + timedelta(days=3)
    said: dict[str, Any] = {
        "name": "Marché de nuit",
        "starts_at": start,
        "ends_at": start + timedelta(hours=4),
        "zone": "Indian/Reunion",
        "place_name": "Front de mer",
        "latitude": -21.0,
        "longitude": 55.3,
    }
    async with town.commune.database.transaction() as tx:
        return await announcing.announce(
            tx, by, Announcement(Occasion(**{**said, **more}), "Musique maloya.")
        )


async def follow(neighbours: Neighbours, here: Town, us: Account, name: str, there: Town) -> None:
    target = await here.find(f"@{name}@{there.domain}")
    async with here.commune.database.transaction() as tx:
        await follows.follow(tx, us, target)
    await neighbours.settle()


async def known(town: Town, post: Post) -> Event:
    stored = await town.seen(post)
    for line in await lines(town):
        if line.event.post_id == stored.id:
            return line.event
    raise AssertionError(f"{post.object_id} is not in the agenda of {town.domain}")


async def lines(town: Town) -> list[Line]:
    return await agenda.listed(town.commune.database.pool, Wanted())


async def told(town: Town, account: Account) -> list[str]:
    found = await notifications.page(town.commune.database.pool, account.id)
    return [str(each.kind) for each in found]


async def test_a_person_s_event_reaches_the_neighbours_by_the_agenda(
    neighbours: Neighbours, way: int
) -> None:
    here, there = neighbours.both_ways()[way]
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    await follow(neighbours, there, jean, "agenda", here)

    post = await announce(here, marie, capacity=20, price="Entrée libre")
    await neighbours.settle()

    event = await known(there, post)
    assert (event.name, event.zone, event.capacity) == ("Marché de nuit", "Indian/Reunion", 20)
    assert event.where == "Front de mer"
    assert (event.latitude, event.longitude) == (-21.0, 55.3)
    assert event.description.strip() == "<p>Musique maloya.</p>"
    async with browsers.browser(there) as browser:
        page = await browser.open("/agenda")
        assert "Marché de nuit" in page.text
        assert here.commune.instance.name in page.text
        shown = await browser.open(f"/events/{event.post_id}")
        assert "At the neighbours" in shown.text
        assert f"/events/{event.post_id}/mail" not in shown.text


async def test_one_of_ours_joins_there_and_is_answered(neighbours: Neighbours, way: int) -> None:
    """W-EVT-03."""
    here, there = neighbours.both_ways()[way]
    marie, jean, zoe = [
        await here.citizen("marie"),
        await there.citizen("jean"),
        await there.citizen("zoe"),
    ]
    await follow(neighbours, there, jean, "agenda", here)
    post = await announce(here, marie, capacity=1)
    await neighbours.settle()
    theirs = await there.seen(post)

    async with there.commune.database.transaction() as tx:
        asked = await joining.join(tx, jean, theirs.id, message="Avec plaisir")
    assert asked.state is State.PENDING
    await neighbours.settle()

    one = await taking.of_account(there.commune.database.pool, theirs.id, jean.id)
    assert one is not None
    assert one.state is State.ACCEPTED
    assert "event_answer" in await told(there, jean)
    assert "event_joined" in await told(here, marie)
    assert (await known(there, post)).participants == 1
    assert (await known(there, post)).room == 0

    async with there.commune.database.transaction() as tx:
        with pytest.raises(joining.FullError):
            await joining.join(tx, zoe, theirs.id)
    async with there.commune.database.transaction() as tx:
        await joining.leave(tx, jean, theirs.id)
    await neighbours.settle()
    assert (await known(here, post)).participants == 0
    assert (await known(there, post)).room == 1


async def test_words_join_and_a_like_answers(neighbours: Neighbours, way: int) -> None:
    here, there = neighbours.both_ways()[way]
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    await follow(neighbours, there, jean, "agenda", here)
    post = await announce(here, marie)
    await neighbours.settle()

    answer = await there.say(jean, "J'y serai avec des chaises", to=await there.seen(post))
    await neighbours.settle()

    (one,) = await taking.of_event(here.commune.database.pool, post.id)
    assert (one.state, one.way) == (State.ACCEPTED, "reply")
    liked = await there.stored(answer)
    assert liked is not None
    assert liked.likes_count == 1
    async with there.commune.database.transaction() as tx:
        # The app's own door asks by a Join as well: nobody comes twice.
        await answers.heed(tx, jean, answer)
    await neighbours.settle()
    assert (await known(here, post)).participants == 1


async def test_called_off_here_is_called_off_there_and_people_know(
    neighbours: Neighbours, way: int
) -> None:
    here, there = neighbours.both_ways()[way]
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    await follow(neighbours, there, jean, "agenda", here)
    post = await announce(here, marie)
    await neighbours.settle()
    async with there.commune.database.transaction() as tx:
        await joining.join(tx, jean, (await there.seen(post)).id)
    await neighbours.settle()

    async with here.commune.database.transaction() as tx:
        await announcing.cancel(tx, marie, post.id, reason="Cyclone")
    await neighbours.settle()

    assert (await known(there, post)).status == "cancelled"
    assert "event_update" in await told(there, jean)

    async with here.commune.database.transaction() as tx:
        await announcing.remove(tx, marie, post.id)
    await neighbours.settle()
    assert await lines(there) == []


async def test_collections_say_what_is_next_and_how_many_come(
    neighbours: Neighbours, way: int
) -> None:
    """FEP-8a8e, W-EVT-03, W-EVT-04."""
    here, there = neighbours.both_ways()[way]
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    troupe = await here.organisation(marie, "theatre")
    later = await announce(here, troupe, name="Première")
    sooner = await announce(here, troupe, starts_at=later_than_now(here), ends_at=None)
    async with here.commune.database.transaction() as tx:
        await joining.join(tx, marie, sooner.id)

    async def asked(address: str) -> dict[str, Any]:
        signer = await there.commune.signer()
        return await fetch.document(there.commune.client, address, signer=signer)

    actor = await asked(troupe.actor_id)
    upcoming = await asked(actor["upcomingEvents"])
    assert upcoming["orderedItems"] == [sooner.object_id, later.object_id]
    attendees = await asked(f"{sooner.object_id}/attendees")
    assert (attendees["totalItems"], "items" in attendees) == (1, False)
    organizers = await asked(f"{sooner.object_id}/organizers")
    assert organizers["items"] == [troupe.actor_id]
    everything = await asked(f"{here.origin}/actor/events")
    assert len(everything["orderedItems"]) == 2
    assert "upcomingEvents" not in await asked(marie.actor_id)
    assert jean.local


def later_than_now(town: Town) -> datetime:
    return town.commune.database.clock().replace(microsecond=0) + timedelta(days=1)


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//t//t//FR
BEGIN:VEVENT
UID:premiere@theatre.example
DTSTART;TZID=Indian/Reunion:{day:%Y%m%d}T200000
DURATION:PT2H
SUMMARY:La première{status}
END:VEVENT
END:VCALENDAR
"""


def serve(server: EvilServer, day: datetime, status: str) -> None:
    text = CALENDAR.format(day=day, status=status).replace("\n", "\r\n")
    server.says("/agenda.ics", text.encode(), content_type="text/calendar")


async def test_scenario_5(neighbours: Neighbours, way: int) -> None:
    """The association's calendar is read twice: no duplicates; one is called off: the peer
    shows it, and who comes by e-mail gets a letter."""
    here, there = neighbours.both_ways()[way]
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    troupe = await here.organisation(marie, "theatre")
    await follow(neighbours, there, jean, "theatre", here)
    day = here.commune.database.clock() + timedelta(days=20)

    async with EvilServer() as server:
        serve(server, day, "")
        async with here.commune.database.transaction() as tx:
            source = await importing.add(tx, troupe, server.url("theatre.localhost", "/agenda.ics"))
        first = await here.commune.calendars.pull(source.id)
        second = await here.commune.calendars.pull(source.id)
        await neighbours.settle()
        assert first is not None
        assert second is not None
        assert (first.added, second.added, second.skipped) == (1, 0, 1), (first, second)
        (line,) = await lines(there)
        async with here.commune.database.transaction() as tx:
            post_id = (await lines(here))[0].event.post_id
            await mailing.ask(tx, post_id, "lea@mail.example", "Léa", "fr")
        letter = await browsers.letter(here, "event_confirm")
        async with here.commune.database.transaction() as tx:
            await mailing.confirm(tx, post_id, letter.link.rpartition("=")[2])

        serve(server, day, "\nSTATUS:CANCELLED")
        third = await here.commune.calendars.pull(source.id)
        await neighbours.settle()

    assert third is not None
    assert third.cancelled == 1
    (line,) = await lines(there)
    assert line.event.status == "cancelled"
    letter = await browsers.letter(here, "event_changed")
    assert letter.recipient == "lea@mail.example"
    assert "Annulé." in letter.text


async def test_what_asks_for_no_answer_and_is_online_arrives_as_it_is(
    neighbours: Neighbours, way: int
) -> None:
    """Mobilizon reads other words for it (cm:joinMode, VirtualLocation)."""
    here, there = neighbours.both_ways()[way]
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    await follow(neighbours, there, jean, "agenda", here)
    nowhere = {"place_name": "", "latitude": None, "longitude": None}

    post = await announce(
        here, marie, join_mode="none", online_url="https://visio.example/1", **nowhere
    )
    await neighbours.settle()

    event = await known(there, post)
    assert (event.join_mode, event.online_url, event.website, event.where) == (
        "none",
        "https://visio.example/1",
        None,
        "",
    )
