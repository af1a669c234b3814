"""Several workers, slow, dying or in each other's way: one activity, one effect."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg

from federation.activities import Activity
from inbox import lanes
from inbox.gather import Gathered
from tests.inbox.strangers import Commune, Stranger, Transaction, bring, record


async def test_w_in_when_a_worker_dies_another_takes_over_and_effects_happen_once(
    commune: Commune, alice: Stranger
) -> None:
    begun, never = asyncio.Event(), asyncio.Event()
    first = True

    @commune.router.receives("Create")
    async def created(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        nonlocal first
        await record(tx, activity, gathered)
        if first:
            first = False
            begun.set()
            await never.wait()

    await bring(commune, alice, *(alice.create(number) for number in range(3)))
    dying = asyncio.create_task(commune.processor().step())
    await begun.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert await commune.effects() == []
    await commune.settle()
    assert await commune.effects() == []  # leased to the dead one

    commune.clock.forward(lanes.LEASE)
    await commune.settle()

    assert await commune.effects() == [alice.create(number)["id"] for number in range(3)]


async def test_w_in_a_worker_that_was_only_slow_finds_its_work_taken(
    commune: Commune, alice: Stranger
) -> None:
    commune.router.receives("Create")(record)
    await bring(commune, alice, alice.create(1))
    slow = commune.processor()
    async with commune.pool.acquire() as connection:
        due = await lanes.lease(connection, 7, commune.clock())
    commune.clock.forward(lanes.LEASE)
    await commune.settle()
    assert len(await commune.effects()) == 1

    # The slow one comes back with what it leased a minute ago.
    taken = [slow._read(lane_id, items) for lane_id, items in due.items()]
    await slow._handle_all(taken, 7)

    assert len(await commune.effects()) == 1
    assert await commune.count("inbox.lane", "ready_at is not null") == 0


async def test_w_in_two_workers_on_one_lane_have_one_effect_each_activity(
    commune: Commune, alice: Stranger
) -> None:
    """The first is in its transaction when its lease ends: the second passes it by."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    @commune.router.receives("Create")
    async def created(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        await record(tx, activity, gathered)
        begun.set()
        await go_on.wait()

    await bring(commune, alice, alice.create(1), alice.create(2))
    first = asyncio.create_task(commune.processor().step())
    await begun.wait()
    commune.clock.forward(lanes.LEASE)
    await commune.processor().step()
    assert await commune.effects() == []
    go_on.set()
    await first
    commune.clock.forward(timedelta(minutes=1))
    await commune.settle()

    assert await commune.effects() == [alice.create(1)["id"], alice.create(2)["id"]]


async def test_w_in_when_the_outcome_cannot_be_written_there_is_no_effect_either(
    commune: Commune, alice: Stranger
) -> None:
    commune.router.receives("Create")(record)
    await bring(commune, alice, alice.create(1))
    await commune.pool.execute(
        """
        create function no() returns trigger language plpgsql as
        $$ begin raise exception 'no room'; end $$
        """
    )
    await commune.pool.execute(
        "create trigger no before delete on inbox.waiting for each row execute function no()"
    )
    processor = commune.processor()
    await processor.step()
    assert await commune.effects() == []

    await commune.pool.execute("drop trigger no on inbox.waiting")
    commune.clock.forward(timedelta(minutes=6))
    await commune.settle()

    assert await commune.effects() == [alice.create(1)["id"]]


async def test_w_in_a_deadlock_is_nobodys_fault(commune: Commune, alice: Stranger) -> None:
    met = False

    @commune.router.receives("Create")
    async def created(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        nonlocal met
        await record(tx, activity, gathered)
        if not met:
            met = True
            raise asyncpg.DeadlockDetectedError("two transactions met")

    await bring(commune, alice, alice.create(1))
    await commune.settle()
    assert await commune.count("inbox.waiting", "faults = 0 and tries = 0") == 1
    commune.clock.forward(timedelta(seconds=2))
    await commune.settle()

    assert len(await commune.effects()) == 1
