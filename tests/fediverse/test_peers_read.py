"""What Mobilizon, Mastodon, Lemmy and Gancio make of our events, groups, organisations, places."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import announcing
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.places import telling
from fedcommune.domain.places.model import Draft as PlaceDraft
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Occasion
from tests.fediverse.peers import Unread, gancio, lemmy, mastodon, mobilizon
from tests.fediverse.peers.server import Peer
from tests.inbox.strangers import Stranger
from tests.support import communes
from tests.support.communes import Clock, Town
from tests.support.evil import EvilServer

VISIO = "https://visio.example/salle"
SITE = "https://marche.example"


@dataclass
class Scene:
    """Saint-Leu, an association of Marie's, and a reader elsewhere who follows the agenda."""

    town: Town
    peer: Peer
    reader: Stranger
    marie: Account
    troupe: Account
    agenda: Account

    async def announce(self, by: Account, **more: Any) -> Post:
        start = self.town.commune.database.clock().replace(microsecond=0) + timedelta(days=3)
        said: dict[str, Any] = {
            "name": "Marché de nuit",
            "starts_at": start,
            "ends_at": start + timedelta(hours=4),
            "zone": "Indian/Reunion",
            "category": "FOOD_DRINK",
            "place_name": "Front de mer",
            "street": "Rue de la Compagnie",
            "postal_code": "97436",
            "locality": "Saint-Leu",
            "latitude": -21.0,
            "longitude": 55.0,
        }
        made = Announcement(Occasion(**{**said, **more}), "Vingt *producteurs*.", ("marche",))
        async with self.town.commune.database.transaction() as tx:
            return await announcing.announce(tx, by, made)

    async def settle(self) -> None:
        await communes.settle([self.town])

    async def types(self) -> dict[str, str]:
        """Return the types of the actors, as who fetches them finds them."""
        found = {}
        for each in (self.marie, self.troupe, self.agenda):
            found[each.actor_id] = (await self.peer.fetch(each.actor_id))["type"]
        return found


@pytest.fixture
async def scene(database_url: str) -> AsyncIterator[Scene]:
    async with (
        EvilServer() as server,
        communes.town("saint-leu", database_url, Clock()) as town,
    ):
        marie = await town.citizen("marie")
        troupe = await town.organisation(marie, "theatre")
        agenda = await town.find("@agenda")
        peer = Peer(server, town, "elsewhere.localhost")
        reader = peer.actor("reader")
        await peer.post(reader, reader.activity("Follow", agenda.actor_id))
        scene = Scene(town, peer, reader, marie, troupe, agenda)
        await scene.settle()
        assert [each["type"] for each in peer.heard] == ["Accept"]
        peer.heard.clear()
        yield scene


async def test_w_evt_02_mobilizon_reads_all_of_an_association_s_event(scene: Scene) -> None:
    post = await scene.announce(scene.troupe, capacity=200, website=SITE)

    read = mobilizon.event(await scene.peer.fetch(post.object_id))

    assert (read.title, read.organizer, read.group) == (
        "Marché de nuit",
        scene.troupe.actor_id,
        None,
    )
    assert read.begins_on.utcoffset() == timedelta(hours=4)
    assert read.ends_on is not None
    assert read.ends_on - read.begins_on == timedelta(hours=4)
    assert (read.timezone, read.is_public, read.status) == ("Indian/Reunion", True, "confirmed")
    assert (read.join_options, read.capacity, read.online_address) == ("free", 200, SITE)
    assert read.address is not None
    assert (read.address.description, read.address.street, read.address.locality) == (
        "Front de mer",
        "Rue de la Compagnie",
        "Saint-Leu",
    )
    assert read.address.point == (-21.0, 55.0)  # whole numbers are floats all the same
    assert read.address.url == f"{post.object_id}/place"
    assert (read.contacts, read.tags) == ((scene.troupe.actor_id,), ("marche",))
    assert "producteurs" in read.description
    assert mobilizon.actor(await scene.peer.fetch(read.organizer)) == "Organization"


