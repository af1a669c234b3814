"""The loops: they work while there is work, wake when told, and end only when asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcommune.workers import Workers, delay_after

PATIENCE = 30.0  # only reached when something is broken


class Pile:
    """A worker with a pile of things to do; *doing* is what it does with each."""

    def __init__(self, doing: Callable[[int], Awaitable[None]] | None = None) -> None:
        self.todo: list[int] = []
        self.done: list[int] = []
        self.looked = asyncio.Semaphore(0)
        self._doing = doing

    async def step(self) -> bool:
        if not self.todo:
            self.looked.release()
            return False
        if self._doing is not None:
            await self._doing(self.todo[0])
        self.done.append(self.todo.pop(0))
        return True

    async def idle(self) -> None:
        """Return when it next found nothing to do."""
        async with asyncio.timeout(PATIENCE):
            await self.looked.acquire()


async def notify(url: str, channel: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"notify {channel}")
    await connection.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  # another task
            await asyncio.sleep(0.01)


async def test_a_loop_works_until_nothing_is_left(database_url: str) -> None:
    pile = Pile()
    pile.todo = [1, 2, 3]
    workers = Workers(database_url, {"inbox": [pile]}, idle=PATIENCE)

    workers.start()
    await pile.idle()
    await workers.stop()

    assert pile.done == [1, 2, 3]


async def test_a_notification_wakes_the_loop_of_its_channel(database_url: str) -> None:
    received, published = Pile(), Pile()
    heard: list[str] = []
    workers = Workers(
        database_url,
        {"inbox": [received], "outbox": [published]},
        heard={"hosts": lambda _: heard.append("hosts")},
        idle=3600,
    )
    workers.start()
    await until(lambda: heard == ["hosts"])  # it listens
    heard.clear()

    received.todo = [1]
    await notify(database_url, "inbox")
    await until(lambda: received.done == [1])
    await notify(database_url, "hosts")
    await until(lambda: heard == ["hosts"])
    published.todo = [2]
    await notify(database_url, "outbox")
    await until(lambda: published.done == [2])

    await workers.stop()


async def test_without_any_notification_the_loop_looks_by_itself(database_url: str) -> None:
    pile = Pile()
    workers = Workers(database_url, {"inbox": [pile]}, idle=0.01)
    workers.start()
    await pile.idle()

    pile.todo = [1]
    await until(lambda: pile.done == [1])

    await workers.stop()


async def test_a_ring_during_the_work_is_not_lost(database_url: str) -> None:
    pile = Pile()
    workers = Workers(database_url, {"inbox": [pile]}, idle=3600)

    async def meanwhile(_: int) -> None:
        pile.todo.append(2)
        pile._doing = None
        workers.wake()

    pile._doing = meanwhile
    pile.todo = [1]
    workers.start()

    await until(lambda: pile.done == [1, 2])
    await workers.stop()


async def test_a_step_that_raises_is_delayed_and_never_ends_the_loop(database_url: str) -> None:
    failures = 0

    async def doing(_: int) -> None:
        nonlocal failures
        if failures < 2:
            failures += 1
            raise RuntimeError("a bug")

    broken, sound = Pile(doing), Pile()
    broken.todo, sound.todo = [1], [2]
    workers = Workers(
        database_url, {"inbox": [broken], "outbox": [sound]}, idle=3600, chance=lambda: 1.0
    )
    workers.start()

    await until(lambda: broken.done == [1])
    await workers.stop()

    assert workers.failures == 2
    assert sound.done == [2]


async def test_stopping_finishes_what_is_begun_and_begins_nothing_more(database_url: str) -> None:
    begun, finish = asyncio.Event(), asyncio.Event()

    async def doing(_: int) -> None:
        begun.set()
        await finish.wait()

    pile = Pile(doing)
    pile.todo = [1, 2]
    workers = Workers(database_url, {"inbox": [pile]}, idle=3600)
    workers.start()
    await begun.wait()

    stopping = asyncio.create_task(workers.stop(PATIENCE))
    await asyncio.sleep(0)
    finish.set()
    await stopping

    assert pile.done == [1]
    assert pile.todo == [2]


async def test_what_does_not_finish_in_time_is_dropped(database_url: str) -> None:
    begun = asyncio.Event()

    async def doing(_: int) -> None:
        begun.set()
        await asyncio.Event().wait()

    pile = Pile(doing)
    pile.todo = [1]
    workers = Workers(database_url, {"inbox": [pile]})
    workers.start()
    await begun.wait()

    await workers.stop(within=0)

    assert pile.todo == [1]


async def test_stopping_does_not_wait_for_the_end_of_a_delay(database_url: str) -> None:
    async def doing(_: int) -> None:
        raise RuntimeError("a bug")

    pile = Pile(doing)
    pile.todo = [1]
    workers = Workers(database_url, {"inbox": [pile]}, chance=lambda: 0.0)
    workers.start()
    await until(lambda: workers.failures >= 1)

    async with asyncio.timeout(PATIENCE):
        await workers.stop(within=3600)


async def test_a_lost_listener_connects_again(database_url: str) -> None:
    pile = Pile()
    listening = 0

    def heard(_: str | None) -> None:
        nonlocal listening
        listening += 1

    workers = Workers(database_url, {"inbox": [pile]}, heard={"hosts": heard}, idle=3600)
    workers.start()
    await until(lambda: listening == 1)

    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where application_name = 'fedcommune listener' and datname = current_database()"
    )
    await connection.close()
    await until(lambda: listening == 2)
    pile.todo = [1]
    await notify(database_url, "inbox")
    await until(lambda: pile.done == [1])

    await workers.stop()


async def test_a_database_that_is_away_does_not_end_the_loops() -> None:
    pile = Pile()
    pile.todo = [1]
    workers = Workers("postgresql:///x?host=/nowhere", {"inbox": [pile]}, idle=0.01)

    workers.start()
    await until(lambda: pile.done == [1])
    await workers.stop()


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_delays_grow_and_stay_within_a_minute(failures: int, chance: float) -> None:
    assert 0.25 <= delay_after(failures, chance) <= 60
    assert delay_after(failures + 1, chance) >= delay_after(failures, chance)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (8, 60.0)])
def test_the_delay_doubles(failures: int, seconds: float) -> None:
    assert delay_after(failures, 0.0) == seconds
