"""Lists between two communes: consent is asked for and given, likes count, all of it undone."""

from __future__ import annotations

from fedcommune import retrieval
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections import three
from fedcommune.domain.collections.queries import three as stored
from fedcommune.domain.posts.model import Post
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.visibility import ANYONE
from tests.fediverse.conftest import Neighbours
from tests.support.communes import Town


async def count(town: Town, account: Account) -> int:
    known = await town.known(account)
    assert known is not None
    return await stored.count_appreciations(town.commune.database.pool, known.id)


async def test_scenario_2_a_neighbour_of_another_commune_takes_part_in_ones_list(
    neighbours: Neighbours,
) -> None:
    here, there = neighbours.here, neighbours.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    theatre = await there.organisation(jean, "theatre")
    known = await here.meet(theatre)

    async with here.commune.database.transaction() as tx:
        item = await three.put(tx, marie, known)
    assert item.state == "pending"
    await neighbours.settle()

    pool = here.commune.database.pool
    assert await stored.where_stands(pool, marie.id, known.id) == {"participates": "accepted"}
    kept = await there.commune.database.pool.fetchrow(
        "select state from commune.collection_item where account_id = $1", theatre.id
    )
    assert kept is not None
    assert kept["state"] == "accepted"

    async with here.commune.database.transaction() as tx:
        await three.take_out(tx, marie, known)
    await neighbours.settle()
    assert await there.count("commune.collection_item") == 0
    assert await here.count("commune.collection_item") == 0


async def test_a_like_on_what_a_shop_pinned_counts_once_with_a_name_kept(
    neighbours: Neighbours,
) -> None:
    here, there = neighbours.here, neighbours.there
    luc, jean = await here.citizen("luc"), await there.citizen("jean")
    garage = await here.organisation(luc, "garage")
    post = await here.say(garage, "Nous réparons aussi les vélos.")
    async with here.commune.database.transaction() as tx:
        await reactions.pin(tx, garage, post)
    assert await count(here, garage) == 0

    await there.meet(garage)
    found = await retrieval.fetched(there.commune, post.object_id, ANYONE)
    assert isinstance(found, Post)
    async with there.commune.database.transaction() as tx:
        await reactions.like(tx, jean, found)
    await neighbours.settle()

    assert await count(here, garage) == 1
    assert await stored.appreciating(here.commune.database.pool, garage.id) == []
