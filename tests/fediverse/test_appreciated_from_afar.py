"""Somebody on Mastodon puts a shop of ours into a collection: it counts (product 8.6 c)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.collections import actions, queries
from fedcommune.domain.collections.queries import three
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft
from tests.fediverse import asking
from tests.fediverse.peers.server import Peer
from tests.inbox.strangers import Stranger
from tests.support import browsers, communes
from tests.support.communes import Clock, Town, pair
from tests.support.evil import EvilServer


@dataclass
class Scene:
    """The garage of Saint-Leu, which Zoé runs; Nadia lives on Mastodon."""

    town: Town
    peer: Peer
    zoe: Account
    garage: Account
    nadia: Stranger

    def collection(self, who: Stranger, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Serve, and return, a collection as Mastodon writes it."""
        document = {
            "id": f"{who.id}/collections/7",
            "type": "FeaturedCollection",
            "totalItems": len(items),
            "name": "Mes bonnes adresses",
            "summary": "<p>Testées et approuvées</p>",
            "attributedTo": who.id,
            "sensitive": False,
            "discoverable": True,
            "topic": None,
            "orderedItems": list(items),
            "published": "2026-11-20T08:00:00Z",
            "updated": "2026-11-20T08:00:00Z",
            **changes,
        }
        self.peer.shows(document)
        return document

    async def ask(
        self, who: Stranger, collection: str, number: int = 1, whom: Account | None = None
    ) -> dict[str, Any]:
        request = {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{who.id}/feature_requests/{number}",
            "type": "FeatureRequest",
            "actor": who.id,
            "object": (whom or self.garage).actor_id,
            "instrument": collection,
        }
        await self.post(who, request)
        return request

    async def post(self, who: Stranger, activity: dict[str, Any]) -> None:
        await self.peer.post(who, activity)
        await communes.settle([self.town])

    async def likes(self, account: Account | None = None) -> int:
        pool = self.town.commune.database.pool
        return await three.count_appreciations(pool, (account or self.garage).id)

    async def page(self) -> str:
        async with browsers.browser(self.town) as visitor:
            return (await visitor.open("/@garage")).text


@pytest.fixture
async def scene(database_url: str) -> AsyncIterator[Scene]:
    async with (
        EvilServer() as server,
        communes.town("saint-leu", database_url, Clock()) as town,
    ):
        zoe = await town.citizen("zoe")
        async with town.commune.database.transaction() as tx:
            garage = await organisations.found(
                tx, zoe, Draft("business", "garage", "Garage Payet"), pair(3)
            )
        peer = Peer(server, town, "mastodon.localhost")
        yield Scene(town, peer, zoe, garage, peer.actor("nadia", name="Nadia", discoverable=True))


async def test_a_shop_agrees_at_once_and_its_page_counts_one_more(scene: Scene) -> None:
    collection = scene.collection(scene.nadia)

    request = await scene.ask(scene.nadia, collection["id"])

    (accepted,) = scene.peer.heard_of("Accept")
    assert (accepted["actor"], accepted["object"]["id"]) == (scene.garage.actor_id, request["id"])
    stamp = await scene.peer.fetch(accepted["result"])
    assert (stamp["type"], stamp["interactingObject"], stamp["interactionTarget"]) == (
        "FeatureAuthorization",
        collection["id"],
        scene.garage.actor_id,
    )
    assert await scene.likes() == 1
    shown = await scene.page()
    assert "1 person appreciates" in shown
    assert "Nadia" in shown

    # Asked again, answered again, counted once.
    await scene.ask(scene.nadia, collection["id"])
    await scene.ask(scene.nadia, collection["id"], 2)
    assert await scene.likes() == 1
    assert {each["result"] for each in scene.peer.heard_of("Accept")} == {accepted["result"]}


async def test_who_keeps_a_collection_unlisted_counts_without_a_name(scene: Scene) -> None:
    collection = scene.collection(scene.nadia, discoverable=False)

    await scene.ask(scene.nadia, collection["id"])

    shown = await scene.page()
    assert "1 person appreciates" in shown
    assert "Nadia" not in shown


