"""Keeping away, in both directions."""

from __future__ import annotations

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.blocks import actions, incoming, queries
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.follows import queries as follow_queries
from fedcommune.domain.notifications import queries as notifications
from fedcommune.errors import Conflict, NotAllowed
from federation.errors import IgnoredError, RefusedError
from inbox.gather import NOTHING
from tests.fedcommune.domain.people import People, activity, actor_document, gathered

ADA = "https://elsewhere.example/users/ada"


async def test_sec_mod_02_a_block_severs_both_follows_and_says_so_without_naming_itself(
    people: People, tx: Transaction
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await people.follower(ada, marie)
    made = await follows.follow(tx, marie, ada)

    await actions.block(tx, marie, ada)
    await actions.block(tx, marie, ada)

    endings = {sent.type: sent for sent in (await people.sent())[2:]}
    assert set(endings) == {"Undo", "Reject"}
    assert endings["Undo"].document["object"]["id"] == made.activity_id
    assert endings["Reject"].document["object"]["actor"] == ada.actor_id
    assert endings["Reject"].inboxes == (ada.inbox,)
    assert await queries.between(tx.db, ada.id, marie.id)
    assert await follow_queries.between(tx.db, marie.id, ada.id) is None
    assert await follow_queries.between(tx.db, ada.id, marie.id) is None
    assert await notifications.page(tx.db, marie.id) == []


async def test_s2s_07_a_block_is_told_only_where_that_is_wanted(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    ada, bob = await people.stranger("ada"), await people.stranger("bob")

    await actions.block(tx, marie, ada)
    await actions.unblock(tx, marie, ada)
    assert await people.sent() == []

    await actions.block(tx, marie, bob, send=True)
    await actions.unblock(tx, marie, bob, send=True)

    block, undo = await people.sent()
    assert (block.type, block.document["object"]) == ("Block", bob.actor_id)
    assert (undo.type, undo.document["object"]["id"]) == ("Undo", block.document["id"])
    assert block.inboxes == undo.inboxes == (bob.inbox,)
    assert not await queries.between(tx.db, marie.id, bob.id)


async def test_neighbours_block_one_another_without_http(people: People, tx: Transaction) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    await follows.follow(tx, paul, marie)

    await actions.block(tx, marie, paul)

    assert await follow_queries.between(tx.db, paul.id, marie.id) is None
    assert await queries.blocked_by(tx.db, marie.id) == [paul]
    assert await people.sent() == []
    with pytest.raises(NotAllowed):
        await follows.follow(tx, paul, marie)
    await actions.unblock(tx, marie, paul)
    await actions.unblock(tx, marie, paul)
    assert (await follows.follow(tx, paul, marie)).is_accepted


async def test_one_blocks_neither_oneself_nor_for_a_stranger(
    people: People, tx: Transaction
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")

    with pytest.raises(Conflict):
        await actions.block(tx, marie, marie)
    for verb in (actions.block, actions.unblock):
        with pytest.raises(NotAllowed):
            await verb(tx, ada, marie)

    assert await tx.db.fetchval("select count(*) from commune.block") == 0


async def test_w_act_block_a_strangers_block_is_recorded_and_ends_the_follows(
    people: People, tx: Transaction
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await people.follower(ada, marie)
    await follows.follow(tx, marie, ada)
    before = len(await people.sent())

    await incoming.blocked(tx, activity("Block", ADA, marie.actor_id), NOTHING)

    made = await queries.of(tx.db, ada.id, marie.id)
    assert made is not None
    assert await tx.db.fetchval("select count(*) from commune.follow") == 0
    assert await follow_queries.followers_recipients(tx.db, marie.id) == []
    assert len(await people.sent()) == before


@pytest.mark.parametrize("form", ["id", "embedded", "without id"])
async def test_a_strangers_block_is_undone_by_that_stranger_alone(
    people: People, tx: Transaction, form: str
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    bob = await people.stranger("bob")
    block = activity("Block", ADA, marie.actor_id)
    await incoming.blocked(tx, block, NOTHING)
    embedded = {"type": "Block", "actor": ADA, "object": marie.actor_id}
    if form == "embedded":
        embedded["id"] = block.id
    object_ = block.id if form == "id" else embedded

    if form == "without id":
        assert not await incoming.undo(tx, activity("Undo", bob.actor_id, object_))
    else:
        with pytest.raises(RefusedError):
            await incoming.undo(tx, activity("Undo", bob.actor_id, object_))
    assert await queries.between(tx.db, ada.id, marie.id)

    assert await incoming.undo(tx, activity("Undo", ADA, object_))
    assert not await queries.between(tx.db, ada.id, marie.id)


async def test_a_newcomers_block_counts_and_one_of_nobody_is_ignored(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")

    await incoming.blocked(
        tx, activity("Block", ADA, marie.actor_id), gathered(actor_document("ada"))
    )
    for object_ in ("https://saint-leu.example/ap/actors/1", "https://third.example/u"):
        with pytest.raises(IgnoredError):
            await incoming.blocked(tx, activity("Block", ADA, object_), NOTHING)
    undo = {
        "type": "Block",
        "id": f"{ADA}#other",
        "actor": ADA,
        "object": "https://third.example/u",
    }
    await incoming.unblocked(tx, activity("Undo", ADA, undo), NOTHING)

    assert await tx.db.fetchval("select count(*) from commune.block") == 1


async def test_the_id_of_another_block_is_refused(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")
    await people.stranger("ada")
    bob = await people.stranger("bob")
    block = activity("Block", ADA, marie.actor_id)
    await incoming.blocked(tx, block, NOTHING)

    with pytest.raises(RefusedError):
        await incoming.blocked(
            tx, activity("Block", bob.actor_id, marie.actor_id, id=block.id), NOTHING
        )

    assert await tx.db.fetchval("select count(*) from commune.block") == 1
