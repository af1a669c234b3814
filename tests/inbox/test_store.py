"""Kept once and in order; a lane never sleeps on something that waits."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from federation import activities, documents
from inbox import lanes, store
from inbox.authenticate import How, Sender
from tests.inbox.strangers import Commune, Stranger


def brought(alice: Stranger, activity: dict[str, Any], how: How = "signature") -> Sender:
    raw = documents.write(activity)
    return Sender(alice.id, how, activities.read(documents.read(raw), raw=raw), b"signature")


async def keep(commune: Commune, *senders: Sender) -> int:
    async with commune.pool.acquire() as connection:
        return await store.keep(connection, senders, commune.clock())


async def lease(commune: Commune, token: int = 1) -> list[str]:
    due = await lanes.lease(commune.pool, token, commune.clock())
    return [item.id.rpartition("/")[2] for items in due.values() for item in items]


async def rest(commune: Commune, token: int) -> None:
    ids = [row["id"] for row in await commune.pool.fetch("select id from inbox.lane")]
    async with commune.pool.acquire() as connection, connection.transaction():
        await lanes.rest(connection, token, ids, commune.clock())


async def test_s2s_15_twice_in_one_batch_is_kept_once(commune: Commune, alice: Stranger) -> None:
    assert await keep(commune, *[brought(alice, alice.create(1))] * 3) == 1
    assert (
        await keep(commune, brought(alice, alice.create(1)), brought(alice, alice.create(2))) == 1
    )
    assert await commune.count("inbox.waiting") == 2


async def test_w_in_a_batch_is_kept_in_the_order_of_its_arrival(
    commune: Commune, alice: Stranger, bob: Stranger
) -> None:
    order = [9, 3, 7, 1, 8]
    await keep(
        commune,
        *[brought(who, who.create(number)) for number in order for who in (alice, bob)],
    )

    due = await lanes.lease(commune.pool, 1, commune.clock())

    assert len(due) == 2
    for items in due.values():
        assert [int(item.id.rpartition("/")[2]) for item in items] == order


async def test_w_in_workers_are_told_when_a_lane_wakes(commune: Commune, alice: Stranger) -> None:
    heard: list[str] = []

    def listen(connection: object, process: int, channel: str, payload: object) -> None:
        heard.append(channel)

    async with commune.pool.acquire() as listener:
        await listener.add_listener("inbox", listen)
        await keep(commune, brought(alice, alice.create(1)))
        await listener.execute("select 1")
        await listener.remove_listener("inbox", listen)

    assert heard == ["inbox"]


async def test_w_in_a_leased_lane_is_leased_to_nobody_else_until_the_lease_ends(
    commune: Commune, alice: Stranger
) -> None:
    await keep(commune, brought(alice, alice.create(1)))

    assert await lease(commune, 1) == ["1"]
    assert await lease(commune, 2) == []
    commune.clock.forward(lanes.LEASE)
    assert await lease(commune, 2) == ["1"]


async def test_w_in_what_arrives_while_a_lane_is_leased_is_found_when_it_is_given_back(
    commune: Commune, alice: Stranger
) -> None:
    await keep(commune, brought(alice, alice.create(1)))
    await lease(commune, 1)
    await keep(commune, brought(alice, alice.create(2)))
    await commune.pool.execute("delete from inbox.waiting where id like '%/1'")

    await rest(commune, 1)

    assert await lease(commune, 2) == ["2"]


async def _waits_for_a_lock(commune: Commune) -> None:
    """Return when some connection of this database waits for a lock of another."""
    while not await commune.pool.fetchval(  # noqa: ASYNC110  # the database sends no event
        """
        select exists (
            select 1
            from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'
        )
        """
    ):
        await asyncio.sleep(0)


async def test_w_in_a_lane_does_not_go_to_sleep_while_somebody_is_adding(
    commune: Commune, alice: Stranger
) -> None:
    """Adding has begun but is not committed: without the row lock, the one who gives the lane
    back sees nothing that waits, and puts it to sleep with something in it."""
    await keep(commune, brought(alice, alice.create(1)))
    await lease(commune, 1)
    await commune.pool.execute("delete from inbox.waiting")
    added, may_commit = asyncio.Event(), asyncio.Event()

    async def add() -> None:
        async with commune.pool.acquire() as connection, connection.transaction():
            # keep() opens a savepoint of its own inside this transaction.
            await store.keep(connection, [brought(alice, alice.create(2))], commune.clock())
            added.set()
            await may_commit.wait()

    adding = asyncio.create_task(add())
    await added.wait()
    resting = asyncio.create_task(rest(commune, 1))
    blocked = asyncio.create_task(_waits_for_a_lock(commune))
    await asyncio.wait([resting, blocked], return_when=asyncio.FIRST_COMPLETED)
    given_back_too_early = resting.done()
    may_commit.set()
    await asyncio.gather(adding, resting)
    blocked.cancel()

    assert not given_back_too_early
    assert await lease(commune, 2) == ["2"]


async def test_w_in_whoever_adds_while_a_lane_goes_to_sleep_wakes_it(
    commune: Commune, alice: Stranger
) -> None:
    await keep(commune, brought(alice, alice.create(1)))
    await lease(commune, 1)
    await commune.pool.execute("delete from inbox.waiting")
    async with commune.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        ids = [row["id"] for row in await connection.fetch("select id from inbox.lane")]
        await lanes.rest(connection, 1, ids, commune.clock())
        adding = asyncio.create_task(keep(commune, brought(alice, alice.create(2))))
        await _waits_for_a_lock(commune)
        await transaction.commit()
        await adding

    assert await lease(commune, 2) == ["2"]


async def test_w_in_keeping_many_at_once_from_two_processes_never_deadlocks(
    commune: Commune, alice: Stranger, bob: Stranger
) -> None:
    people = [Stranger(alice.server, f"p{n}", f"h{n % 3}.localhost", 0) for n in range(12)]

    async def one(process: int) -> None:
        for turn in range(6):
            chosen = people if process % 2 else people[::-1]
            await keep(
                commune,
                *[brought(who, who.create(100 * process + turn)) for who in chosen],
                *[brought(who, who.create(turn)) for who in chosen],
            )

    async def giving_back(token: int) -> None:
        for _ in range(6):
            await lanes.lease(commune.pool, token, commune.clock())
            await rest(commune, token)

    await asyncio.gather(*(one(n) for n in range(4)), giving_back(1), giving_back(2))

    # Four series of six; the first one is what all of them brought.
    assert await commune.count("inbox.waiting") == len(people) * 4 * 6
    await rest(commune, 1)
    await rest(commune, 2)
    assert await commune.count("inbox.lane", "ready_at is null") == 0


@pytest.mark.parametrize("failure", ["lane", "waiting"])
async def test_w_in_a_failure_while_keeping_keeps_nothing(
    commune: Commune, alice: Stranger, failure: str
) -> None:
    await commune.pool.execute(
        f"alter table inbox.{failure} add constraint no check (false) not valid"
    )

    with pytest.raises(asyncpg.CheckViolationError):
        await keep(commune, brought(alice, alice.create(1)), brought(alice, alice.create(2)))

    await commune.assert_nothing_kept()


async def test_sec_dos_01_long_activities_of_one_lane_come_one_by_one(
    commune: Commune, alice: Stranger
) -> None:
    long = "x" * (lanes.MOST_BYTES_OF_A_LANE // 2)
    for number in range(3):
        await keep(commune, brought(alice, alice.create(number, text=long)))
    assert await lease(commune, 1) == ["0"]

    for number in range(3, 3 + lanes.MOST_OF_A_LANE + 5):
        await keep(commune, brought(alice, alice.create(number)))
    await commune.pool.execute("delete from inbox.waiting where octet_length(body) > 10000")
    await rest(commune, 1)
    assert len(await lease(commune, 2)) == lanes.MOST_OF_A_LANE


def test_w_in_what_an_activity_is_about_names_what_is_inside() -> None:
    undo = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "https://a.example/1",
        "type": "Undo",
        "actor": "https://a.example/u",
        "object": {"id": "https://a.example/0", "type": "Like", "object": "https://b.example/n"},
    }
    raw = documents.write(undo)

    assert store.about(activities.read(undo, raw=raw)) == [
        "https://a.example/1",
        "https://a.example/0",
        "https://b.example/n",
    ]
