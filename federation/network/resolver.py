"""From a name to the addresses that may be dialled, without holding up anything else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final, Protocol

from aiohttp.abc import AbstractResolver, ResolveResult

from federation.iris import Reach
from federation.network.addresses import family, may_dial
from federation.network.bounded import Bounded

_THREADS: Final = 16
_REMEMBERED: Final = 2048
_LIFETIME: Final = timedelta(seconds=60)
_PATIENCE: Final = 5.0  # seconds
_MAX_ADDRESSES: Final = 32


class Resolver(Protocol):
    """Whoever knows the addresses of a name."""

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return the literal addresses of *host*. Raises OSError when there is none."""
        ...


class SystemResolver:
    """The resolver of the machine, in threads of its own: a slow name delays no other work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="names")

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return every A and AAAA address of *host*. Raises OSError."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, _getaddrinfo, host, port
        )
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Let the threads go, without waiting for a name that does not answer."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _getaddrinfo(host: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class GuardedResolver(AbstractResolver):
    """What the connector asks: checked addresses only, so what is checked is what is dialled.

    A name with one forbidden address is refused as a whole (SEC-NET-04).
    """

    def __init__(self, inner: Resolver, reach: Reach, clock: Callable[[], datetime]) -> None:
        self._inner = inner
        self._reach = reach
        self._clock = clock
        self._known: Bounded[tuple[str, int], tuple[str, ...]] = Bounded(_REMEMBERED, _LIFETIME)
        self._asking: dict[tuple[str, int], asyncio.Task[tuple[str, ...]]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of *host*. Raises OSError when one of them is forbidden."""
        return [_result(host, address, port) for address in await self._addresses(host, port)]

    async def _addresses(self, host: str, port: int) -> tuple[str, ...]:
        if self._reach.development and (host == "localhost" or host.endswith(".localhost")):
            return ("127.0.0.1",)
        known = self._known.get((host, port), self._clock())
        if known is not None:
            return known
        # Many connections to one new host are one question.
        asking = self._asking.get((host, port))
        if asking is None:
            asking = asyncio.create_task(self._ask(host, port))
            self._asking[host, port] = asking
            asking.add_done_callback(lambda done: self._answered((host, port), done))
        return await asyncio.shield(asking)

    async def _ask(self, host: str, port: int) -> tuple[str, ...]:
        async with asyncio.timeout(_PATIENCE):
            found = tuple((await self._inner.resolve(host, port))[:_MAX_ADDRESSES])
        if not found or not all(may_dial(address, self._reach) for address in found):
            raise OSError("This name leads nowhere that may be dialled.")
        self._known.put((host, port), found, self._clock())
        return found

    def _answered(self, name: tuple[str, int], done: asyncio.Task[tuple[str, ...]]) -> None:
        del self._asking[name]
        if not done.cancelled():
            done.exception()  # whoever still waits is told; nobody else needs to be

    async def close(self) -> None:
        """Part of aiohttp's interface; the inner resolver belongs to whoever made it."""


def _result(host: str, address: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=family(address),
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
