"""PostgreSQL: the pool, and the transaction that every action receives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

import asyncpg

if TYPE_CHECKING:
    from fedcommune.instance import Instance
    from fedcommune.keyring import Keyring

Clock = Callable[[], datetime]

# Connections for reading cannot write. Their plans are kept: PostgreSQL thinks that it gains by
# planning anew for every list of ids, and takes ten times as long to plan as to answer. What
# pages show is in memory, where a look into an index costs little, and is not worth compiling.
_READING: Final = {
    "default_transaction_read_only": "on",
    "plan_cache_mode": "force_generic_plan",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
}


def utc_now() -> datetime:
    """Return the present, aware, in UTC."""
    return datetime.now(UTC)


class Executor(Protocol):
    """Anything that can execute SQL: a connection or a pool."""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str: ...

    async def executemany(
        self, command: str, args: Any, *, timeout: float | None = None
    ) -> None: ...

    async def fetch(
        self, query: str, *args: Any, timeout: float | None = None
    ) -> list[asyncpg.Record]: ...

    async def fetchrow(
        self, query: str, *args: Any, timeout: float | None = None
    ) -> asyncpg.Record | None: ...

    async def fetchval(
        self, query: str, *args: Any, column: int = 0, timeout: float | None = None
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Transaction:
    """What an action may use: one open transaction, who we are, the time, and our keys.

    Everything done through ``db`` is kept together or not at all. ``now`` is the only
    clock inside an action. It reaches neither the network nor the disk. ``told`` are the
    activities that actors of ours said in it, in their order.
    """

    db: Executor
    instance: Instance
    now: datetime
    keyring: Keyring
    told: list[Mapping[str, Any]] = field(default_factory=list, compare=False)


class Database:
    """The connections of one commune: at most *max_size*, and as many again for reading alone.

    Raises nothing at construction: call :meth:`open` first, :meth:`close` last.
    """

    def __init__(
        self,
        url: str,
        instance: Instance,
        keyring: Keyring,
        *,
        clock: Clock = utc_now,
        min_size: int = 1,
        max_size: int = 10,
    ) -> None:
        self.url = url
        self.instance = instance
        self.keyring = keyring
        self.clock = clock
        self._min_size = min_size
        self._max_size = max_size
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._readers: asyncpg.Pool[asyncpg.Record] | None = None

    @property
    def pool(self) -> asyncpg.Pool[asyncpg.Record]:
        if self._pool is None:
            raise RuntimeError("The database is not open: await Database.open() first.")
        return self._pool

    @property
    def readers(self) -> asyncpg.Pool[asyncpg.Record]:
        """For one query that is asked again and again; for several, see :meth:`reading`."""
        if self._readers is None:
            raise RuntimeError("The database is not open: await Database.open() first.")
        return self._readers

    async def open(self) -> None:
        """Connect. Raises ``OSError`` or ``asyncpg.PostgresError`` when it cannot."""
        self._pool = await self._connected(self._min_size, {})
        self._readers = await self._connected(0, _READING)

    async def _connected(
        self, min_size: int, settings: Mapping[str, str]
    ) -> asyncpg.Pool[asyncpg.Record]:
        return await asyncpg.create_pool(
            self.url,
            min_size=min_size,
            max_size=self._max_size,
            command_timeout=60,
            # The longest of our queries, those of timelines, are the most frequent ones.
            max_cacheable_statement_size=64 * 1024,
            reset=_give_back,
            server_settings={
                "timezone": "UTC",
                "application_name": "fedcommune",
                **settings,
            },
        )

    async def close(self) -> None:
        for pool in (self._readers, self._pool):
            if pool is not None:
                await pool.close()
        self._readers = self._pool = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open one transaction (read committed); commit on leaving, roll back on an exception."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield self.on(connection)

    def reading(self) -> AbstractAsyncContextManager[Executor]:
        """Lend one connection for the many small queries of a page; nothing can be written.

        It sees what was committed before each of its queries.
        """
        return self.readers.acquire()

    def on(self, connection: Executor) -> Transaction:
        """Make a :class:`Transaction` of a connection on which a transaction is already open."""
        return Transaction(connection, self.instance, self.clock(), self.keyring)


async def _give_back(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Make *connection* ready for whoever is next, without asking the server when it is.

    Nothing here changes a session: locks and settings end with their transaction, and who
    listens has a connection of their own. Only a transaction that was left open would stay.
    """
    if connection.is_in_transaction():
        await connection.reset()
