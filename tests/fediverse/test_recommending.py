"""Two communes recommend each other's people, with their consent (FEP-7aa9)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from fedcommune import recommending
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.collections import actions, queries
from fedcommune.domain.collections.model import Collection, Draft, State
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.links.model import Openness
from fedcommune.domain.visibility import ANYONE
from fedcommune.errors import Invalid
from tests.mastodon.conftest import Loopback
from tests.support import communes
from tests.support.communes import Clock, Town


@dataclass
class Scene:
    """Marie of Saint-Leu recommends the garage of Trois-Bassins, which Zoé runs."""

    here: Town
    there: Town
    clock: Clock
    marie: Account
    zoe: Account
    garage: Account

    async def settle(self) -> None:
        await communes.settle([self.here, self.there])

    async def make(self, *people: Account, name: str = "Mes garages") -> Collection:
        async with self.here.commune.database.transaction() as tx:
            made = await actions.make(tx, self.marie, Draft(name=name), people)
        await self.settle()
        return made

    async def states(self, town: Town, collection: Collection) -> dict[str, str]:
        """Return how far the consent of each is, as *town* knows it."""
        pool = town.commune.database.pool
        rows = await pool.fetch(
            """
            select account.username, item.state
            from commune.collection_item item
            join commune.collection on collection.id = item.collection_id
            join commune.account on account.id = item.account_id
            where collection.object_id = $1
            """,
            collection.object_id,
        )
        return {row["username"]: row["state"] for row in rows}

    async def document(self, iri: str) -> Any:
        async with httpx.AsyncClient(transport=Loopback()) as http:
            answer = await http.get(iri, headers={"Accept": "application/activity+json"})
        return answer.json() if answer.status_code == 200 else answer.status_code


@pytest.fixture
async def scene(database_url: str, second_database_url: str) -> AsyncIterator[Scene]:
    clock = Clock()
    async with (
        communes.town("saint-leu", database_url, clock) as here,
        communes.town("trois-bassins", second_database_url, clock) as there,
    ):
        marie, zoe = await here.citizen("marie"), await there.citizen("zoe")
        garage = await there.organisation(zoe, "garage", Openness.MODERATED)
        yield Scene(here, there, clock, marie, zoe, garage)


async def test_fep_7aa9_an_organisation_agrees_at_once_and_stamps_it(scene: Scene) -> None:
    made = await scene.make(await scene.here.meet(scene.garage))

    assert await scene.states(scene.here, made) == {"garage": "accepted"}
    assert await scene.states(scene.there, made) == {"garage": "accepted"}
    document = await scene.document(made.object_id)
    assert (document["type"], document["attributedTo"]) == (
        "FeaturedCollection",
        scene.marie.actor_id,
    )
    (item,) = document["orderedItems"]
    assert item["featuredObject"] == scene.garage.actor_id
    assert (await scene.document(item["id"]))["type"] == "FeaturedItem"
    stamp = await scene.document(item["featureAuthorization"])
    assert (stamp["type"], stamp["interactingObject"], stamp["interactionTarget"]) == (
        "FeatureAuthorization",
        made.object_id,
        scene.garage.actor_id,
    )
    actor = await scene.document(scene.marie.actor_id)
    listed = await scene.document(actor["featuredCollections"])
    assert listed["totalItems"] == 1
    assert (await scene.document(listed["first"]))["orderedItems"] == [made.object_id]


async def test_fep_7aa9_a_citizen_is_asked_and_answers(scene: Scene) -> None:
    made = await scene.make(await scene.here.meet(scene.zoe))
    assert await scene.states(scene.here, made) == {"zoe": "pending"}
    assert (await scene.document(made.object_id))["orderedItems"] == []

    pool = scene.there.commune.database.pool
    arrived = await queries.by_object_id(pool, made.object_id)
    assert arrived is not None
    item = await queries.item_of(pool, arrived.id, scene.zoe.id)
    assert item is not None
    assert item.state is State.PENDING
    assert (
        await pool.fetchval(
            "select kind from commune.notification where account_id = $1", scene.zoe.id
        )
        == "added_to_collection"
    )
    assert await scene.document(scene.there.commune.instance.stamp(item.id)) == 404
    async with scene.there.commune.database.transaction() as tx:
        await actions.agree(tx, scene.zoe, arrived.id, item.id)
    await scene.settle()

    assert await scene.states(scene.here, made) == {"zoe": "accepted"}
    (shown,) = (await scene.document(made.object_id))["orderedItems"]
    assert shown["featureAuthorization"] == scene.there.commune.instance.stamp(item.id)

    async with scene.there.commune.database.transaction() as tx:
        await actions.revoke(tx, scene.zoe, arrived.id, item.id)
    await scene.settle()
    assert await scene.states(scene.here, made) == {"zoe": "refused"}
    assert (await scene.document(made.object_id))["orderedItems"] == []
    assert await scene.document(shown["featureAuthorization"]) == 404
    async with scene.here.commune.database.transaction() as tx:
        with pytest.raises(Invalid):
            await actions.add(tx, scene.marie, made.id, await scene.here.meet(scene.zoe))


async def test_fep_7aa9_who_says_no_stands_nowhere(scene: Scene) -> None:
    zoe = await scene.here.meet(scene.zoe)
    made = await scene.make(zoe)
    pool = scene.there.commune.database.pool
    arrived = await queries.by_object_id(pool, made.object_id)
    assert arrived is not None
    item = await queries.item_of(pool, arrived.id, scene.zoe.id)
    assert item is not None

    async with scene.there.commune.database.transaction() as tx:
        await actions.revoke(tx, scene.zoe, arrived.id, item.id)
    await scene.settle()

    assert await scene.states(scene.here, made) == {"zoe": "refused"}


async def test_fep_7aa9_a_policy_that_changed_meanwhile_is_a_no(scene: Scene) -> None:
    """What was known of the actor allowed to ask; its own server decides."""
    garage = await scene.here.meet(scene.garage)
    async with scene.there.commune.database.transaction() as tx:
        await accounts.edit(tx, scene.garage, Changes(discoverable=False))

    made = await scene.make(garage)

    assert await scene.states(scene.here, made) == {"garage": "refused"}
    assert await scene.states(scene.there, made) == {}


async def test_fep_7aa9_followers_elsewhere_learn_whom_somebody_recommends(scene: Scene) -> None:
    marie = await scene.there.meet(scene.marie)
    async with scene.there.commune.database.transaction() as tx:
        await follows.follow(tx, scene.zoe, marie)
    await scene.settle()
    shop = await scene.here.organisation(scene.marie, "boutique", Openness.MODERATED)

    made = await scene.make(shop)
    assert await scene.states(scene.there, made) == {"boutique": "accepted"}

    async with scene.here.commune.database.transaction() as tx:
        await actions.change(tx, scene.marie, made.id, Draft(name="Mes boutiques"))
    await scene.settle()
    known = await queries.by_object_id(scene.there.commune.database.pool, made.object_id)
    assert known is not None
    assert known.name == "Mes boutiques"
    assert await scene.states(scene.there, made) == {"boutique": "accepted"}

    item = await queries.item_of(scene.here.commune.database.pool, made.id, shop.id)
    assert item is not None
    async with scene.here.commune.database.transaction() as tx:
        await actions.take_out(tx, scene.marie, made.id, item.id)
    await scene.settle()
    assert await scene.states(scene.there, made) == {}

    async with scene.here.commune.database.transaction() as tx:
        await actions.delete(tx, scene.marie, made.id)
    await scene.settle()
    assert await queries.by_object_id(scene.there.commune.database.pool, made.object_id) is None


async def test_fep_7aa9_a_profile_is_read_on_demand_and_each_stamp_is_looked_at(
    scene: Scene,
) -> None:
    shop = await scene.here.organisation(scene.marie, "boutique", Openness.MODERATED)
    made = await scene.make(shop, await scene.here.meet(scene.garage))
    liar = await scene.here.citizen("liar")
    # Somebody stands in the document without having agreed: the address of the stamp is a lie.
    await scene.here.commune.database.pool.execute(
        """
        insert into commune.collection_item (
            id, collection_id, account_id, object_id, state, created_at
        )
        select 7, $1, $2, $3, 'accepted', now()
        """,
        made.id,
        liar.id,
        scene.here.commune.instance.collection_item(7),
    )
    await scene.here.commune.database.pool.execute(
        "update commune.account set actor_id = actor_id || '0' where id = $1", liar.id
    )
    marie = await scene.there.meet(scene.marie)

    await recommending.refresh(scene.there.commune, marie)

    pool = scene.there.commune.database.pool
    (found,) = await queries.of_account(pool, marie.id)
    assert found.object_id == made.object_id
    assert await scene.states(scene.there, made) == {"boutique": "accepted", "garage": "accepted"}

    # Once is enough for half a day; after that, what is gone is forgotten.
    async with scene.here.commune.database.transaction() as tx:
        await queries.remove(tx.db, made.id)
    await recommending.refresh(scene.there.commune, marie)
    assert await queries.by_id(pool, ANYONE, found.id) is not None
    scene.clock.pass_by(hours=13)
    await recommending.refresh(scene.there.commune, marie)
    assert await queries.by_id(pool, ANYONE, found.id) is None
