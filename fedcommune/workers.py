"""What goes on without anybody asking: the loops over the inbox and the outbox, supervised."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import asyncpg
import structlog

_log = structlog.get_logger(__name__)

# Seconds. Waking is by NOTIFY; looking every few seconds is the safety net.
IDLE: Final = 5.0
FINISH: Final = 10.0
_SHORTEST_DELAY: Final = 0.5
_LONGEST_DELAY: Final = 60.0
_RECONNECT: Final = 1.0
_PULSE: Final = 15.0


class Worker(Protocol):
    """Something with work to do, one piece at a time."""

    async def step(self) -> bool:
        """Do what is ready; return whether there was something to do."""
        ...


def delay_after(failures: int, chance: float) -> float:
    """Return how many seconds to wait after so many *failures* in a row (1 for the first).

    It doubles from half a second to a minute; *chance* (0 to 1) takes away up to half, so
    that several processes do not come back together.
    """
    longest = min(_LONGEST_DELAY, _SHORTEST_DELAY * 2.0 ** min(failures - 1, 10))
    return longest * (1 - chance / 2)


@dataclass(slots=True)
class Bell:
    """Wakes whoever waits for one kind of work; a ring during the work is not lost."""

    _event: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """Wake the loops of this bell."""
        self._event.set()

    def hush(self) -> None:
        """Forget earlier rings; call it before looking for work."""
        self._event.clear()

    async def wait(self, seconds: float) -> None:
        """Return at the next ring, or after *seconds*."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()


class Workers:
    """The loops of one process.

    *work* names the workers and says how many loops each has (``{"inbox": [processor]}``:
    one loop each); a NOTIFY on the channel of that name at the database *url* wakes them.
    *heard* is called, on the event loop, for each notification on another channel, with what
    it says; with None whenever listening begins (again): something may have been missed.
    """

    def __init__(
        self,
        url: str,
        work: Mapping[str, Sequence[Worker]],
        *,
        heard: Mapping[str, Callable[[str | None], Any]] | None = None,
        idle: float = IDLE,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._url = url
        self._work = work
        self._heard = dict(heard or {})
        self._idle = idle
        self._chance = chance
        self._bells = {name: Bell() for name in work}
        self._stopping = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []
        self._listener: asyncio.Task[None] | None = None
        self._hears = asyncio.Event()
        self.failures = 0

    def start(self) -> None:
        """Begin to work. Needs a running event loop."""
        self._listener = asyncio.create_task(self._listen(), name="workers: listen")
        self._loops = [
            asyncio.create_task(self._run(name, worker), name=f"workers: {name} {number}")
            for name, workers in self._work.items()
            for number, worker in enumerate(workers)
        ]

    async def stop(self, within: float = FINISH) -> None:
        """Begin nothing more; finish what is begun *within* so many seconds, or drop it.

        What is dropped is leased: another worker takes it when the lease ends.
        """
        self._stopping.set()
        for bell in self._bells.values():
            bell.ring()
        if self._loops:
            _, late = await asyncio.wait(self._loops, timeout=within)
            for task in late:
                _log.warning("work_dropped", loop=task.get_name(), after=within)
                task.cancel()
            await asyncio.gather(*self._loops, return_exceptions=True)
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        self._loops, self._listener = [], None

    async def listening(self, within: float) -> None:
        """Return once we listen. Raises TimeoutError when that takes longer than *within*."""
        async with asyncio.timeout(within):
            await self._hears.wait()

    def wake(self) -> None:
        """Let every loop look for work now."""
        for bell in self._bells.values():
            bell.ring()

    async def _run(self, name: str, worker: Worker) -> None:
        """One loop: it ends when we stop, and for no other reason."""
        bell = self._bells[name]
        failures = 0
        while not self._stopping.is_set():
            bell.hush()
            try:
                did = await worker.step()
            except Exception as error:
                failures += 1
                self.failures += 1
                seconds = delay_after(failures, self._chance())
                _log.error(
                    "step_failed", loop=name, failures=failures, again_in=seconds, exc_info=error
                )
                await self._pause(seconds)
                continue
            failures = 0
            if not did and not self._stopping.is_set():
                await bell.wait(self._idle)

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until we stop; a ring does not shorten it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _listen(self) -> None:
        """Hold one connection that listens; connect again whenever it is lost."""
        while True:
            try:
                async with self._ear() as (connection, lost):
                    # What was published while nobody listened is found by looking.
                    self.wake()
                    for callback in self._heard.values():
                        callback(None)
                    self._hears.set()
                    while not lost.is_set():
                        with suppress(TimeoutError):
                            async with asyncio.timeout(_PULSE):
                                await lost.wait()
                        # A connection that died without a word is found by asking.
                        await connection.execute("select 1", timeout=_PULSE)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("listening_interrupted", reason=str(error))
            self._hears.clear()
            await asyncio.sleep(_RECONNECT)

    @asynccontextmanager
    async def _ear(
        self,
    ) -> AsyncIterator[tuple[asyncpg.Connection[asyncpg.Record], asyncio.Event]]:
        lost = asyncio.Event()
        connection = await asyncpg.connect(
            self._url, timeout=10, server_settings={"application_name": "fedcommune listener"}
        )
        connection.add_termination_listener(lambda _: lost.set())
        try:
            for channel in {*self._bells, *self._heard}:
                await connection.add_listener(channel, self._notified)
            yield connection, lost
        finally:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=2)

    def _notified(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        if bell := self._bells.get(channel):
            bell.ring()
        if callback := self._heard.get(channel):
            callback(str(payload))
