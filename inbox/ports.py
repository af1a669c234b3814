"""What the application lends us, and the least we ask of a database: Protocols, nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

import asyncpg

from federation.keys import PublicKey, Signer

if TYPE_CHECKING:
    from federation.webfinger import Handle

Clock = Callable[[], datetime]
InstanceSigner = Callable[[], Awaitable[Signer]]
Standing = Literal["open", "gone", "absent"]


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


class Connection(Executor, Protocol):
    """One connection, on which a transaction can be opened."""

    def transaction(self) -> AbstractAsyncContextManager[Any]: ...


class Pool(Protocol):
    """Where connections are borrowed."""

    def acquire(self) -> AbstractAsyncContextManager[Connection]: ...


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key the application holds, and when its owner's document was last fetched (UTC)."""

    key: PublicKey
    fetched_at: datetime


class KnownActors(Protocol):
    """The strangers whom the application already knows."""

    async def key(self, key_id: str) -> KnownKey | None:
        """Return the key of that id, when we hold it."""
        ...

    async def known(self, actor_id: str) -> bool:
        """Tell whether we hold this actor."""
        ...

    async def learn(self, actor: Mapping[str, Any], handle: Handle | None) -> None:
        """Keep an authentic actor document and its keys, in a transaction of its own.

        *handle* is the name both sides agreed on, or None when that could not be checked.
        Raises RefusedError when it is no actor we accept.
        """
        ...

    async def missing(self, iris: Collection[str]) -> list[str]:
        """Return those that must be fetched: not ours, not stored, not dead, host not refused."""
        ...


class Hosts(Protocol):
    """The one policy about other servers."""

    def refused(self, host: str) -> bool:
        """Tell whether *host* or a domain above it is blocked (SEC-MOD-01); from memory."""
        ...

    async def heard(self, host: str) -> None:
        """Take note that an authentic message came from *host* (W-DEL-04)."""
        ...


class Owners(Protocol):
    """The local actors to whose inboxes one may post."""

    async def standing(self, owner: str) -> Standing:
        """Say whether the actor *owner* has an open inbox, is gone, or never was."""
        ...