async def test_mobilizon_lists_a_person_s_event_because_the_agenda_announces_it(
    scene: Scene,
) -> None:
    post = await scene.announce(scene.marie)

    read = mobilizon.event(await scene.peer.fetch(post.object_id))

    assert read.organizer == scene.agenda.actor_id
    assert mobilizon.actor(await scene.peer.fetch(read.organizer)) != "Person"
    assert scene.marie.actor_id in read.contacts


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"join_mode": "none"}, ("invite", "confirmed", False, None)),
        ({"join_mode": "external", "join_url": SITE}, ("external", "confirmed", False, None)),
        ({"status": "cancelled"}, ("free", "cancelled", False, None)),
        ({"status": "postponed"}, ("free", "tentative", False, None)),
        ({"online_url": VISIO}, ("free", "confirmed", False, VISIO)),
        (
            {
                "online_url": VISIO,
                "place_name": "",
                "street": "",
                "postal_code": "",
                "locality": "",
                "latitude": None,
                "longitude": None,
            },
            ("free", "confirmed", True, VISIO),
        ),
        ({"street": "", "locality": "", "latitude": None, "longitude": None},
         ("free", "confirmed", False, None)),
        ({"place_name": "", "street": "", "postal_code": "", "locality": ""},
         ("free", "confirmed", False, None)),
    ],
)  # fmt: skip
async def test_w_evt_01_no_event_has_a_word_that_mobilizon_or_gancio_stumble_over(
    scene: Scene, changes: dict[str, Any], expected: tuple[str, str, bool, str | None]
) -> None:
    post = await scene.announce(scene.troupe, **changes)
    document = await scene.peer.fetch(post.object_id)

    read = mobilizon.event(document)

    assert (read.join_options, read.status, read.is_online, read.online_address) == expected
    assert gancio.event(document).title == "Marché de nuit"
    assert mastodon.status(document).visibility == "public"


async def test_what_is_only_online_is_a_virtual_location(scene: Scene) -> None:
    """FEP-8a8e."""
    nowhere = {"place_name": "", "street": "", "postal_code": "", "locality": ""}
    post = await scene.announce(
        scene.troupe, online_url=VISIO, latitude=None, longitude=None, **nowhere
    )

    document = await scene.peer.fetch(post.object_id)

    assert document["location"] == {"type": "VirtualLocation", "name": "En ligne", "url": VISIO}
    assert document["isOnline"] is True


async def test_w_evt_04_mastodon_shows_the_title_a_sentence_and_a_link(scene: Scene) -> None:
    post = await scene.announce(scene.troupe)

    read = mastodon.status(await scene.peer.fetch(post.object_id))

    assert read.text.startswith("<h2>Marché de nuit</h2>")
    assert "Front de mer" in read.text
    assert post.url is not None
    assert f'href="{post.url}"' in read.text
    assert (read.spoiler, read.visibility, read.tags) == ("", "public", ("marche",))


async def test_w_grp_02_lemmy_reads_an_association_s_event_in_the_agenda_s_community(
    scene: Scene,
) -> None:
    """A boost alone is refused by Lemmy: the agenda announces the whole Create beside it."""
    post = await scene.announce(scene.troupe)
    await scene.settle()

    boost, whole = scene.peer.heard_of("Announce")
    types = await scene.types()
    with pytest.raises(Unread):
        lemmy.announced(boost, types)
    read = lemmy.announced(whole, types)

    assert (read.community, read.creator) == (scene.agenda.actor_id, scene.troupe.actor_id)
    assert (read.id, read.name) == (post.object_id, "Marché de nuit")
    assert (mastodon.announced(boost), mastodon.announced(whole)) == (post.object_id, None)
    assert gancio.received(whole).title == "Marché de nuit"
    assert (await scene.peer.fetch(whole["id"]))["object"]["id"] == whole["object"]["id"]
    assert lemmy.page(await scene.peer.fetch(post.object_id), types).community == (
        scene.agenda.actor_id
    )


async def test_lemmy_has_no_user_for_what_the_agenda_itself_announces(scene: Scene) -> None:
    """A limit of theirs, which FEDERATION.md tells: only users write posts, and a feed is none."""
    post = await scene.announce(scene.marie)

    with pytest.raises(Unread, match="Only a user"):
        lemmy.page(await scene.peer.fetch(post.object_id), await scene.types())


