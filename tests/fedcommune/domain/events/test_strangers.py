"""Events as Mobilizon, Gancio, Friendica and WordPress write them, read into one agenda."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.directory import queries as directory
from fedcommune.domain.directory.model import Kind as Listed
from fedcommune.domain.directory.model import Wanted as Sought
from fedcommune.domain.events.actions import joining
from fedcommune.domain.events.model import State
from fedcommune.domain.events.queries import agenda
from fedcommune.domain.events.queries import people as taking
from fedcommune.domain.events.queries.agenda import Line, Wanted
from fedcommune.errors import Invalid
from federation.errors import RefusedError
from tests.fedcommune.domain.people import People, actor_document
from tests.fedcommune.domain.wire import PUBLIC, Wire, activity, befriend, told

ADA = "https://elsewhere.example/users/ada"

# Mobilizon: the group in attributedTo, who organises in actor, floats, both statuses.
MOBILIZON: dict[str, Any] = {
    "name": "Bal de la Saint-Sylvestre",
    "content": "<p>Venez costumés.</p><script>alert(1)</script>",
    "actor": ADA,
    "startTime": "2026-12-31T20:00:00+01:00",
    "endTime": "2027-01-01T03:00:00+01:00",
    "timezone": "Europe/Paris",
    "category": "PARTY",
    "joinMode": "free",
    "status": "CONFIRMED",
    "ical:status": "CONFIRMED",
    "maximumAttendeeCapacity": 80,
    "participantCount": 31,
    "location": {
        "type": "Place",
        "id": "https://elsewhere.example/address/1",
        "name": "Salle polyvalente",
        "latitude": 45.7,
        "longitude": 4.8,
        "address": {
            "type": "PostalAddress",
            "streetAddress": "2 rue du Four",
            "postalCode": "69000",
            "addressLocality": "Lyon",
        },
    },
}
# Gancio: an address in one line, no zone, no end, pictures beside it.
GANCIO: dict[str, Any] = {
    "name": "Kabar maloya",
    "startTime": "2026-12-20T16:00:00.000Z",
    "location": {
        "type": "Place",
        "name": "La Ravine",
        "address": "Route de la Ravine, Saint-Leu",
        "latitude": -21.1,
        "longitude": 55.3,
    },
    "tag": [{"type": "Hashtag", "name": "#maloya", "href": "https://elsewhere.example/tag/maloya"}],
    "attachment": [
        {
            "type": "Document",
            "mediaType": "image/jpeg",
            "url": "https://elsewhere.example/media/kabar.jpg",
            "name": "Affiche",
        }
    ],
}
# Friendica: content and little else, "adjust" for its own readers.
FRIENDICA: dict[str, Any] = {
    "name": "Atelier vélo",
    "content": "On répare <b>ensemble</b>.",
    "startTime": "2026-12-21T09:00:00+00:00",
    "endTime": "2026-12-21T11:00:00+00:00",
    "dfrn:adjust": True,
    "location": {"type": "Place", "name": "Garage associatif"},
}
# WordPress with the Event Bridge: one signs up on the site.
WORDPRESS: dict[str, Any] = {
    "name": "Conférence",
    "startTime": "2026-12-22T18:30:00+04:00",
    "endTime": "2026-12-22T20:00:00+04:00",
    "timezone": "Indian/Reunion",
    "eventStatus": "EventScheduled",
    "joinMode": "external",
    "externalParticipationUrl": "https://elsewhere.example/inscription",
    "category": "LEARNING",
    "location": {
        "type": "Place",
        "name": "Médiathèque",
        "address": {
            "type": "PostalAddress",
            "streetAddress": "1 place de la Mairie",
            "postalCode": "97436",
            "addressLocality": "Saint-Leu",
        },
    },
    "organizers": {"type": "Collection", "totalItems": 1, "items": [ADA]},
    "attendees": {"type": "Collection", "totalItems": 7},
}


def event(number: int, said: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{ADA}/events/{number}",
        "type": "Event",
        "attributedTo": ADA,
        "to": [PUBLIC],
        "cc": [f"{ADA}/followers"],
        "published": "2026-09-01T07:59:00Z",
        **said,
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


@pytest.fixture
async def wire(tx: Transaction, people: People) -> Wire:
    """A wire to somebody whom marie follows."""
    wire = Wire(tx)
    wire.serve(actor_document("ada"))
    await befriend(tx, await people.citizen("marie"), await people.stranger("ada"))
    return wire


async def lines(tx: Transaction) -> list[Line]:
    return await agenda.listed(tx.db, Wanted())


async def one(tx: Transaction) -> Line:
    (line,) = await lines(tx)
    return line


async def test_mobilizon(tx: Transaction, wire: Wire) -> None:
    """W-EVT-02, SEC-XSS-01."""
    await wire.receive(activity("Create", event(1, MOBILIZON)))

    line = await one(tx)
    assert (line.event.name, line.event.category, line.event.zone) == (
        "Bal de la Saint-Sylvestre",
        "PARTY",
        "Europe/Paris",
    )
    assert line.event.starts_at == datetime(2026, 12, 31, 19, 0, tzinfo=UTC)
    assert line.event.where == "Salle polyvalente, 2 rue du Four, 69000 Lyon"
    assert (line.event.capacity, line.event.participants, line.event.room) == (80, 31, 49)
    assert "script" not in line.event.description
    found = await directory.search(tx.db, Sought(kinds=frozenset({Listed.EVENT})))
    assert [(each.name, each.local) for each in found] == [("Bal de la Saint-Sylvestre", False)]


async def test_gancio_friendica_and_wordpress(tx: Transaction, wire: Wire) -> None:
    """W-EVT-01."""
    for number, said in enumerate((GANCIO, FRIENDICA, WORDPRESS)):
        await wire.receive(activity("Create", event(number, said), number))

    gancio, friendica, wordpress = [line.event for line in await lines(tx)]
    assert gancio.where == "La Ravine, Route de la Ravine, Saint-Leu"
    assert (gancio.zone, gancio.ends_at) == ("Indian/Reunion", None)
    assert gancio.local_start.hour == 20
    assert friendica.where == "Garage associatif"
    assert friendica.description == "On répare <b>ensemble</b>."
    assert (wordpress.join_mode, wordpress.join_url) == (
        "external",
        "https://elsewhere.example/inscription",
    )
    assert wordpress.participants == 7
    tagged = await agenda.listed(tx.db, Wanted(tag="maloya"))
    assert [line.event.name for line in tagged] == ["Kabar maloya"]


async def test_an_update_moves_it_and_a_delete_takes_it_away(
    tx: Transaction, wire: Wire, people: People
) -> None:
    await wire.receive(activity("Create", event(1, MOBILIZON)))
    account = await people.citizen("paul")
    line = await one(tx)
    await joining.join(tx, account, line.event.post_id)

    await wire.receive(
        activity(
            "Update",
            event(
                1,
                MOBILIZON,
                startTime="2026-12-31T21:00:00+01:00",
                status="CANCELLED",
                **{"ical:status": "CANCELLED"},
                updated="2026-09-01T07:59:30Z",
            ),
        )
    )
    changed = (await one(tx)).event
    assert (changed.status, changed.local_start.hour) == ("cancelled", 21)
    assert "event_update" in [kind for kind, _, _ in await told(tx, account)]
    assert await directory.search(tx.db, Sought(kinds=frozenset({Listed.EVENT}))) == []

    await wire.receive(activity("Delete", event(1, MOBILIZON)["id"], actor=ADA))
    assert await lines(tx) == []


async def test_how_many_come_is_taken_without_an_edit(tx: Transaction, wire: Wire) -> None:
    await wire.receive(activity("Create", event(1, MOBILIZON)))

    await wire.receive(activity("Update", event(1, MOBILIZON, participantCount=80)))

    assert (await one(tx)).event.room == 0


@pytest.mark.parametrize("answer", ["Accept", "Reject"])
async def test_our_join_is_sent_and_answered(
    tx: Transaction, wire: Wire, people: People, answer: str
) -> None:
    """W-EVT-03: Mobilizon answers with the Join in it, under its own or our id."""
    paul = await people.citizen("paul")
    await wire.receive(activity("Create", event(1, MOBILIZON)))
    line = await one(tx)

    await joining.join(tx, paul, line.event.post_id, message="Nous serons deux.")

    (sent,) = [each for each in await people.sent() if each.type == "Join"]
    assert sent.inboxes == (f"{ADA}/inbox",)
    assert sent.document["object"] == f"{ADA}/events/1"
    assert sent.document["to"] == [ADA]
    assert sent.document["participationMessage"] == "Nous serons deux."
    await wire.receive(
        activity(answer, {**sent.document, "id": "https://elsewhere.example/join/9"}, actor=ADA)
    )
    one_ = await taking.of_account(tx.db, line.event.post_id, paul.id)
    assert one_ is not None
    assert one_.state is (State.ACCEPTED if answer == "Accept" else State.REJECTED)
    assert "event_answer" in [kind for kind, _, _ in await told(tx, paul)]


async def test_nobody_else_s_server_answers_our_join(
    tx: Transaction, wire: Wire, people: People
) -> None:
    """SEC-ORI-04."""
    paul = await people.citizen("paul")
    mallory = "https://evil.example/users/mallory"
    wire.serve(actor_document("mallory", "evil.example"))
    await wire.receive(activity("Create", event(1, MOBILIZON)))
    line = await one(tx)
    asked = await joining.join(tx, paul, line.event.post_id)

    with pytest.raises(RefusedError):
        await wire.receive(activity("Accept", asked.activity_id, actor=mallory))

    known = await taking.of_account(tx.db, line.event.post_id, paul.id)
    assert known is not None
    assert known.state is State.PENDING


async def test_one_signs_up_elsewhere_where_the_organisers_want_it(
    tx: Transaction, wire: Wire, people: People
) -> None:
    paul = await people.citizen("paul")
    await wire.receive(activity("Create", event(1, WORDPRESS)))

    with pytest.raises(Invalid):
        await joining.join(tx, paul, (await one(tx)).event.post_id)

    assert "Join" not in [each.type for each in await people.sent()]


@pytest.mark.parametrize(
    "changes",
    [
        {"startTime": None},
        {"startTime": "bientôt"},
        {"startTime": 12},
        {"to": [f"{ADA}/followers"]},
    ],
)
async def test_what_has_no_moment_or_is_not_for_everybody_is_not_in_the_agenda(
    tx: Transaction, wire: Wire, changes: dict[str, Any]
) -> None:
    """W-EVT-04, SEC-VIS-01."""
    await wire.receive(activity("Create", event(1, MOBILIZON, **changes)))

    assert await lines(tx) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"endTime": "1999-01-01T00:00:00Z"},
        {"timezone": "Mars/Olympus"},
        {"category": ["ROCK", 12]},
        {"location": [{"type": "VirtualLocation", "url": "https://visio.example"}]},
        {"location": {"type": "Place", "latitude": "NaN", "longitude": 900}},
        {"maximumAttendeeCapacity": -4, "participantCount": "many"},
        {"joinMode": {"a": "b"}, "organizers": 12, "attendees": "x"},
        {"name": None},
    ],
)
async def test_nonsense_beside_the_moment_is_left_out(
    tx: Transaction, wire: Wire, changes: dict[str, Any]
) -> None:
    """SEC-PAR-04."""
    await wire.receive(activity("Create", event(1, MOBILIZON, **changes)))

    assert (await one(tx)).event.starts_at == datetime(2026, 12, 31, 19, 0, tzinfo=UTC)
