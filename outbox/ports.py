"""What the application lends to the publishing side, and what a database connection must do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

import asyncpg

from federation.keys import Signer

Clock = Callable[[], datetime]
Chance = Callable[[], float]  # from 0 to 1
Wake = Callable[[float], Awaitable[None]]  # returns when told, or after so many seconds


class Signers(Protocol):
    """The private keys, which live with the accounts and go away with them."""

    async def signer(self, actor_id: str) -> Signer:
        """Return who signs for *actor_id*. Raises GoneError when it has no key any more."""
        ...


class Hosts(Protocol):
    """The one policy about other servers."""

    def refused(self, host: str) -> bool:
        """Tell whether nothing may be sent to *host* (an authority). From memory."""
        ...


class Executor(Protocol):
    """Anything that can execute SQL: a connection or a pool."""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str: ...

    async def fetch(
        self, query: str, *args: Any, timeout: float | None = None
    ) -> list[asyncpg.Record]: ...

    async def fetchval(
        self, query: str, *args: Any, column: int = 0, timeout: float | None = None
    ) -> Any: ...
