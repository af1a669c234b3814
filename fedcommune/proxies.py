"""Who really knocks: the client's address behind the proxies we were told of, and our own name."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
UNKNOWN: Final = "unknown"


def networks(texts: Collection[str]) -> tuple[Network, ...]:
    """Read addresses and networks of trusted proxies. ValueError for anything else."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def client_of(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the address of the client: the right-most one that no trusted proxy vouches away.

    *peer* is the address of the connection, *forwarded_for* the ``X-Forwarded-For`` header.
    The header counts only when the connection comes from a trusted proxy (SEC-DOS-12).
    """
    address = peer
    hops = [hop.strip() for hop in forwarded_for[:4000].split(",") if hop.strip()]
    while hops and _is_trusted(address, trusted):
        hop = hops.pop()
        if _parsed(hop) is None:
            break
        address = hop
    return address


def rate_key(address: str) -> str:
    """Return what to count requests by: an IPv4 address, or the /64 of an IPv6 one."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
    return address


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_trusted(text: str, trusted: Sequence[Network]) -> bool:
    address = _parsed(text)
    return address is not None and any(
        address in network for network in trusted if network.version == address.version
    )


class ClientAddress:
    """Answers with the client's address of a request, for limits and logs."""

    def __init__(self, trusted: Collection[str]) -> None:
        self._trusted = networks(trusted)

    def __call__(self, request: Request) -> str:
        peer = request.client.host if request.client else UNKNOWN
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        return rate_key(client_of(peer, forwarded, self._trusted))


class OwnName:
    """Pure ASGI middleware: answer only under our own name.

    A request for another Host is refused with 421 before anything looks at its address, so
    that no cache and no signature check can be confused by it (SEC-SIG-03).
    """

    def __init__(self, app: ASGIApp, *, domain: str) -> None:
        self.app = app
        self._names = {domain, domain.removesuffix(":443"), f"{domain}."}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            hosts = Headers(scope=scope).getlist("host")
            if len(hosts) != 1 or hosts[0].lower().removesuffix(":443") not in self._names:
                refusal = PlainTextResponse("This server answers to another name.", 421)
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)
