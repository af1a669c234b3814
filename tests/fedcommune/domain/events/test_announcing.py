"""Announce, change, cancel and put off, and what other servers read of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.directory import queries as directory
from fedcommune.domain.directory.model import Kind as Listed
from fedcommune.domain.directory.model import Wanted
from fedcommune.domain.events.actions import announcing
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.events.queries import agenda
from fedcommune.domain.media import actions as media
from fedcommune.domain.media.model import File, Made, Words
from fedcommune.domain.media.model import Kind as Hung
from fedcommune.domain.posts import details, outgoing
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.occasions import Event
from fedcommune.domain.posts.sentences import sentence
from fedcommune.errors import Invalid, NotAllowed, NotFound
from tests.fedcommune.domain.events.occasions import MARKET, announce, event_of, occasion
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import everything


async def test_the_document_is_what_mobilizon_and_the_fep_ask_for(
    tx: Transaction, people: People, gardeners: Account
) -> None:
    """product 8.0, 8.3, W-EVT-01, W-EVT-02, W-EVT-04."""
    await people.commune()
    post = await announce(tx, gardeners, capacity=200, website="https://marche.example")

    document = await outgoing.document(tx, post, gardeners)

    assert document["type"] == "Event"
    assert document["name"] == "Marché de nuit"
    assert document["summary"] == (
        "Samedi 12 décembre 2026, 18\xa0h\xa0– 22\xa0h, "
        "Front de mer, 97436 Saint-Leu. Entrée libre."
    )
    assert document["content"].strip() == "<p>Vingt producteurs, musique maloya.</p>"
    assert document["contentMap"] == {"fr": document["content"]}
    assert document["startTime"] == "2026-12-12T18:00:00+04:00"
    assert document["endTime"] == "2026-12-12T22:00:00+04:00"
    assert document["timezone"] == "Indian/Reunion"
    assert document["actor"] == document["attributedTo"] == gardeners.actor_id
    assert document["organizers"]["items"] == [gardeners.actor_id]
    assert document["category"] == "FOOD_DRINK"
    assert document["joinMode"] == "free"
    assert document["status"] == document["ical:status"] == "CONFIRMED"
    assert document["eventStatus"] == "https://w3id.org/fep/8a8e/EventScheduled"
    assert document["maximumAttendeeCapacity"] == document["remainingAttendeeCapacity"] == 200
    assert document["attendees"]["totalItems"] == document["participantCount"] == 0
    assert "items" not in document["attendees"]
    assert isinstance(document["location"]["latitude"], float)
    assert document["location"]["id"].startswith("https://saint-leu.example/")
    assert document["attachment"] == [
        {
            "type": "Link",
            "name": "Website",
            "mediaType": "text/html",
            "href": "https://marche.example",
        }
    ]
    assert document["url"] == f"https://saint-leu.example/events/{post.id}"
    assert "displayEndTime" not in document


async def test_a_person_s_event_is_the_agenda_s_and_names_them_if_they_agree(
    tx: Transaction, people: People
) -> None:
    """Mobilizon hides what a Person announces (product 8.3)."""
    feed = await people.actor("agenda", kind=Kind.FEED)
    marie = await people.citizen("marie")

    named = await announce(tx, marie)
    unnamed = await announce(tx, marie, named=False)

    assert named.author_id == unnamed.author_id == feed.id
    document = await outgoing.document(tx, named, feed)
    assert document["attributedTo"] == feed.actor_id
    assert document["organizers"]["items"] == [marie.actor_id, feed.actor_id]
    assert marie.actor_id not in str(await outgoing.document(tx, unnamed, feed))
    listed = await agenda.listed(tx.db, agenda.Wanted(account_id=marie.id))
    assert [line.event.post_id for line in listed] == [named.id]


async def test_the_agenda_and_the_commune_carry_what_an_association_announces(
    tx: Transaction, people: People, gardeners: Account
) -> None:
    commune = await people.commune()
    feed = await people.actor("agenda", kind=Kind.FEED)

    post = await announce(tx, gardeners)

    rows = await tx.db.fetch("select account_id from commune.reaction where post_id = $1", post.id)
    assert {row["account_id"] for row in rows} == {commune.id, feed.id}


async def test_what_has_no_end_says_so(tx: Transaction, gardeners: Account) -> None:
    post = await announce(tx, gardeners, ends_at=None)

    document = await outgoing.document(tx, post, gardeners)

    assert document["displayEndTime"] is False
    assert document["endTime"] == document["startTime"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "Samedi 12 décembre 2026, 18\xa0h\xa0– 22\xa0h"),
        ({"ends_at": MARKET + timedelta(hours=8, minutes=30)}, "18\xa0h\xa0– 2\xa0h\xa030"),
        (
            {"ends_at": MARKET + timedelta(days=1)},
            "18\xa0h\xa0– dimanche 13 décembre 2026, 18\xa0h",
        ),
        ({"ends_at": None}, "Samedi 12 décembre 2026, 18\xa0h, Front"),
        (
            {
                "starts_at": datetime(2026, 12, 11, 20, tzinfo=UTC),
                "ends_at": datetime(2026, 12, 12, 20, tzinfo=UTC),
            },
            "Samedi 12 décembre 2026, Front",
        ),
        ({"status": "cancelled"}, "Annulé. Samedi"),
        ({"zone": "Europe/Paris"}, "15\xa0h\xa0– 19\xa0h, heure de Paris"),
        ({"online_url": "https://visio.example"}, "97436 Saint-Leu, en ligne."),
    ],
)
def test_an_event_is_one_sentence(more: dict[str, object], expected: str) -> None:
    assert expected in sentence(occasion(**more), "fr", home="Indian/Reunion")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "  "}, "name"),
        ({"zone": "Ile/Reunion"}, "zone"),
        ({"ends_at": MARKET - timedelta(hours=1)}, "ends_at"),
        ({"ends_at": MARKET + timedelta(days=90)}, "ends_at"),
        ({"category": "MALOYA"}, "category"),
        ({"capacity": 0}, "capacity"),
        ({"join_mode": "external"}, "join_url"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"place_id": 12}, "place"),
        ({"rule": "FREQ=SECONDLY"}, "rule"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_changes(
    tx: Transaction, gardeners: Account, more: dict[str, object], field: str
) -> None:
    before = await everything(tx)

    with pytest.raises(Invalid) as refused:
        await announce(tx, gardeners, **more)

    assert refused.value.field == field
    assert await everything(tx) == before


async def test_cancelled_is_told_and_said_everywhere(
    tx: Transaction, people: People, gardeners: Account
) -> None:
    ada = await people.stranger()
    await people.follower(ada, gardeners)
    post = await announce(tx, gardeners)

    await announcing.cancel(tx, gardeners, post.id, reason="Avis de fortes pluies.")

    sent = (await people.sent())[-1]
    assert sent.type == "Update"
    assert sent.document["object"]["status"] == "CANCELLED"
    assert sent.document["object"]["eventStatus"] == "https://w3id.org/fep/8a8e/EventCancelled"
    assert sent.document["object"]["summary"].startswith("Annulé.")
    assert sent.inboxes == ("https://elsewhere.example/inbox",)
    assert (await event_of(tx, post)).sequence == 1


async def test_what_is_put_off_keeps_its_length_and_says_when_it_was(
    tx: Transaction, gardeners: Account
) -> None:
    post = await announce(tx, gardeners)

    moved = await announcing.postpone(tx, gardeners, post.id, MARKET + timedelta(days=7))

    document = await outgoing.document(tx, moved, gardeners)
    assert document["eventStatus"].endswith("EventRescheduled")
    assert document["startTime"] == "2026-12-19T18:00:00+04:00"
    assert document["endTime"] == "2026-12-19T22:00:00+04:00"
    assert document["previousStartTime"] == "2026-12-12T18:00:00+04:00"

    off = await announcing.postpone(tx, gardeners, post.id)
    assert (await outgoing.document(tx, off, gardeners))["eventStatus"].endswith("EventPostponed")


async def test_only_who_organises_changes_it(
    tx: Transaction, people: People, gardeners: Account
) -> None:
    paul = await people.citizen("paul")
    post = await announce(tx, gardeners)
    before = await everything(tx)

    for refused in (
        announcing.cancel(tx, paul, post.id),
        announcing.remove(tx, paul, post.id),
        announcing.change(tx, paul, post.id, Announcement(occasion(name="À moi"))),
    ):
        with pytest.raises(NotAllowed):
            await refused
    with pytest.raises(NotFound):
        await announcing.cancel(tx, gardeners, 12)

    assert await everything(tx) == before


async def test_what_takes_place_again_is_an_event_each_time(
    tx: Transaction, gardeners: Account
) -> None:
    tx = replace(tx, now=MARKET - timedelta(days=3))
    post = await announce(tx, gardeners, rule="FREQ=WEEKLY;BYDAY=SA")

    event = await event_of(tx, post)
    assert event.series_id is not None
    times = await agenda.of_series(tx.db, event.series_id)
    assert [each.starts_at for each in times][:2] == [MARKET, MARKET + timedelta(days=7)]
    assert len(times) == 9
    assert len({each.uid for each in times}) == 9
    document = await outgoing.document(tx, post, gardeners)
    assert document["cm:series"] == f"https://saint-leu.example/ap/series/{event.series_id}"
    assert document["cm:rrule"] == "FREQ=WEEKLY;BYDAY=SA"

    later = replace(tx, now=tx.now + timedelta(days=14))
    assert await announcing.go_on(later, event.series_id) == 2
    assert await announcing.go_on(later, event.series_id) == 0
    assert len(await agenda.of_series(tx.db, event.series_id)) == 11

    await announcing.cancel(later, gardeners, times[4].post_id, following=True)
    assert (
        await announcing.go_on(replace(tx, now=tx.now + timedelta(days=40)), event.series_id) == 0
    )
    stands = [each.status for each in await agenda.of_series(tx.db, event.series_id)]
    assert stands == ["confirmed"] * 4 + ["cancelled"] * 7


async def drawn_market(tx: Transaction, gardeners: Account, **more: Any) -> list[Event]:
    """Announce a weekly market with a picture; return its times."""
    drawn = Made(Hung.IMAGE, File(f"{identifiers.new(tx.now):064x}.jpg", "image/jpeg", 5))
    picture = await media.keep(tx, gardeners.id, drawn, Words("Le marché"))
    begins = tx.now + timedelta(days=1)
    soon = occasion(starts_at=begins, ends_at=begins + timedelta(hours=4))
    said = {"rule": "FREQ=WEEKLY;COUNT=3", **more}
    announcement = Announcement(soon, **said, media=(picture.id,))
    post = await announcing.announce(tx, gardeners, announcement)
    series_id = (await event_of(tx, post)).series_id
    assert series_id is not None
    return await agenda.of_series(tx.db, series_id)


async def pictured(tx: Transaction, times: list[Event]) -> list[list[str]]:
    """Return what the pictures of each time show."""
    found = await details.attachments(tx.db, [each.post_id for each in times])
    return [[each.description for each in found.get(time.post_id, [])] for time in times]


async def kept(tx: Transaction) -> int:
    return int(await tx.db.fetchval("select count(*) from commune.media"))


async def test_a_picture_hangs_on_every_time_of_what_takes_place_again(
    tx: Transaction, gardeners: Account
) -> None:
    times = await drawn_market(tx, gardeners)

    assert await pictured(tx, times) == [["Le marché"]] * 3
    assert await kept(tx) == 1, "they share it"
    for each in times:
        post = await posts.known_by_id(tx.db, each.post_id)
        assert post is not None
        (banner,) = (await outgoing.document(tx, post, gardeners))["attachment"]
        assert (banner["type"], banner["name"]) == ("Document", "Banner")
        assert "Le marché" in banner.values()


async def test_sec_med_08_the_picture_of_a_series_goes_with_its_last_time(
    tx: Transaction, gardeners: Account
) -> None:
    first, second, third = times = await drawn_market(tx, gardeners)

    await announcing.remove(tx, gardeners, first.post_id)
    assert await pictured(tx, times) == [[], ["Le marché"], ["Le marché"]]
    await announcing.remove(tx, gardeners, third.post_id)
    assert await pictured(tx, times) == [[], ["Le marché"], []]
    assert await kept(tx) == 1

    await announcing.remove(tx, gardeners, second.post_id)
    assert await kept(tx) == 0
    assert await tx.db.fetchval("select count(*) from commune.file") == 0


async def test_one_time_of_a_series_shows_something_else_or_all_later_ones_do(
    tx: Transaction, gardeners: Account
) -> None:
    first, second, _third = times = await drawn_market(tx, gardeners)
    (other,) = await drawn_market(tx, gardeners, rule="FREQ=WEEKLY;COUNT=1")
    drawn = Made(Hung.IMAGE, File("cd" * 32 + ".jpg", "image/jpeg", 5))
    poster = await media.keep(tx, gardeners.id, drawn, Words("L'affiche"))

    def said(event: Event, *pictures: int) -> Announcement:
        return Announcement(announcing.plain(event), "Vingt producteurs", media=pictures)

    await announcing.change(tx, gardeners, first.post_id, said(first))
    assert await pictured(tx, times) == [[], ["Le marché"], ["Le marché"]]
    await announcing.change(tx, gardeners, second.post_id, said(second, poster.id), following=True)
    assert await pictured(tx, times) == [[], ["L'affiche"], ["L'affiche"]]

    with pytest.raises(Invalid):
        await announcing.change(tx, gardeners, other.post_id, said(other, poster.id))
    assert await pictured(tx, [other]) == [["Le marché"]], "SEC-MED-07: of another series"


async def test_the_next_times_of_a_series_show_its_picture(
    tx: Transaction, gardeners: Account
) -> None:
    times = await drawn_market(tx, gardeners, rule="FREQ=WEEKLY")
    series_id = times[0].series_id
    assert series_id is not None

    made = await announcing.go_on(replace(tx, now=tx.now + timedelta(days=14)), series_id)

    times = await agenda.of_series(tx.db, series_id)
    assert made == 2
    assert await pictured(tx, times) == [["Le marché"]] * len(times)
    assert await kept(tx) == 1


async def test_the_directory_lists_it_until_it_is_over_or_called_off(
    tx: Transaction, gardeners: Account
) -> None:
    async def listed() -> set[int]:
        found = await directory.search(tx.db, Wanted(kinds=frozenset({Listed.EVENT})))
        return {each.id for each in found}

    one, two, three = [await announce(tx, gardeners) for _ in range(3)]
    assert await listed() == {one.id, two.id, three.id}

    await announcing.cancel(tx, gardeners, one.id)
    await announcing.remove(tx, gardeners, two.id)
    assert await listed() == {three.id}

    assert await agenda.finish(tx.db, MARKET + timedelta(hours=3)) == 0
    assert await agenda.finish(tx.db, MARKET + timedelta(hours=5)) > 0
    assert await listed() == set()
