"""Who really knocks: the client's address behind the proxies we were told of, and our own name."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
UNKNOWN: Final = "unknown"
MOST_HOPS: Final = 50
# What somebody types who looks for a commune on their own machine.
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


def networks(texts: Collection[str]) -> tuple[Network, ...]:
    """Read addresses and networks of trusted proxies. ValueError for anything else."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def client_of(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the address of the client: the right-most one that no trusted proxy vouches away.

    *peer* is the address of the connection, *forwarded_for* the ``X-Forwarded-For`` header.
    The header counts only when the connection comes from a trusted proxy (SEC-DOS-12).
    """
    address = _plain(peer)
    # Each proxy adds at the right; whatever is long and stands at the left is the client's.
    hops = [hop.strip() for hop in forwarded_for.split(",")[-MOST_HOPS:] if hop.strip()]
    while hops and _is_trusted(address, trusted):
        hop = hops.pop()
        if _parsed(hop) is None:
            break
        address = _plain(hop)
    return address


def rate_key(address: str) -> str:
    """Return what to count requests by: an IPv4 address, or the /64 of an IPv6 one."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
    return _plain(address)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address; an IPv4 one that came through an IPv6 socket is an IPv4 one."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _plain(text: str) -> str:
    address = _parsed(text)
    return text if address is None else str(address)


def _is_trusted(text: str, trusted: Sequence[Network]) -> bool:
    address = _parsed(text)
    return address is not None and any(
        address in network for network in trusted if network.version == address.version
    )


class ClientAddress:
    """Answers with the client's address of a request, for limits and logs."""

    def __init__(self, trusted: Collection[str]) -> None:
        self._trusted = networks(trusted)

    def __call__(self, request: HTTPConnection) -> str:
        peer = request.client.host if request.client else UNKNOWN
        forwarded = request.headers.getlist("x-forwarded-for")
        if not forwarded:
            return _peer_key(peer)
        return rate_key(client_of(peer, ",".join(forwarded), self._trusted))


@lru_cache(1_024)
def _peer_key(peer: str) -> str:
    """The same for who comes without a proxy: of most, again and again."""
    return rate_key(client_of(peer, "", ()))


class OwnName:
    """Pure ASGI middleware: answer only under our own name.

    A request for another Host is refused with 421 before anything looks at its address, so
    that no cache and no signature check can be confused by it (SEC-SIG-03); so is an address
    with a NUL in it, which no database and no file system takes. Under *media_host*
    files are shown, and nothing else. In *development* a browser that asks for ``localhost``
    is sent to the configured name.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        domain: str,
        scheme: str = "https",
        development: bool = False,
        media_host: str = "",
    ) -> None:
        self.app = app
        self._scheme = scheme
        self._origin = f"{scheme}://{domain}"
        self._names = {domain, f"{domain}:443"} if scheme == "https" else {domain}
        self._media = {media_host, f"{media_host}:443"} if media_host else set()
        self._development = development

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            hosts = headers.getlist("host")
            is_media = len(hosts) == 1 and hosts[0].lower() in self._media
            if is_media and not scope["path"].startswith("/media/"):
                # No document, no page, no form: nothing that is said there is ours (W-ORI-06).
                nothing = PlainTextResponse("Not found.", 404)
                await nothing(scope, receive, send)
                return
            if not is_media and (len(hosts) != 1 or hosts[0].lower() not in self._names):
                await self._elsewhere(scope, headers)(scope, receive, send)
                return
            if "\x00" in scope["path"]:
                refusal = PlainTextResponse("No address here looks like this.", 400)
                await refusal(scope, receive, send)
                return
            # Behind a proxy we see plain HTTP; what we write must say how we are reached.
            scope["scheme"] = self._scheme
        await self.app(scope, receive, send)

    def _elsewhere(self, scope: Scope, headers: Headers) -> Response:
        name = headers.get("host", "").lower()
        if (
            self._development
            and scope["type"] == "http"
            and scope["method"] == "GET"
            and "text/html" in headers.get("accept", "")
            and (name in _LOOPBACK or name.rpartition(":")[0] in _LOOPBACK)
        ):
            target = scope["raw_path"].decode("latin-1")
            query = scope["query_string"].decode("latin-1")
            location = f"{self._origin}{target}{'?' if query else ''}{query}"
            return RedirectResponse(location, 307, headers={"Cache-Control": "no-store"})
        return PlainTextResponse(
            "This server answers to another name.", 421, headers={"Cache-Control": "no-store"}
        )
