"""What arrives in the wrong order: undone before it was done (W-ACT-Undo)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.reactions import actions as reactions
from federation.network import post as deliveries
from outbox import upkeep
from tests.fediverse.conftest import Neighbours
from tests.fediverse.test_two_communes import follow
from tests.support.communes import Town


async def hold_back(town: Town, kind: str) -> list[tuple[bytes, str]]:
    """Take what was just said off the queue; return the bodies and their inboxes."""
    rows = await town.commune.database.pool.fetch(
        """
        select activity.body, delivery.inbox
        from outbox.activity
        join outbox.delivery on delivery.activity = activity.key
        where activity.type = $1
        """,
        kind,
    )
    await town.commune.database.pool.execute("delete from outbox.activity where type = $1", kind)
    return [(bytes(row["body"]), row["inbox"]) for row in rows]


async def bring(town: Town, held: list[tuple[bytes, str]], actor: Account) -> None:
    """Send what was held back, signed as it would have been."""
    signer = await town.commune.signers.signer(actor.actor_id)
    for body, inbox in held:
        answer = await deliveries.activity(
            town.commune.client, inbox, body, signer=signer, scheme="cavage", now=datetime.now(UTC)
        )
        assert answer.status == 202


@pytest.mark.parametrize("kind", ["Follow", "Like"])
async def test_w_act_undo_before_do_leaves_nothing(neighbours: Neighbours, kind: str) -> None:
    here, there = neighbours.here, neighbours.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    jardin = await there.project(jean, "jardin")
    await follow(neighbours, here, marie, there, jean)
    post = await there.say(jean, "Bonjour")
    await neighbours.settle()
    known_jardin = await here.meet(jardin)
    seen = await here.seen(post)
    tables = ("commune.follow", "commune.reaction")
    before = [await there.count(table) for table in tables]

    async with here.commune.database.transaction() as tx:
        match kind:
            case "Follow":
                await follows.follow(tx, marie, known_jardin)
            case "Like":
                await reactions.like(tx, marie, seen)
    held = await hold_back(here, kind)
    assert held
    async with here.commune.database.transaction() as tx:
        match kind:
            case "Follow":
                await follows.stop(tx, marie, known_jardin)
            case "Like":
                await reactions.unlike(tx, marie, seen)
    await neighbours.settle()
    assert await upkeep.pending(here.commune.database.pool) == 0
    await bring(here, held, marie)
    await neighbours.settle()

    after = [await there.count(table) for table in tables]
    assert after == before
