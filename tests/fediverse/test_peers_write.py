"""What Mobilizon, Gancio, Lemmy and Mastodon write to us, delivered for real."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import announcing, joining
from fedcommune.domain.events.model import Announcement, State
from fedcommune.domain.events.queries import agenda, people
from fedcommune.domain.events.queries.agenda import Line, Wanted
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.notifications import queries as notifications
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Occasion
from fedcommune.settings import CommuneSection
from tests.fediverse.peers import gancio, lemmy, mastodon, mobilizon
from tests.fediverse.peers.server import Peer
from tests.inbox.strangers import Stranger
from tests.support import communes
from tests.support.communes import Clock, Town
from tests.support.evil import EvilServer

REUNION = CommuneSection(insee="97413", timezone="Indian/Reunion")


@dataclass
class Scene:
    """Saint-Leu, where Marie lives, and another server."""

    town: Town
    peer: Peer
    marie: Account

    async def settle(self) -> None:
        await communes.settle([self.town])

    async def post(self, who: Stranger, *activities: dict[str, Any]) -> None:
        for each in activities:
            await self.peer.post(who, each)
            await self.settle()

    async def follow(self, who: Stranger) -> None:
        """Let Marie follow somebody there, who accepts."""
        target = await self.town.find(f"@{who.name}@{who.authority}")
        async with self.town.commune.database.transaction() as tx:
            await follows.follow(tx, self.marie, target)
        await self.settle()
        (asked,) = self.peer.heard_of("Follow")
        await self.post(who, who.activity("Accept", asked, 900))
        self.peer.heard.clear()

    async def lines(self) -> list[Line]:
        return await agenda.listed(self.town.commune.database.pool, Wanted())

    async def stored(self, iri: str) -> Post | None:
        return await posts.stored(self.town.commune.database.pool, iri)

    async def told(self, account: Account) -> list[str]:
        found = await notifications.page(self.town.commune.database.pool, account.id)
        return [str(each.kind) for each in found]

    async def announce(self, by: Account) -> Post:
        start = self.town.commune.database.clock().replace(microsecond=0) + timedelta(days=3)
        occasion = Occasion(name="Marché", starts_at=start, zone="Indian/Reunion", capacity=10)
        async with self.town.commune.database.transaction() as tx:
            return await announcing.announce(tx, by, Announcement(occasion, "Venez."))


@pytest.fixture
async def scene(database_url: str) -> AsyncIterator[Scene]:
    async with (
        EvilServer() as server,
        communes.town("saint-leu", database_url, Clock(), commune=REUNION) as town,
    ):
        yield Scene(town, Peer(server, town, "elsewhere.localhost"), await town.citizen("marie"))


async def test_w_evt_02_a_group_of_mobilizon_fills_moves_and_empties_the_agenda(
    scene: Scene,
) -> None:
    lucie = scene.peer.actor("lucie")
    club = scene.peer.actor("club", 1, type="Group", openness="moderated")
    await scene.follow(club)
    written = mobilizon.written(lucie, club, 1)
    scene.peer.shows(written)

    await scene.post(lucie, mobilizon.activity("Create", lucie, written, 1, club))

    (line,) = await scene.lines()
    event = line.event
    assert (event.name, event.zone) == ("Fête de la science", "Indian/Reunion")
    assert event.starts_at == datetime(2027, 3, 6, 14, tzinfo=UTC)
    assert event.where == "Plage de la Salette, Rue de la Plage, 97436 Saint-Leu"
    assert (event.latitude, event.longitude) == (-21.1, 55.3)
    assert (event.capacity, event.participants, event.room) == (40, 7, 33)

    async with scene.town.commune.database.transaction() as tx:
        await joining.join(tx, scene.marie, event.post_id, message="J'apporte ma lunette.")
    await scene.settle()
    (asked,) = scene.peer.heard_of("Join")
    assert asked["participationMessage"] == "J'apporte ma lunette."
    answer = {**mobilizon.activity("Accept", lucie, asked, 2, club), "to": [asked["actor"]]}
    await scene.post(lucie, answer)
    one = await people.of_account(scene.town.commune.database.pool, event.post_id, scene.marie.id)
    assert one is not None
    assert one.state is State.ACCEPTED

    off = mobilizon.written(
        lucie,
        club,
        1,
        status="CANCELLED",
        startTime="2027-03-07T18:00:00+04:00",
        endTime="2027-03-07T22:00:00+04:00",
        updated="2026-11-21T08:00:00Z",
        **{"ical:status": "CANCELLED"},
    )
    scene.peer.shows(off)
    await scene.post(lucie, mobilizon.activity("Update", lucie, off, 3, club))
    (line,) = await scene.lines()
    assert (line.event.status, line.event.local_start.day) == ("cancelled", 7)
    assert "event_update" in await scene.told(scene.marie)

    scene.peer.buries(written["id"])
    await scene.post(lucie, mobilizon.activity("Delete", lucie, written["id"], 4, club))
    assert await scene.lines() == []


async def test_the_relay_of_mobilizon_passes_on_events_by_their_id(scene: Scene) -> None:
    relay = scene.peer.actor("relay", 2, type="Application")
    lucie = scene.peer.actor("lucie")
    club = scene.peer.actor("club", 1, type="Group")
    await scene.follow(relay)
    written = mobilizon.written(lucie, club, 5, isOnline=True, location=None, attachment=[
        {
            "type": "Link",
            "href": "https://visio.example/etoiles",
            "mediaType": "text/html",
            "name": "Website",
        }
    ])  # fmt: skip
    scene.peer.shows(written)

    await scene.post(relay, mobilizon.activity("Announce", relay, written["id"], 1))

    (line,) = await scene.lines()
    assert (line.event.online_url, line.event.website) == ("https://visio.example/etoiles", None)
    assert line.event.where == ""


async def test_w_evt_03_somebody_of_mobilizon_comes_to_our_event_and_does_not(
    scene: Scene,
) -> None:
    lucie = scene.peer.actor("lucie")
    post = await scene.announce(scene.marie)
    joins = {
        **mobilizon.activity("Join", lucie, post.object_id, 1),
        "participationMessage": "Avec joie",
    }

    await scene.post(lucie, joins)

    (accepted,) = scene.peer.heard_of("Accept")
    assert accepted["object"]["id"] == joins["id"]
    agenda_ = await scene.town.find("@agenda")
    assert accepted["actor"] == agenda_.actor_id
    (line,) = await scene.lines()
    assert line.event.participants == 1
    assert "event_joined" in await scene.told(scene.marie)

    await scene.post(lucie, mobilizon.activity("Leave", lucie, post.object_id, 2))
    (line,) = await scene.lines()
    assert line.event.participants == 0


async def test_a_post_of_a_group_of_mobilizon_is_the_group_s_and_edited_by_its_members(
    scene: Scene,
) -> None:
    """An Article with an actor and a group, both; another member edits it."""
    lucie, paul = scene.peer.actor("lucie"), scene.peer.actor("paul", 4)
    club = scene.peer.actor("club", 1, type="Group")
    await scene.follow(club)
    article = {
        **mobilizon.written(lucie, club, 3),
        "type": "Article",
        "name": "Compte rendu",
        "content": "<p>Trois comètes.</p>",
    }
    scene.peer.shows(article)

    await scene.post(lucie, mobilizon.activity("Create", lucie, article, 1, club))
    edited = {
        **article,
        "actor": paul.id,
        "content": "<p>Quatre comètes.</p>",
        "updated": "2026-11-26T08:00:00Z",
    }
    scene.peer.shows(edited)
    await scene.post(paul, mobilizon.activity("Update", paul, edited, 2, club))

    kept = await scene.stored(article["id"])
    assert kept is not None
    assert "Quatre comètes" in kept.content
    author = await scene.town.commune.database.pool.fetchval(
        "select actor_id from commune.account where id = $1", kept.author_id
    )
    assert author == club.id
    assert await scene.lines() == []


async def test_sec_ori_03_only_the_origin_says_that_a_member_speaks_for_a_group(
    scene: Scene,
) -> None:
    """The event that comes along is not looked at: its server knows another, or none."""
    lucie, mallory = scene.peer.actor("lucie"), scene.peer.actor("mallory", 4)
    club = scene.peer.actor("club", 1, type="Group")
    await scene.follow(club)
    real = mobilizon.written(lucie, club, 1)
    forged = {**real, "actor": mallory.id, "name": "Arnaque", "updated": "2026-11-26T08:00:00Z"}

    await scene.post(mallory, mobilizon.activity("Create", mallory, forged, 1, club))
    assert await scene.lines() == []

    scene.peer.shows(real)
    await scene.post(lucie, mobilizon.activity("Create", lucie, real, 2, club))
    await scene.post(mallory, mobilizon.activity("Update", mallory, forged, 3, club))
    await scene.post(mallory, mobilizon.activity("Delete", mallory, real["id"], 4, club))
    assert [line.event.name for line in await scene.lines()] == ["Fête de la science"]


async def test_w_evt_01_gancio_creates_changes_and_deletes_an_event(scene: Scene) -> None:
    relay = scene.peer.actor("relay", 2, type="Application")
    await scene.follow(relay)
    written = gancio.written(relay, 12)
    scene.peer.shows(written)

    await scene.post(relay, gancio.activity("Create", relay, written))

    (line,) = await scene.lines()
    assert line.event.where == "Caserne, Rue du Général-Lambert, Saint-Leu"
    assert (line.event.zone, line.event.local_start.hour) == ("Indian/Reunion", 20)
    assert (line.event.latitude, line.event.longitude) == (-21.17, 55.288)
    assert "Tombola" in line.event.description

    later = gancio.written(
        relay,
        12,
        startTime="2027-01-16T21:00:00.000+04:00",
        updated="2026-11-22T08:00:00.000Z",
    )
    scene.peer.shows(later)
    await scene.post(relay, gancio.activity("Update", relay, later))
    (line,) = await scene.lines()
    assert line.event.local_start.hour == 21

    await scene.post(relay, gancio.activity("Delete", relay, later))
    assert await scene.lines() == []


async def test_an_event_online_and_somewhere_keeps_both(scene: Scene) -> None:
    """FEP-8a8e: a list of places."""
    relay = scene.peer.actor("relay", 2, type="Application")
    await scene.follow(relay)
    virtual = {"type": "VirtualLocation", "name": "Visio", "url": "https://visio.example/1"}
    written = gancio.written(relay, 13)
    both = {**written, "location": [virtual, written["location"]]}
    scene.peer.shows(both)

    await scene.post(relay, gancio.activity("Create", relay, both))

    (line,) = await scene.lines()
    assert line.event.place_name == "Caserne"
    assert line.event.online_url == "https://visio.example/1"


async def test_w_grp_02_lemmy_s_community_is_read_and_our_square_is_one_for_it(
    scene: Scene,
) -> None:
    solene = scene.peer.actor("solene")
    jardins = scene.peer.actor("jardins", 1, type="Group")
    await scene.follow(jardins)
    page = lemmy.posted(solene, jardins.id, 1)
    scene.peer.shows(page)
    create = lemmy.activity("Create", solene, page, jardins.id, 1)
    announced = lemmy.activity("Announce", jardins, create, jardins.id, 2)
    await scene.post(jardins, announced)
    kept = await scene.stored(page["id"])
    assert kept is not None
    assert "Un four commun ?" in kept.content

    # The other way round: they write to our square, which tells its followers, whole.
    square = await scene.town.find("@place")
    reader = scene.peer.actor("reader", 3)
    await scene.post(reader, reader.activity("Follow", square.actor_id))
    scene.peer.heard.clear()
    ours = lemmy.posted(solene, square.actor_id, 2, "Qui prête une échelle ?")
    scene.peer.shows(ours)
    await scene.post(solene, lemmy.activity("Create", solene, ours, square.actor_id, 3))

    types = {solene.id: "Person", square.actor_id: "Group"}
    whole = [each for each in scene.peer.heard_of("Announce") if isinstance(each["object"], dict)]
    assert lemmy.announced(whole[0], types).name == "Qui prête une échelle ?"
    assert mastodon.announced(scene.peer.heard_of("Announce")[0]) == ours["id"]

    edited = {**ours, "name": "Qui prête deux échelles ?", "updated": "2026-11-27T08:00:00Z"}
    scene.peer.shows(edited)
    scene.peer.heard.clear()
    await scene.post(solene, lemmy.activity("Update", solene, edited, square.actor_id, 4))
    (whole_edit,) = scene.peer.heard_of("Announce")
    assert lemmy.announced(whole_edit, types).name == "Qui prête deux échelles ?"

    scene.peer.heard.clear()
    scene.peer.buries(ours["id"])
    await scene.post(solene, lemmy.activity("Delete", solene, ours["id"], square.actor_id, 5))
    gone = [each["object"] for each in scene.peer.heard_of("Announce")]
    assert [each["type"] for each in gone if isinstance(each, dict)] == ["Delete"]
    found = await scene.stored(ours["id"])
    assert found is None or found.deleted_at is not None


async def test_sec_ori_04_nobody_else_moves_what_the_square_passed_on(scene: Scene) -> None:
    solene, mallory = scene.peer.actor("solene"), scene.peer.actor("mallory", 4)
    square = await scene.town.find("@place")
    await scene.post(solene, solene.activity("Follow", square.actor_id, 90))
    page = lemmy.posted(solene, square.actor_id, 2)
    scene.peer.shows(page)
    await scene.post(solene, lemmy.activity("Create", solene, page, square.actor_id, 3))
    scene.peer.heard.clear()

    forged = {**page, "name": "Vendu", "updated": "2026-11-27T08:00:00Z"}
    await scene.post(mallory, lemmy.activity("Update", mallory, forged, square.actor_id, 4))

    assert scene.peer.heard_of("Announce") == []
    kept = await scene.stored(page["id"])
    assert kept is not None
    assert "Vendu" not in kept.content


@pytest.mark.parametrize(
    "nonsense",
    [
        {"@context": "https://evil.example/context.jsonld"},
        {"@graph": [{"@id": "x"}], "@type": 5},
        {"@reverse": {"as:object": {"@id": "_:b0"}}, "@included": [1]},
        {"proof": {"type": "DataIntegrityProof", "@context": "https://evil.example/c"}},
        {"cm:x": [[["y"]]], "https://a.example/ b": {"@value": 1, "@id": 2}},
        {"cm:n": 2**50, "cm:f": 1.5e-7, "": "x", "_:b": {"id": "_:c", "type": "_:d"}},
        {"tag": [{"type": "Hashtag", "href": "no address", "name": "#x", "id": "http://[::1"}]},
        {"summary": {"@value": "a", "@language": 5}, "startTime": {"type": ["a b", 5]}},
    ],
)
async def test_sec_par_04_nonsense_beside_a_post_does_not_keep_it_from_the_square(
    scene: Scene, nonsense: dict[str, Any]
) -> None:
    """What cannot stand inside an Announce of ours is left out; the boost is made all the same."""
    solene = scene.peer.actor("solene")
    square = await scene.town.find("@place")
    await scene.post(solene, solene.activity("Follow", square.actor_id, 90))
    page = {**lemmy.posted(solene, square.actor_id, 2), **nonsense}
    scene.peer.shows(page)
    create = lemmy.activity("Create", solene, page, square.actor_id, 3)

    await scene.post(solene, create)

    kept = await scene.stored(page["id"])
    assert kept is not None
    assert kept.shares_count == 1
    said = scene.peer.heard_of("Announce")
    assert said[0]["object"] == page["id"]
    assert "evil.example" not in str(said)


async def test_product_7_5_an_answer_of_mastodon_comes_and_stays_away(scene: Scene) -> None:
    nadia = scene.peer.actor("nadia")
    post = await scene.announce(scene.marie)
    agenda_ = await scene.town.find("@agenda")

    await scene.post(nadia, mastodon.reply(nadia, post.object_id, "Je participe !", 1,
                                           agenda_.actor_id))  # fmt: skip

    (line,) = await scene.lines()
    assert line.event.participants == 1
    assert [each["object"] for each in scene.peer.heard_of("Like")] == [f"{nadia.id}/statuses/1"]

    await scene.post(nadia, mastodon.reply(nadia, post.object_id, "Je ne peux pas venir", 2,
                                           agenda_.actor_id))  # fmt: skip
    (line,) = await scene.lines()
    assert line.event.participants == 0
