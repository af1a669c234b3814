"""The one place where a connection to a stranger is opened, and the guard that stands there."""

from __future__ import annotations

import os
import socket
import ssl
from typing import TYPE_CHECKING

import aiohttp

from federation.iris import Reach
from federation.network.addresses import may_dial
from federation.network.resolver import GuardedResolver

if TYPE_CHECKING:
    from aiohttp.client import ClientTimeout
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import AddrInfoType, Connection
    from aiohttp.tracing import Trace


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
