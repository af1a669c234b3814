"""Follow, post, reply, edit, delete, boost, like, block, move: over real HTTP, both ways."""

from __future__ import annotations

import pytest

from fedcommune.domain.accounts import actions as account_actions
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.blocks import queries as block_queries
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.follows import queries as follow_queries
from fedcommune.domain.notifications import queries as notifications
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.timelines import queries as timelines
from fedcommune.domain.visibility import Visibility
from federation.network import fetch
from outbox import upkeep
from tests.fediverse.conftest import Neighbours
from tests.support.communes import Town

pytestmark = pytest.mark.parametrize("way", [0, 1], ids=["there", "and back"])


async def follow(
    neighbours: Neighbours, here: Town, us: Account, there: Town, them: Account
) -> Account:
    """Let *us* follow *them*, and wait until they agreed; return them as known here."""
    target = await here.meet(them)
    async with here.commune.database.transaction() as tx:
        await follows.follow(tx, us, target)
    await neighbours.settle()
    return target


async def pair_of_friends(neighbours: Neighbours, way: int) -> tuple[Town, Account, Town, Account]:
    here, there = neighbours.both_ways()[way]
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    return here, marie, there, jean


async def told(town: Town, account: Account) -> list[str]:
    found = await notifications.page(town.commune.database.pool, account.id)
    return [str(each.kind) for each in found]


async def test_a_follow_is_accepted_on_both_sides(neighbours: Neighbours, way: int) -> None:
    here, marie, there, jean = await pair_of_friends(neighbours, way)

    known_jean = await follow(neighbours, here, marie, there, jean)

    known_marie = await there.known(marie)
    assert known_marie is not None
    assert known_marie.handle == f"marie@{here.domain}"
    assert await follow_queries.follows(here.commune.database.pool, marie.id, known_jean.id)
    assert await follow_queries.follows(there.commune.database.pool, known_marie.id, jean.id)
    assert await told(there, jean) == ["follow"]
    assert await upkeep.pending(here.commune.database.pool) == 0


async def test_a_post_to_followers_arrives_once_and_in_the_home_timeline(
    neighbours: Neighbours, way: int
) -> None:
    here, marie, there, jean = await pair_of_friends(neighbours, way)
    await follow(neighbours, there, jean, here, marie)

    post = await here.say(marie, "Il pleut sur les **Hauts** #meteo", Visibility.FOLLOWERS)
    await neighbours.settle()

    kept = await there.seen(post)
    assert kept.visibility is Visibility.FOLLOWERS
    assert "<strong>Hauts</strong>" in kept.content
    home = await timelines.home(there.commune.database.pool, jean.id)
    assert [entry.post.object_id for entry in home] == [post.object_id]
    assert await there.count("commune.post") == 1


async def test_a_reply_is_notified_and_counted_at_home(neighbours: Neighbours, way: int) -> None:
    here, marie, there, jean = await pair_of_friends(neighbours, way)
    await follow(neighbours, there, jean, here, marie)
    question = await here.say(marie, "Qui a vu mon chat ?", warning="chat")
    await neighbours.settle()

    answer = await there.say(jean, "Il dort chez nous.", to=await there.seen(question))
    await neighbours.settle()

    at_home = await here.seen(answer)
    assert at_home.parent_id == question.id
    assert (await here.seen(question)).replies_count == 1
    assert (await there.seen(question)).summary == "chat"
    assert "reply" in await told(here, marie) or "mention" in await told(here, marie)


async def test_an_edit_replaces_and_a_deletion_is_final(neighbours: Neighbours, way: int) -> None:
    here, marie, there, jean = await pair_of_friends(neighbours, way)
    await follow(neighbours, there, jean, here, marie)
    post = await here.say(marie, "Rendez-vous à 8 h")
    await neighbours.settle()

    neighbours.clock.pass_by(minutes=5)
    async with here.commune.database.transaction() as tx:
        await posts.edit(tx, marie, post.id, Draft(text="Rendez-vous à 9 h"))
    await neighbours.settle()

    edited = await there.seen(post)
    assert "9 h" in edited.content
    assert edited.edited_at is not None

    async with here.commune.database.transaction() as tx:
        await posts.delete(tx, marie, post.id)
    await neighbours.settle()

    gone = await there.stored(post)
    assert gone is None or gone.deleted_at is not None
    assert gone is None or gone.content == ""
    home = await timelines.home(there.commune.database.pool, jean.id)
    assert home == []


async def test_a_like_and_a_boost_are_counted_and_taken_back(
    neighbours: Neighbours, way: int
) -> None:
    here, marie, there, jean = await pair_of_friends(neighbours, way)
    await follow(neighbours, there, jean, here, marie)
    post = await here.say(marie, "Les mangues sont mûres")
    await neighbours.settle()
    there_post = await there.seen(post)

    async with there.commune.database.transaction() as tx:
        await reactions.like(tx, jean, there_post)
        await reactions.boost(tx, jean, there_post)
    await neighbours.settle()

    counted = await here.seen(post)
    assert counted.likes_count == 1
    # The instance actor passes on what is public: it boosted as well.
    assert counted.shares_count == 2
    assert {"favourite", "reblog"} <= set(await told(here, marie))

    async with there.commune.database.transaction() as tx:
        await reactions.unlike(tx, jean, there_post)
        await reactions.unboost(tx, jean, there_post)
    await neighbours.settle()

    counted = await here.seen(post)
    assert (counted.likes_count, counted.shares_count) == (0, 1)