async def test_the_shop_takes_its_consent_back_for_good(scene: Scene) -> None:
    collection = scene.collection(scene.nadia)
    await scene.ask(scene.nadia, collection["id"])
    (accepted,) = scene.peer.heard_of("Accept")
    async with scene.town.commune.database.transaction() as tx:
        known = await queries.by_object_id(tx.db, collection["id"])
        assert known is not None
        item = await queries.item_of(tx.db, known.id, scene.garage.id)
        assert item is not None
        await actions.revoke(tx, scene.garage, known.id, item.id)
    await communes.settle([scene.town])

    (deleted,) = scene.peer.heard_of("Delete")
    assert (deleted["object"]["type"], deleted["object"]["id"]) == (
        "FeatureAuthorization",
        accepted["result"],
    )
    assert (await asking.ask(scene.town, accepted["result"])).status_code == 404
    assert await scene.likes() == 0
    assert "appreciates" not in await scene.page()

    await scene.ask(scene.nadia, collection["id"], 2)
    assert [each["object"]["id"] for each in scene.peer.heard_of("Reject")] == [
        f"{scene.nadia.id}/feature_requests/2"
    ]
    assert await scene.likes() == 0


@pytest.mark.parametrize("how", ["Remove", "Update", "Remove the collection", "Delete"])
async def test_what_they_take_out_or_delete_counts_no_more(scene: Scene, how: str) -> None:
    nadia = scene.peer.actor("nadia", name="Nadia", featuredCollections=f"{scene.nadia.id}/lists")
    collection = scene.collection(nadia)
    await scene.ask(nadia, collection["id"])
    (accepted,) = scene.peer.heard_of("Accept")
    item = {
        "id": f"{nadia.id}/items/1",
        "type": "FeaturedItem",
        "featuredObject": scene.garage.actor_id,
        "featuredObjectType": "Organization",
        "featureAuthorization": accepted["result"],
    }
    await scene.post(nadia, nadia.activity("Add", item, 1, target=collection["id"]))
    assert await scene.likes() == 1

    match how:
        case "Remove":
            removed = nadia.activity("Remove", item["id"], 2, target=collection["id"])
            await scene.post(nadia, removed)
        case "Remove the collection":
            target = f"{nadia.id}/lists"
            await scene.post(nadia, nadia.activity("Remove", collection["id"], 2, target=target))
        case "Update":
            emptied = scene.collection(nadia, updated="2026-11-27T08:00:00Z")
            await scene.post(nadia, nadia.activity("Update", emptied, 2))
        case _:
            scene.peer.buries(nadia.id)
            await scene.post(nadia, nadia.activity("Delete", nadia.id, 2))

    assert await scene.likes() == 0


async def test_who_does_not_want_to_be_found_is_refused_and_not_counted(scene: Scene) -> None:
    async with scene.town.commune.database.transaction() as tx:
        await accounts.edit(tx, scene.garage, Changes(discoverable=False))
    collection = scene.collection(scene.nadia)

    await scene.ask(scene.nadia, collection["id"])

    assert len(scene.peer.heard_of("Reject")) == 1
    assert scene.peer.heard_of("Accept") == []
    assert await scene.likes() == 0


async def test_a_citizen_is_asked_and_counts_only_after_a_yes(scene: Scene) -> None:
    """FEP-7aa9: a citizen who wants to be found may be asked."""
    collection = scene.collection(scene.nadia)

    await scene.ask(scene.nadia, collection["id"], whom=scene.zoe)

    assert scene.peer.heard_of("Accept") == []
    assert await scene.likes(scene.zoe) == 0
    async with scene.town.commune.database.transaction() as tx:
        known = await queries.by_object_id(tx.db, collection["id"])
        assert known is not None
        item = await queries.item_of(tx.db, known.id, scene.zoe.id)
        assert item is not None
        await actions.agree(tx, scene.zoe, known.id, item.id)
    await communes.settle([scene.town])
    assert len(scene.peer.heard_of("Accept")) == 1
    assert await scene.likes(scene.zoe) == 1


async def test_sec_ori_06_nobody_asks_with_the_collection_of_another(scene: Scene) -> None:
    mallory = Peer(scene.peer.server, scene.town, "evil.localhost").actor("mallory", 2)
    mine = scene.collection(scene.nadia)

    await scene.ask(mallory, mine["id"])
    lie = scene.peer.actor("lia", 3)
    await scene.ask(lie, mine["id"])

    assert await scene.likes() == 0
    assert await scene.town.count("commune.collection_item") == 0
    assert scene.peer.heard_of("Accept") == []


async def test_sec_ori_04_nobody_else_s_word_ends_the_consent(scene: Scene) -> None:
    collection = scene.collection(scene.nadia)
    await scene.ask(scene.nadia, collection["id"])
    (accepted,) = scene.peer.heard_of("Accept")
    mallory = Peer(scene.peer.server, scene.town, "evil.localhost").actor("mallory", 2)

    await scene.post(mallory, mallory.activity("Delete", accepted["result"]))
    removed = mallory.activity("Remove", scene.garage.actor_id, 2, target=collection["id"])
    await scene.post(mallory, removed)

    assert await scene.likes() == 1
    assert (await asking.ask(scene.town, accepted["result"])).status_code == 200
