"""The directory is in step with the actors it lists, and lists nobody who did not agree."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.accounts.model import Kind as ActorKind
from fedcommune.domain.directory import queries
from fedcommune.domain.directory.model import EVERYTHING, Kind, Listing, Point, Subject, Wanted
from tests.fedcommune.domain.people import People

POINTE = Point(-21.1700, 55.2860)


async def listed(tx: Transaction, wanted: Wanted | None = None) -> list[str]:
    return [each.name for each in await queries.search(tx.db, wanted or Wanted(people=True))]


async def settle(tx: Transaction, actor: Account, point: Point, **more: object) -> Account:
    """Let *actor* be somewhere."""
    return await accounts.edit(
        tx,
        actor,
        Changes(latitude=point.latitude, longitude=point.longitude, **more),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    "kind",
    [
        ActorKind.ASSOCIATION,
        ActorKind.BUSINESS,
        ActorKind.AUTHORITY,
        ActorKind.GROUP,
        ActorKind.PROJECT,
    ],
)
async def test_whoever_speaks_for_more_than_themselves_is_listed(
    tx: Transaction, people: People, kind: ActorKind
) -> None:
    actor = await people.actor("theatre", kind=kind, name="Théâtre du Lagon")

    (found,) = await queries.search(tx.db, Wanted())

    assert found == Listing(
        subject=Subject.ACCOUNT,
        id=actor.id,
        kind=Kind(kind.value),
        name="Théâtre du Lagon",
        told="",
        tags=(),
        local=True,
        domain="saint-leu.example",
        territory="97413",
        latitude=None,
        longitude=None,
        starts_at=None,
        ends_at=None,
        updated_at=tx.now,
    )


@pytest.mark.parametrize("kind", [ActorKind.COMMUNE, ActorKind.FEED, ActorKind.SQUARE])
async def test_what_the_software_speaks_with_is_not_listed(
    tx: Transaction, people: People, kind: ActorKind
) -> None:
    await people.actor("agenda", kind=kind)

    assert await listed(tx) == []


async def test_a_person_is_listed_only_after_saying_so_and_never_to_strangers(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    assert await listed(tx) == []

    await tx.db.execute(
        "update commune.account set details = $2::jsonb where id = $1",
        marie.id,
        orjson.dumps({"listed": True}).decode(),
    )

    assert await listed(tx) == ["Marie"]
    assert await listed(tx, Wanted(kinds=EVERYTHING)) == []


async def test_who_does_not_want_to_be_found_leaves_the_directory(
    tx: Transaction, people: People
) -> None:
    actor = await people.actor("theatre", kind=ActorKind.ASSOCIATION)

    await accounts.edit(tx, actor, Changes(discoverable=False))

    assert await listed(tx) == []


@pytest.mark.parametrize("column", ["suspended_at", "deleted_at"])
async def test_who_is_suspended_or_gone_leaves_the_directory(
    tx: Transaction, people: People, column: str
) -> None:
    await people.actor("theatre", kind=ActorKind.ASSOCIATION)

    await tx.db.execute(f"update commune.account set {column} = now()")

    assert await listed(tx) == []
    await tx.db.execute(f"update commune.account set {column} = null")
    assert await listed(tx) == ["Theatre"]


async def test_a_purged_actor_leaves_the_directory(tx: Transaction, people: People) -> None:
    await people.actor("theatre", kind=ActorKind.ASSOCIATION)

    await tx.db.execute("delete from commune.account")

    assert await listed(tx) == []


async def test_neighbours_are_listed_with_what_they_say_strangers_of_other_software_are_not(
    tx: Transaction, people: People
) -> None:
    neighbour = {
        "type": "Organization",
        "kind": "association",
        "name": "Chorale des Hauts",
        "summary": "<p>On chante &amp; on rit <b>le mardi</b></p>",
        "discoverable": True,
        "location": {"type": "Place", "latitude": -21.1, "longitude": 55.3},
    }
    await people.stranger("chorale", "trois-bassins.example", **neighbour)
    await people.stranger("ada", discoverable=True)

    (found,) = await queries.search(tx.db, Wanted(people=True))

    assert (found.name, found.told) == ("Chorale des Hauts", "On chante & on rit le mardi")
    assert (found.local, found.domain) == (False, "trois-bassins.example")
    assert found.point == Point(-21.1, 55.3)


async def test_what_changes_changes_in_the_directory(tx: Transaction, people: People) -> None:
    actor = await people.actor("theatre", kind=ActorKind.ASSOCIATION, name="Théâtre")
    later = replace(tx, now=tx.now.replace(hour=9))

    await settle(later, actor, POINTE, name="Théâtre du Lagon")

    (found,) = await queries.search(tx.db, Wanted())
    assert (found.name, found.point, found.updated_at) == (
        "Théâtre du Lagon",
        POINTE,
        later.now,
    )


async def test_words_are_found_without_accents_and_by_their_stems(
    tx: Transaction, people: People
) -> None:
    await people.actor("theatre", kind=ActorKind.ASSOCIATION, name="Théâtre du Lagon")
    await people.actor("garage", kind=ActorKind.BUSINESS, name="Garage Payet")

    assert await listed(tx, Wanted(text="theatres")) == ["Théâtre du Lagon"]
    assert await listed(tx, Wanted(text="THÉÂTRE lagon")) == ["Théâtre du Lagon"]
    assert await listed(tx, Wanted(text="lagon garage")) == []
    assert await listed(tx, Wanted(text="'; drop table --")) == []


async def test_what_is_called_so_stands_before_what_only_tells_of_it(
    tx: Transaction, people: People
) -> None:
    told = await people.actor("aaa", kind=ActorKind.ASSOCIATION, name="Aaa")
    await accounts.edit(tx, told, Changes(summary="<p>Près du lagon</p>"))
    await people.actor("lagon", kind=ActorKind.ASSOCIATION, name="Lagon propre")

    assert await listed(tx, Wanted(text="lagon")) == ["Lagon propre", "Aaa"]


async def test_names_are_sorted_as_people_sort_them_whatever_their_accents(
    tx: Transaction, people: People
) -> None:
    for username, name in (("e", "Échecs"), ("z", "Zorey"), ("d", "danse"), ("o", "Œuvres")):
        await people.actor(username, kind=ActorKind.GROUP, name=name)

    assert await listed(tx) == ["danse", "Échecs", "Œuvres", "Zorey"]


async def test_kinds_tags_and_communes_narrow_what_is_found(
    tx: Transaction, people: People
) -> None:
    garage = await people.actor("garage", kind=ActorKind.BUSINESS)
    await people.actor("theatre", kind=ActorKind.ASSOCIATION)
    await tx.db.execute(
        "update commune.account set details = $2::jsonb where id = $1",
        garage.id,
        orjson.dumps({"tags": ["Réparation", "auto"]}).decode(),
    )

    assert await listed(tx, Wanted(kinds=frozenset({Kind.BUSINESS}))) == ["Garage"]
    assert await listed(tx, Wanted(tags=("réparation", "auto"))) == ["Garage"]
    assert await listed(tx, Wanted(tags=("auto", "théâtre"))) == []
    assert await listed(tx, Wanted(domain="saint-leu.example")) == ["Garage", "Theatre"]
    assert await listed(tx, Wanted(domain="trois-bassins.example")) == []
    assert await queries.count(tx.db, Wanted()) == 2
    assert await queries.count(tx.db, Wanted(text="garage")) == 1


async def test_the_nearest_comes_first_with_its_distance(tx: Transaction, people: People) -> None:
    for username, north in (("far", 0.05), ("near", 0.001), ("nearer", 0.0005), ("away", 1.0)):
        actor = await people.actor(username, kind=ActorKind.ASSOCIATION)
        await settle(tx, actor, Point(POINTE.latitude + north, POINTE.longitude))
    await people.actor("nowhere", kind=ActorKind.ASSOCIATION)

    found = await queries.search(tx.db, Wanted(near=POINTE))

    assert [each.name for each in found] == ["Nearer", "Near", "Far"]
    metres = [each.distance or 0 for each in found]
    assert metres == pytest.approx([55.6, 111.2, 5560], rel=0.01)
    paged = await queries.search(tx.db, Wanted(near=POINTE), limit=1, skip=1)
    assert [each.name for each in paged] == ["Near"]


async def test_what_is_rare_is_found_behind_what_is_near(
    tx: Transaction, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MAX_RANKED", 3)
    for number in range(5):
        actor = await people.actor(f"bench{number}", kind=ActorKind.ASSOCIATION, name="Banc")
        await settle(tx, actor, Point(POINTE.latitude + number / 10_000, POINTE.longitude))
    rare = await people.actor("theatre", kind=ActorKind.ASSOCIATION, name="Théâtre")
    await settle(tx, rare, Point(POINTE.latitude + 0.01, POINTE.longitude))

    assert await listed(tx, Wanted(near=POINTE, text="théâtre")) == ["Théâtre"]
    assert await listed(tx, Wanted(near=POINTE, text="théâtre", radius=500.0)) == []
    assert await listed(tx, Wanted(near=POINTE, text="banc")) == ["Banc"] * 5


async def test_a_radius_is_in_metres_on_the_ground_at_any_latitude(
    tx: Transaction, people: People
) -> None:
    # At 60 degrees north the plane of the map is stretched to twice the ground.
    here = Point(60.0, 10.0)
    for username, east in (("inside", 0.0170), ("outside", 0.0190)):
        actor = await people.actor(username, kind=ActorKind.ASSOCIATION)
        await settle(tx, actor, Point(60.0, 10.0 + east))

    assert await listed(tx, Wanted(near=here, radius=1_000.0)) == ["Inside"]


async def test_what_is_said_of_an_actor_reads_as_on_its_page(
    tx: Transaction, people: People
) -> None:
    actor = await people.actor("recif", kind=ActorKind.ASSOCIATION)
    words = (
        "<p>L&#x27;été &amp; l&#39;hiver, <b>#</b><a href='/tags/recif'>récif</a>.</p><p>Oui</p>"
    )

    await accounts.edit(tx, actor, Changes(summary=words))

    (found,) = await queries.search(tx.db, Wanted())
    assert found.told == "L'été & l'hiver, #récif. Oui"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<p><strong>Vélo</strong></p><p>Deux roues.</p><p>Vente</p>", "Vélo · Deux roues. Vente"),
        ("<ul><li>Pain</li><li>Été !</li>\n<li>Thé</li></ul>", "Pain · Été ! Thé"),
        ("<p>Ouvert</p>", "Ouvert"),
        ("", ""),
    ],
)
async def test_what_no_mark_ends_is_kept_from_what_follows(
    tx: Transaction, content: str, said: str
) -> None:
    assert await tx.db.fetchval("select commune.told($1)", content) == said