async def test_a_direct_post_reaches_only_who_is_named(neighbours: Neighbours, way: int) -> None:
    here, marie, there, jean = await pair_of_friends(neighbours, way)
    paul = await there.citizen("paul")
    for each in (jean, paul):
        await follow(neighbours, there, each, here, marie)

    post = await here.say(marie, f"@jean@{there.domain} la clé est sous le pot", Visibility.DIRECT)
    await neighbours.settle()

    kept = await there.seen(post)
    assert kept.visibility in (Visibility.DIRECT, Visibility.LIMITED)
    pool = there.commune.database.pool
    assert [entry.post.id for entry in await timelines.home(pool, paul.id)] == []
    assert "mention" in await told(there, jean)


async def test_a_boost_across_shows_a_stranger_post_to_followers(
    neighbours: Neighbours, way: int
) -> None:
    here, marie, there, jean = await pair_of_friends(neighbours, way)
    paul = await there.citizen("paul")
    await follow(neighbours, here, marie, there, jean)
    post = await there.say(paul, "Concert dimanche")

    async with there.commune.database.transaction() as tx:
        await reactions.boost(tx, jean, post)
    await neighbours.settle()

    home = await timelines.home(here.commune.database.pool, marie.id)
    assert [entry.post.object_id for entry in home] == [post.object_id]
    assert await here.known(paul) is not None


async def test_unfollowing_ends_deliveries(neighbours: Neighbours, way: int) -> None:
    here, marie, there, jean = await pair_of_friends(neighbours, way)
    known_marie = await follow(neighbours, there, jean, here, marie)

    async with there.commune.database.transaction() as tx:
        await follows.stop(tx, jean, known_marie)
    await neighbours.settle()
    post = await here.say(marie, "Y a quelqu'un ?", Visibility.FOLLOWERS)
    await neighbours.settle()

    assert await there.stored(post) is None
    assert await here.count("commune.follow") == 0


async def test_a_block_cuts_both_ways_and_silences(neighbours: Neighbours, way: int) -> None:
    here, marie, there, jean = await pair_of_friends(neighbours, way)
    known_jean = await follow(neighbours, here, marie, there, jean)
    await follow(neighbours, there, jean, here, marie)
    post = await here.say(marie, "Bonjour tout le monde")
    await neighbours.settle()

    async with here.commune.database.transaction() as tx:
        await blocks.block(tx, marie, known_jean)
    await neighbours.settle()
    async with there.commune.database.transaction() as tx:
        await reactions.like(tx, jean, await there.seen(post))
    await neighbours.settle()

    assert await here.count("commune.follow") == 0
    assert (await here.seen(post)).likes_count == 0
    assert await block_queries.between(here.commune.database.pool, marie.id, known_jean.id)
    known_marie = await there.known(marie)
    assert known_marie is not None
    assert not await follow_queries.follows(there.commune.database.pool, jean.id, known_marie.id)


async def test_a_changed_profile_is_fetched_anew(neighbours: Neighbours, way: int) -> None:
    here, marie, there, jean = await pair_of_friends(neighbours, way)
    await follow(neighbours, there, jean, here, marie)

    async with here.commune.database.transaction() as tx:
        await account_actions.edit(tx, marie, Changes(name="Marie Hoarau"))
    await neighbours.settle()

    known = await there.known(marie)
    assert known is not None
    assert known.name == "Marie Hoarau"


async def test_a_move_takes_the_followers_along(neighbours: Neighbours, way: int) -> None:
    here, marie, there, jean = await pair_of_friends(neighbours, way)
    await follow(neighbours, there, jean, here, marie)
    new = await there.citizen("marie_des_hauts")
    async with there.commune.database.transaction() as tx:
        new = await account_actions.edit(tx, new, Changes(also_known_as=(marie.actor_id,)))

    target = await fetch.document(
        here.commune.client, new.actor_id, signer=await here.commune.signer()
    )
    async with here.commune.database.transaction() as tx:
        await follows.move(tx, marie, target)
    await neighbours.settle()

    assert await follow_queries.follows(there.commune.database.pool, jean.id, new.id)
    moved = await there.known(marie)
    assert moved is not None
    assert moved.moved_to == new.actor_id


async def test_a_deleted_citizen_is_forgotten_next_door(neighbours: Neighbours, way: int) -> None:
    here, marie, there, jean = await pair_of_friends(neighbours, way)
    await follow(neighbours, there, jean, here, marie)
    post = await here.say(marie, "Adieu")
    await neighbours.settle()

    async with here.commune.database.transaction() as tx:
        await account_actions.delete(tx, marie)
    await neighbours.settle()

    gone = await there.stored(post)
    assert gone is None or gone.deleted_at is not None
    stored = await accounts.by_actor_id(there.commune.database.pool, marie.actor_id)
    assert stored is None or stored.deleted_at is not None
    assert await there.count("commune.follow") == 0
