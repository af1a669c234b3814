"""Places: told by people for the commune, corrected by anybody, learned from neighbours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fedcommune import federated
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.model import Kind as ActorKind
from fedcommune.domain.directory import queries as directory
from fedcommune.domain.directory.model import Wanted
from fedcommune.domain.places import actions, queries
from fedcommune.domain.places.model import Draft
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from federation.errors import IgnoredError, RefusedError
from federation.names import PUBLIC
from federation.vocabulary import points
from inbox.gather import Gathered
from tests.fedcommune.domain.people import People, activity

COMPOST = Draft(
    "Compost de la Pointe",
    -21.168,
    55.29,
    category="compostPickup",
    summary="Compost collectif, ouvert tous les jours.",
    text="Apports : épluchures, **marc de café**.",
    opening_hours="24/7",
    tags=("#Jardin", "déchets"),
)
NEIGHBOUR = "trois-bassins.example"
ACTOR = f"https://{NEIGHBOUR}/actor"


async def found(tx: Transaction) -> list[str]:
    return [each.name for each in await directory.search(tx.db, Wanted())]


def document(**changes: Any) -> dict[str, Any]:
    """Return a place as a neighbour tells of it."""
    said = {
        "id": f"https://{NEIGHBOUR}/ap/places/1",
        "type": "Place",
        "kind": "poi",
        "cm:poiType": "sharedLibrary",
        "name": "Boîte à livres",
        "summary": "Prenez, posez.",
        "content": "<p>Devant <script>x</script>la mairie</p>",
        "latitude": -21.1,
        "longitude": 55.3,
        "attributedTo": ACTOR,
        "tag": [{"type": "Hashtag", "name": "#Livres"}],
        "to": [PUBLIC],
        "published": "2026-08-01T08:00:00Z",
        **changes,
    }
    return {name: value for name, value in said.items() if value is not None}


async def receive(tx: Transaction, type_: str, object_: object, actor: str = ACTOR) -> None:
    received = activity(type_, actor, object_)
    route = federated.router().find(received)
    assert route is not None
    await route.handler(tx, received, Gathered({}, {}))


@pytest.fixture
async def commune(tx: Transaction, people: People) -> Account:
    return await people.commune()


@pytest.fixture
async def neighbour(tx: Transaction, people: People, commune: Account) -> Account:
    """The commune next door, followed by ours and following it."""
    account = await people.stranger(
        "trois-bassins",
        NEIGHBOUR,
        id=ACTOR,
        type="Application",
        kind="commune",
        discoverable=True,
    )
    await tx.db.execute(
        """
        insert into commune.follow (id, follower_id, followed_id, state, activity_id, created_at)
        values (1, $1, $2, 'accepted', 'https://saint-leu.example/f', now()),
            (2, $2, $1, 'accepted', 'https://trois-bassins.example/f', now())
        """,
        commune.id,
        account.id,
    )
    return account


async def test_what_a_person_tells_of_is_told_by_the_commune_to_its_neighbours(
    tx: Transaction, people: People, neighbour: Account
) -> None:
    marie = await people.citizen("marie")

    place = await actions.add(tx, marie, COMPOST)

    (sent,) = [each for each in await people.sent() if each.type == "Create"]
    said = sent.document["object"]
    assert sent.inboxes == (f"https://{NEIGHBOUR}/inbox",)
    assert said["attributedTo"] == sent.document["actor"] == tx.instance.actor
    assert (said["type"], said["id"], said["cm:poiType"]) == (
        "Place",
        tx.instance.place(place.id),
        "compostPickup",
    )
    assert isinstance(said["latitude"], float)
    assert said["to"] == [PUBLIC]
    read = points.read(said)
    assert (read.name, read.hashtags, read.opening_hours) == (
        "Compost de la Pointe",
        ("jardin", "déchets"),
        "24/7",
    )
    assert "<strong>marc de café</strong>" in read.content
    assert await found(tx) == ["Compost de la Pointe"]


async def test_everybody_here_corrects_what_belongs_to_the_commune(
    tx: Transaction, people: People, commune: Account
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    place = await actions.add(tx, marie, COMPOST)
    later = replace(tx, now=tx.now + timedelta(days=1))

    await actions.correct(later, paul, place.id, replace(COMPOST, name="Compost du port"))

    assert await found(tx) == ["Compost du port"]
    row = await tx.db.fetchrow(
        "select account_id, before ->> 'name' as name from commune.place_revision"
    )
    assert row is not None
    assert (row["account_id"], row["name"]) == (paul.id, "Compost de la Pointe")


async def test_only_an_organisation_corrects_what_is_its_own(
    tx: Transaction, people: People, commune: Account
) -> None:
    shop = await people.actor("epicerie", kind=ActorKind.BUSINESS)
    paul = await people.citizen("paul")
    place = await actions.add(tx, shop, COMPOST)

    with pytest.raises(NotAllowed):
        await actions.correct(tx, paul, place.id, replace(COMPOST, name="Autre"))
    with pytest.raises(NotAllowed):
        await actions.remove(tx, paul, place.id)

    assert (await queries.by_id(tx.db, place.id)) == place


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "  "},
        {"latitude": 91.0},
        {"category": "volcano"},
        {"website": "javascript:alert(1)"},
        {"summary": "x" * 501},
        {"tags": tuple(f"tag{number}" for number in range(21))},
    ],
)
async def test_what_needs_a_correction_is_not_kept(
    tx: Transaction, people: People, commune: Account, changes: dict[str, Any]
) -> None:
    marie = await people.citizen("marie")

    with pytest.raises(Invalid):
        await actions.add(tx, marie, replace(COMPOST, **changes))

    assert await found(tx) == []


async def test_nothing_is_imported_twice(tx: Transaction, people: People, commune: Account) -> None:
    draft = replace(COMPOST, imported_as="osm:node/1")
    await actions.add(tx, commune, draft)

    with pytest.raises(Conflict):
        await actions.add(tx, commune, draft)

    assert await found(tx) == ["Compost de la Pointe"]


async def test_what_is_gone_leaves_the_directory_and_the_neighbours_are_told(
    tx: Transaction, people: People, neighbour: Account
) -> None:
    marie = await people.citizen("marie")
    place = await actions.add(tx, marie, COMPOST)

    await actions.remove(tx, marie, place.id)

    assert await found(tx) == []
    assert (await people.sent())[-1].type == "Delete"
    with pytest.raises(NotFound):
        await actions.remove(tx, marie, place.id)


async def test_who_speaks_for_a_place_stands_in_its_stead(
    tx: Transaction, people: People, commune: Account
) -> None:
    place = await actions.add(tx, commune, replace(COMPOST, kind="business", claimable=True))
    shop = await people.actor("epicerie", kind=ActorKind.BUSINESS, name="Épicerie")

    await actions.give(tx, place.id, shop)

    assert await found(tx) == ["Épicerie"]
    with pytest.raises(Conflict):
        await actions.give(tx, place.id, commune)


async def test_a_neighbours_place_is_listed_clean_and_marked_as_the_neighbours(
    tx: Transaction, neighbour: Account
) -> None:
    await receive(tx, "Create", document())

    (listed,) = await directory.search(tx.db, Wanted(tags=("livres",)))
    assert (listed.name, listed.local, listed.domain) == ("Boîte à livres", False, NEIGHBOUR)
    place = await queries.by_id(tx.db, listed.id)
    assert place is not None
    assert place.content == "<p>Devant la mairie</p>"
    assert (place.latitude, place.category) == (-21.1, "sharedLibrary")


async def test_a_neighbour_changes_and_takes_away_its_places(
    tx: Transaction, neighbour: Account
) -> None:
    await receive(tx, "Create", document())

    await receive(tx, "Update", document(name="Livres", updated="2026-08-02T08:00:00Z"))
    assert await found(tx) == ["Livres"]
    with pytest.raises(IgnoredError):
        await receive(tx, "Update", document(name="Ancien", updated="2026-08-01T09:00:00Z"))
    assert await found(tx) == ["Livres"]
    await receive(tx, "Delete", document()["id"])
    assert await found(tx) == []
    with pytest.raises(IgnoredError):
        await receive(tx, "Update", document(updated="2026-08-03T08:00:00Z"))
    assert await found(tx) == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        # Not by who sends it: its own server is asked, and does not have it.
        ({"id": "https://saint-leu.example/ap/places/1"}, IgnoredError),
        ({"id": "https://evil.example/places/1"}, IgnoredError),
        ({"attributedTo": "https://trois-bassins.example/users/other"}, IgnoredError),
        ({"to": ["https://trois-bassins.example/actor/followers"]}, RefusedError),
        ({"latitude": None}, RefusedError),
        ({"longitude": 500}, RefusedError),
        ({"name": ""}, RefusedError),
    ],
)
async def test_forged_and_broken_places_change_nothing(
    tx: Transaction, neighbour: Account, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await receive(tx, "Create", document(**changes))

    assert await tx.db.fetchval("select count(*) from commune.place") == 0


async def test_another_server_neither_changes_nor_takes_away_a_neighbours_place(
    tx: Transaction, people: People, neighbour: Account
) -> None:
    await receive(tx, "Create", document())
    eve = await people.stranger("eve", NEIGHBOUR)

    with pytest.raises(RefusedError):
        await receive(
            tx, "Update", document(name="Mien", attributedTo=eve.actor_id), actor=eve.actor_id
        )
    with pytest.raises(RefusedError):
        await receive(tx, "Delete", document()["id"], actor=eve.actor_id)

    assert await found(tx) == ["Boîte à livres"]


async def test_places_of_whom_nobody_follows_are_not_kept(
    tx: Transaction, people: People, commune: Account
) -> None:
    await people.stranger("x", NEIGHBOUR, id=ACTOR, type="Application", kind="commune")

    with pytest.raises(IgnoredError):
        await receive(tx, "Create", document())

    assert await found(tx) == []


async def test_the_places_of_a_suspended_neighbour_are_hidden_and_come_back(
    tx: Transaction, neighbour: Account
) -> None:
    await receive(tx, "Create", document())

    await tx.db.execute(
        "update commune.account set suspended_at = now() where id = $1", neighbour.id
    )
    assert await found(tx) == []
    await tx.db.execute("update commune.account set suspended_at = null")
    assert await found(tx) == ["Boîte à livres"]
