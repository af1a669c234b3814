"""A worker may die at any moment: what it began is delivered again, never lost."""

from __future__ import annotations

import asyncpg
import pytest

from outbox import publish, upkeep
from outbox.deliver import LEASE, Deliverer
from tests.outbox.conftest import Commune, until_stopped
from tests.outbox.peers import Peer


async def _dying(
    commune: Commune, database_url: str
) -> tuple[Deliverer, asyncpg.Pool[asyncpg.Record]]:
    """A worker with connections of its own, which the test will cut."""
    pool = await asyncpg.create_pool(database_url, min_size=1, max_size=2)
    deliverer = Deliverer(
        pool, commune.client, commune.signers, commune.hosts, commune.clock, wake=until_stopped
    )
    return deliverer, pool


async def test_w_del_01_a_crash_between_post_and_settlement_delivers_again(
    commune: Commune, peer: Peer, database_url: str
) -> None:
    said = {await commune.say(peer.inbox(f"h{number}")) for number in range(5)}
    peer.gate.clear()
    dying, pool = await _dying(commune, database_url)
    await dying.step()
    await peer.until(5)
    pool.terminate()
    peer.gate.set()
    with pytest.raises((asyncpg.InterfaceError, OSError)):
        await dying.settled()

    await commune.deliver()
    assert len(peer.letters) == 5  # the lease holds: nobody else begins
    assert await upkeep.pending(commune.pool) == 5
    commune.clock.move(seconds=LEASE.total_seconds())
    await commune.deliver()

    assert len(peer.letters) == 10
    assert {letter.id for letter in peer.letters[5:]} == said
    assert await upkeep.pending(commune.pool) == 0


async def test_w_del_01_a_crash_before_the_answer_delivers_again(
    commune: Commune, peer: Peer, database_url: str
) -> None:
    said = await commune.say(peer.inbox())
    peer.gate.clear()
    dying, pool = await _dying(commune, database_url)
    await dying.step()
    await peer.arrived.wait()
    await dying.stop(patience=0)
    pool.terminate()
    peer.gate.set()

    await commune.deliver()

    assert peer.ids == [said, said]
    assert await upkeep.pending(commune.pool) == 0


async def test_a_living_worker_keeps_its_lanes_however_long_a_peer_takes(
    commune: Commune, peer: Peer
) -> None:
    said = await commune.say(peer.inbox())
    peer.gate.clear()
    slow = commune.deliverer(wake=_at_once)
    await slow.step()
    await peer.arrived.wait()

    for _ in range(10):
        commune.clock.move(seconds=LEASE.total_seconds() / 2)
        await slow.step()
        await commune.deliver()
    peer.gate.set()
    await slow.settled()

    assert peer.ids == [said]
    assert await upkeep.pending(commune.pool) == 0


async def _at_once(_: float) -> None:
    return None


async def test_a_worker_goes_on_after_the_database_was_away(
    commune: Commune, peer: Peer, database_url: str
) -> None:
    await commune.say(peer.inbox())
    deliverer, pool = await _dying(commune, database_url)
    await deliverer.step()
    await peer.arrived.wait()
    name = await commune.pool.fetchval("select current_database()")
    await commune.pool.execute(
        """
        select pg_terminate_backend(pid) from pg_stat_activity
         where datname = $1 and pid not in (select pg_backend_pid())
           and application_name = (
               select application_name from pg_stat_activity where pid = pg_backend_pid())
        """,
        name,
    )
    for _ in range(20):
        try:
            await deliverer.settled()
        except Exception:  # whatever asyncpg makes of it: the loop would log it and go on
            continue
        break

    commune.clock.move(seconds=LEASE.total_seconds())
    await deliverer.settled()

    assert await upkeep.pending(commune.pool) == 0
    await deliverer.stop()
    await pool.close()


async def test_w_del_01_what_the_caller_rolls_back_was_never_said(
    commune: Commune, peer: Peer
) -> None:
    async with commune.pool.acquire() as db:
        transaction = db.transaction()
        await transaction.start()
        await publish.publish(
            db,
            {
                "@context": "https://www.w3.org/ns/activitystreams",
                "id": "https://commune.example/ap/activities/1",
                "type": "Like",
                "actor": "https://commune.example/ap/actors/1",
                "object": "https://a.example/1",
            },
            actor_id="https://commune.example/ap/actors/1",
            inboxes=[peer.inbox()],
            now=commune.clock(),
            public=False,
        )
        await transaction.rollback()

    await commune.deliver()

    assert peer.letters == []
    assert await commune.count("outbox.activity") == 0
    assert await commune.count("outbox.wake") == 0
