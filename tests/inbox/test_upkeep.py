"""What an administrator sees and may do about what was received."""

from __future__ import annotations

from datetime import timedelta

import pytest

from federation.activities import Activity
from federation.errors import UnavailableError
from inbox import upkeep
from inbox.gather import Gathered
from tests.inbox.strangers import Commune, Stranger, Transaction, record


class Weather:
    """Whether the handlers of a test work today."""

    def __init__(self, commune: Commune) -> None:
        self.error: Exception | None = UnavailableError("Come back later.")
        commune.router.receives("Create")(self.handle)

    async def handle(self, tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        if self.error is not None:
            raise self.error
        await record(tx, activity, gathered)


async def bring(commune: Commune, *people: Stranger, number: int = 1) -> None:
    for each in people:
        commune.known.meet(each)
        assert (await commune.deliver(each, each.create(number))).status_code == 202


async def test_the_status_tells_what_waits_from_whom_since_when(
    commune: Commune, alice: Stranger, bob: Stranger
) -> None:
    Weather(commune)
    await bring(commune, alice)
    since = commune.clock()
    await commune.settle()
    commune.clock.forward(timedelta(seconds=10))
    await bring(commune, alice, bob, number=2)

    status = await upkeep.status(commune.pool)

    assert (status.waiting, status.postponed, status.oldest) == (3, 1, since)
    assert status.next_at == since + timedelta(minutes=1)
    assert [(each.host, each.waiting, each.failed) for each in status.hosts] == [
        (alice.authority, 2, 0),
        (bob.authority, 1, 0),
    ]
    assert status.outcomes == {}


async def test_a_retry_handles_what_was_postponed_and_what_had_failed(
    commune: Commune, alice: Stranger, bob: Stranger
) -> None:
    weather = Weather(commune)
    await bring(commune, alice)
    await commune.settle()
    weather.error = ValueError("a bug")
    await bring(commune, bob)
    for _ in range(3):
        await commune.settle()
        commune.clock.forward(timedelta(seconds=301))
        await commune.pool.execute(
            "update inbox.waiting set postponed_until = $1 where tries > 0",
            commune.clock() + timedelta(hours=1),
        )
    assert await commune.count("inbox.failed") == 1
    weather.error = None
    async with commune.pool.acquire() as connection:
        assert await upkeep.retry(connection, bob.create(1)["id"], commune.clock()) == 1
        await commune.settle()
        assert await commune.effects() == [bob.create(1)["id"]]
        assert await upkeep.retry(connection, None, commune.clock()) == 1
    await commune.settle()

    assert await commune.effects() == [bob.create(1)["id"], alice.create(1)["id"]]
    assert set((await commune.outcomes()).values()) == {"done"}
    assert await commune.count("inbox.failed") == 0


async def test_what_is_dropped_is_not_received_again(
    commune: Commune, alice: Stranger, bob: Stranger
) -> None:
    await bring(commune, alice, bob)
    await bring(commune, bob, number=2)
    async with commune.pool.acquire() as connection:
        assert await upkeep.drop(connection, activity_id=alice.create(1)["id"]) == 1
        assert await upkeep.drop(connection, host=bob.authority) == 2
        with pytest.raises(ValueError, match="one activity or one host"):
            await upkeep.drop(connection)
    assert await commune.count("inbox.waiting") == 0

    commune.clock.forward(timedelta(minutes=1))
    await bring(commune, alice)

    assert await commune.count("inbox.waiting") == 0
    assert set((await commune.outcomes()).values()) == {"dropped"}


async def test_sec_mod_01_refusing_a_host_refuses_what_waits_from_below_it(
    commune: Commune, alice: Stranger
) -> None:
    evil = [
        Stranger(alice.server, "m", "evil.localhost"),
        Stranger(alice.server, "n", "deep.evil.localhost"),
    ]
    good = Stranger(alice.server, "o", "notevil.localhost")
    await bring(commune, *evil, good)
    async with commune.pool.acquire() as connection:
        assert await upkeep.refuse_host(connection, "evil.localhost") == 2

    entries = await upkeep.entries(commune.pool)
    assert [entry.sender for entry in entries] == [good.id]
    assert [*(await commune.outcomes()).values()].count("refused") == 2


async def test_s2s_15_the_ids_stay_when_everything_else_is_forgotten(
    commune: Commune, alice: Stranger
) -> None:
    await bring(commune, alice)
    await commune.settle()
    commune.clock.forward(timedelta(days=31))

    assert await upkeep.compact(commune.pool, commune.clock()) == 1
    assert await upkeep.compact(commune.pool, commune.clock()) == 0
    assert await commune.count("inbox.received", "reason is null and outcome = 'ignored'") == 1
    await bring(commune, alice)
    assert await commune.count("inbox.waiting") == 0
