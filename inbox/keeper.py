"""Write down what concurrent requests bring, together, before any of them is answered."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from federation.errors import UnavailableError
from inbox import store
from inbox.authenticate import Sender
from inbox.ports import Clock, Pool

# What arrives while one transaction is written goes into the next one; a lone activity
# waits this long for company (seconds).
COMPANY: Final = 0.001
MOST_TOGETHER: Final = 250
MOST_WAITING: Final = 5_000

log = structlog.get_logger(__name__)


class Keeper:
    """Gathers activities for a millisecond or two and keeps them in one transaction."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._brought: list[tuple[Sender, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def keep(self, sender: Sender) -> None:
        """Return once the activity of *sender* is on disk; one that was there already is fine.

        Raises UnavailableError(503) when it could not be kept: then it was not.
        """
        if len(self._brought) >= MOST_WAITING:
            raise UnavailableError("Too much arrives at once.", 503, retry_after=5)
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._brought.append((sender, kept))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await kept

    async def aclose(self) -> None:
        """Return once everything brought so far is kept or refused."""
        if self._writer is not None:
            await asyncio.wait([self._writer])

    async def _write(self) -> None:
        try:
            await asyncio.sleep(COMPANY)
            while self._brought:
                together = self._brought[:MOST_TOGETHER]
                del self._brought[:MOST_TOGETHER]
                await self._write_together(together)
        finally:
            self._writer = None
            # Only when we are told to stop: whoever still waits is told to come back.
            for _, kept in self._brought:
                if not kept.done():
                    kept.set_exception(_not_now())
            self._brought.clear()

    async def _write_together(self, together: list[tuple[Sender, asyncio.Future[None]]]) -> None:
        saved = False
        try:
            async with self._pool.acquire() as connection:
                await store.keep(connection, [sender for sender, _ in together], self._clock())
            saved = True
        except Exception as error:
            log.exception("nothing kept", activities=len(together), error=str(error))
        finally:
            for _, kept in together:
                if kept.done():
                    continue
                if saved:
                    kept.set_result(None)
                else:
                    kept.set_exception(_not_now())


def _not_now() -> UnavailableError:
    return UnavailableError("This cannot be kept for now.", 503, retry_after=30)