async def test_gancio_reads_what_the_agenda_creates_with_its_place_and_zone(scene: Scene) -> None:
    post = await scene.announce(scene.marie, website=SITE)
    await scene.settle()

    (created,) = scene.peer.heard_of("Create")
    read = gancio.received(created)

    assert read.title == "Marché de nuit"
    assert read.starts.astimezone(UTC) == datetime.fromisoformat(
        (await scene.peer.fetch(post.object_id))["startTime"]
    )
    assert read.place == ("Front de mer", "Rue de la Compagnie, Saint-Leu, FR")
    assert read.point == (-21.0, 55.0)
    assert read.tags == ("marche",)


async def test_an_event_that_is_called_off_says_so_to_all_who_have_it(scene: Scene) -> None:
    post = await scene.announce(scene.troupe)
    await scene.settle()
    scene.peer.heard.clear()

    async with scene.town.commune.database.transaction() as tx:
        await announcing.cancel(tx, scene.marie, post.id, reason="Cyclone")
    await scene.settle()

    (update,) = scene.peer.heard_of("Update")
    assert mobilizon.event(update["object"]).status == "cancelled"
    assert "nnulé" in mastodon.status(update["object"]).text
    async with scene.town.commune.database.transaction() as tx:
        await announcing.remove(tx, scene.marie, post.id)
    await scene.settle()
    (deleted,) = scene.peer.heard_of("Delete")
    assert deleted["object"]["id"] == post.object_id
    assert deleted["actor"] == scene.troupe.actor_id


async def test_every_actor_of_ours_is_one_that_they_keep(scene: Scene) -> None:
    """Product 8.1: groups are communities, organisations are users, a person is not followed."""
    garden = await scene.town.project(scene.marie, "jardin")
    square = await scene.town.find("@place")
    commune = scene.town.commune.instance.actor
    expected = {
        commune: "Application",
        scene.agenda.actor_id: "Group",
        square.actor_id: "Group",
        garden.actor_id: "Group",
        scene.troupe.actor_id: "Organization",
        scene.marie.actor_id: "Person",
    }
    for actor_id, kind in expected.items():
        document = await scene.peer.fetch(actor_id)
        assert document["type"] == kind
        assert mobilizon.actor(document) == kind
        mastodon.account(document)
        if kind == "Group":
            assert lemmy.community(document)
        elif kind != "Application":
            assert lemmy.user(document)


async def test_product_8_4_a_place_is_told_in_a_note_that_names_it(scene: Scene) -> None:
    """Mastodon, Lemmy and Mobilizon know no Place by itself; the Note leads to it."""
    draft = PlaceDraft(
        name="Compost de la Pointe",
        summary="Ouvert tous les jours.",
        latitude=-21.0,
        longitude=55.0,
        street="Chemin de la Pointe",
        locality="Saint-Leu",
        kind="poi",
        category="compostPickup",
    )
    async with scene.town.commune.database.transaction() as tx:
        place = await telling.tell(tx, scene.troupe, draft)
        note_id = await tx.db.fetchval(
            "select post.object_id from commune.post join commune.place on place.note_id = post.id"
        )

    note = await scene.peer.fetch(note_id)
    told = await scene.peer.fetch(place.object_id)

    with pytest.raises(Unread):
        mastodon.status(told)
    assert "Compost de la Pointe" in mastodon.status(note).text
    assert note["location"]["id"] == place.object_id
    assert note["location"]["name"] == "Compost de la Pointe"
    for document in (told, note["location"]):
        address = mobilizon.event({**EVENT, "location": document}).address
        assert address is not None
        assert (address.url, address.point) == (place.object_id, (-21.0, 55.0))
        assert gancio.event({**EVENT, "location": document}).place == (
            "Compost de la Pointe",
            "Chemin de la Pointe, Saint-Leu",
        )


EVENT = {
    "id": "https://elsewhere.localhost/1",
    "type": "Event",
    "name": "Retournement du tas",
    "startTime": "2027-01-02T09:00:00+04:00",
    "actor": "https://elsewhere.localhost/users/a",
    "attributedTo": "https://elsewhere.localhost/users/a",
    "to": ["https://www.w3.org/ns/activitystreams#Public"],
}
