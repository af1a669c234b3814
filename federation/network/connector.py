"""The one place where a connection to a stranger is opened, and the guard that stands there."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from federation.iris import Reach
from federation.network.addresses import family, may_dial
from federation.network.bounded import Bounded
from federation.network.resolver import Resolver

if TYPE_CHECKING:
    from aiohttp.client import ClientTimeout
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import AddrInfoType, Connection
    from aiohttp.tracing import Trace

_REMEMBERED: Final = 2048
_LIFETIME: Final = timedelta(seconds=60)
_PATIENCE: Final = 5.0  # seconds
_MAX_ADDRESSES: Final = 32


def tls_context() -> ssl.SSLContext:
    """Return the context of every TLS connection: 1.2 at least, the system's authorities.

    ``SSL_CERT_FILE`` names another bundle of authorities (SEC-NET-07). Raises OSError when that
    file cannot be read.
    """
    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


class GuardedConnector(aiohttp.TCPConnector):
    """Dials checked addresses only, and looks at the peer before a request is written to it.

    Literal addresses never reach the resolver, so the address is checked once more where the
    socket is made, and a last time on what was really reached (SEC-NET-04).
    """

    def __init__(
        self, resolver: GuardedResolver, reach: Reach, *, connections: int, per_host: int
    ) -> None:
        super().__init__(
            resolver=resolver,
            use_dns_cache=False,
            ssl=tls_context(),
            limit=connections,
            limit_per_host=per_host,
            keepalive_timeout=30,
            socket_factory=self._socket,
        )
        self._reach = reach

    def _socket(self, info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        if not may_dial(address[0], self._reach):
            raise OSError("This address may not be dialled.")
        return socket.socket(family, kind, protocol)

    async def connect(
        self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout
    ) -> Connection:
        """Return a connection whose other end may be talked to. Raises aiohttp.ClientError."""
        connection = await super().connect(req, traces, timeout)
        peer = connection.transport and connection.transport.get_extra_info("peername")
        if not peer or not may_dial(peer[0], self._reach):
            connection.close()
            raise aiohttp.ClientConnectionError("The other end is not where it should be.")
        return connection


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
