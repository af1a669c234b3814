"""Collections of the commune's things: places, needs, times of a series; and what leaves them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fedcommune.domain.citizens import actions as citizens
from fedcommune.domain.classifieds import actions as classifieds
from fedcommune.domain.classifieds.model import Need
from fedcommune.domain.events.actions import announcing, departing, joining
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.events.queries import agenda
from fedcommune.domain.events.queries.agenda import Wanted
from fedcommune.domain.moderation import actions as moderation
from fedcommune.domain.places import actions as places
from fedcommune.domain.places.model import Draft as PlaceDraft
from fedcommune.domain.posts.occasions import Occasion
from tests.fediverse.asking import ask, document, walk
from tests.fediverse.conftest import Neighbours
from tests.fediverse.test_events import announce, follow, known, lines
from tests.support import browsers
from tests.support.communes import Town


async def test_product_8_4_the_commune_lists_all_places_that_are_told_here(
    neighbours: Neighbours,
) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    troupe = await here.organisation(marie, "theatre")
    made = []
    for by, name in ((marie, "Boîte à livres"), (troupe, "Salle"), (marie, "Compost")):
        async with here.commune.database.transaction() as tx:
            made.append(await places.add(tx, by, PlaceDraft(name, -21.17, 55.29)))
    async with here.commune.database.transaction() as tx:
        await places.remove(tx, marie, made[2].id)

    commune = await document(here, here.commune.instance.actor)

    assert await walk(here, commune["cm:places"]) == [each.object_id for each in made[:2]]
    assert (await document(here, commune["cm:places"]))["totalItems"] == 2
    assert (await document(here, made[1].object_id))["attributedTo"] == troupe.actor_id
    assert (await ask(here, f"{troupe.actor_id}/places")).status_code == 404


async def test_product_8_2_a_project_lists_what_it_needs_now(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    garden = await here.project(marie, "jardin")
    async with here.commune.database.transaction() as tx:
        met = await classifieds.need(tx, garden, Need("Une remorque"))
        await classifieds.conclude(tx, garden, met.id)
    async with here.commune.database.transaction() as tx:
        need = await classifieds.need(tx, garden, Need("Des bras", helpers=2))

    project = await document(here, garden.actor_id)

    assert await walk(here, project["cm:needs"]) == [need.object_id]
    assert (await document(here, project["cm:needs"]))["totalItems"] == 1
    assert "cm:needs" not in await document(here, marie.actor_id)
    assert (await ask(here, f"{marie.actor_id}/needs")).status_code == 404


async def series(town: Town) -> tuple[str, list[str]]:
    """Announce what takes place each week; return the collection and the ids of its times."""
    marie = await town.citizen("marie")
    troupe = await town.organisation(marie, "theatre")
    start = town.commune.database.clock().replace(microsecond=0) + timedelta(days=3)
    occasion = Occasion(name="Répétition", starts_at=start, zone="Indian/Reunion")
    weekly = Announcement(occasion, "Venez.", rule="FREQ=WEEKLY;COUNT=4")
    async with town.commune.database.transaction() as tx:
        first = await announcing.announce(tx, troupe, weekly)
    found = await agenda.listed(town.commune.database.pool, Wanted())
    event = await document(town, first.object_id)
    return event["cm:series"], [line.object_id for line in found]


async def test_product_8_3_a_series_lists_each_time_and_forgets_what_is_gone(
    neighbours: Neighbours,
) -> None:
    here = neighbours.here
    collection, ids = await series(here)

    found = await document(here, collection)

    assert (found["type"], found["totalItems"]) == ("OrderedCollection", 4)
    assert found["orderedItems"] == ids
    for each in ids:
        event = await document(here, each)
        assert (event["cm:series"], event["cm:rrule"]) == (collection, "FREQ=WEEKLY;COUNT=4")
    marie = await here.find("@marie")
    async with here.commune.database.transaction() as tx:
        row = await tx.db.fetchval("select id from commune.post where object_id = $1", ids[0])
        await announcing.remove(tx, marie, row)
    assert (await document(here, collection))["orderedItems"] == ids[1:]
    assert (await ask(here, f"{here.origin}/ap/series/7")).status_code == 404


@pytest.mark.parametrize("way", [0, 1], ids=["there", "and back"])
@pytest.mark.parametrize("how", ["leaves", "is deleted"])
async def test_what_somebody_organised_who_is_gone_leaves_every_agenda(
    neighbours: Neighbours, way: int, how: str
) -> None:
    """The agenda announced it for them: its Delete takes it away, and letters say so."""
    here, there = neighbours.both_ways()[way]
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    await follow(neighbours, there, jean, "agenda", here)
    troupe = await here.organisation(await here.citizen("paul"), "theatre")
    kept = await announce(here, troupe, name="Première")
    post = await announce(here, marie)
    await neighbours.settle()
    rose = await here.citizen("rose")
    async with here.commune.database.transaction() as tx:
        await joining.join(tx, rose, post.id)
    await neighbours.settle()
    assert (await known(there, post)).status == "confirmed"

    async with here.commune.database.transaction() as tx:
        if how == "leaves":
            await departing.withdraw(tx, marie)
            await citizens.leave(tx, marie)
        else:
            await moderation.suspend(tx, marie)
            await moderation.delete_data(tx, marie)
    await neighbours.settle()

    for town in (here, there):
        assert [line.object_id for line in await lines(town)] == [kept.object_id]
        assert (
            await town.commune.database.pool.fetchval(
                "select count(*) from commune.listing where subject = 'event'"
            )
            == 1
        )
    letter = await browsers.letter(here, "event_changed")
    assert letter.recipient == "rose@mail.example"
    assert (await ask(here, post.object_id)).status_code == 410
    feed = await here.find("@agenda")
    outbox = await walk(here, f"{feed.actor_id}/outbox")
    assert post.object_id not in str(outbox)
    assert kept.object_id in str(outbox)
