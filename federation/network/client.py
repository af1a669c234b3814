"""The only door through which a request leaves for a stranger: guarded, limited, and uniform."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from federation import iris, signatures
from federation.errors import RefusedError, UnavailableError
from federation.iris import Reach
from federation.network import transport
from federation.network.answers import (
    MAX_HEADERS,
    Answer,
    Response,
    decoded,
    failure,
    retry_after,
)
from federation.network.connector import GuardedConnector
from federation.network.hosts import UNREACHABLE, Circuits, Discoveries, Schemes
from federation.network.resolver import GuardedResolver, Resolver, SystemResolver
from federation.network.transport import GuardedTransport

if TYPE_CHECKING:
    from federation.keys import Signer
    from federation.signatures import Scheme

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# What a server says that did not understand, or did not like, our signature.
_KNOCK_AGAIN: Final = frozenset({400, 401, 403, 406})
_MAX_ANSWER: Final = 64 * 1024
_CONNECTIONS: Final = 800
_PER_HOST: Final = 32
_CIRCUIT: Final = timedelta(minutes=5)
# Servers of one machine start and stop together: leave them alone for a moment only.
_CIRCUIT_IN_DEVELOPMENT: Final = timedelta(seconds=2)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long we wait (seconds) and how far we go for one answer (W 1.0, SEC-NET-05/08)."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 30.0
    redirects: int = 3


class Client:
    """Asks and tells strangers, and nobody else.

    *reach* says which addresses exist for us. *resolver* knows the addresses of names; the
    machine's own by default. *clock* returns aware UTC times. *own* is our authority
    (``host`` or ``host:port``), which is never asked over the network (SEC-ORI-06).

    Every failure to reach a server raises the same UnavailableError (SEC-NET-10): a name that
    leads inside is never dialled, so neither text nor time tells what stands there.
    """

    def __init__(
        self,
        *,
        reach: Reach,
        user_agent: str,
        resolver: Resolver | None = None,
        clock: Callable[[], datetime] = _utc_now,
        limits: Limits = Limits(),
        own: str | None = None,
    ) -> None:
        self.reach = reach
        self.clock = clock
        self.schemes = Schemes()
        self.discoveries = Discoveries()
        self.circuits = Circuits(_CIRCUIT_IN_DEVELOPMENT if reach.development else _CIRCUIT)
        self._user_agent = user_agent
        self._limits = limits
        self._own = own
        self._threads = None if resolver is not None else SystemResolver()
        self._resolver: Resolver = resolver or self._threads or SystemResolver()
        self._opened: aiohttp.ClientSession | None = None
        self._transport = GuardedTransport(lambda: self._session)

    async def get(
        self, url: str, *, accept: str, limit: int, signer: Signer | None = None
    ) -> Response:
        """Return the successful answer to a GET of *url*, at most *limit* bytes long.

        Redirects are followed (three at most) and signed anew for each hop on the same origin;
        the first hop to another origin drops the signature (SEC-NET-05, W-SIG-05). Raises
        RefusedError (with the status, for an answer that is a refusal), UnavailableError or
        GoneError.
        """
        response = await self.ask(url, accept=accept, limit=limit, signer=signer)
        problem = failure(response, self.clock())
        if problem is not None:
            raise problem
        return response

    async def ask(
        self, url: str, *, accept: str, limit: int, signer: Signer | None = None
    ) -> Response:
        """Like ``get``, but return whatever the status is; only a success has a body."""
        deadline = asyncio.get_running_loop().time() + self._limits.total
        address = iris.without_fragment(iris.check(url, self.reach))
        seen: set[str] = set()
        for _ in range(self._limits.redirects + 1):
            if address in seen:
                raise RefusedError("This address redirects in a circle.")
            seen.add(address)
            self._admit(iris.origin(address))
            response = await self._knock(address, accept, limit, signer, deadline)
            if response.status not in _REDIRECTS:
                return response
            following = self._following(address, response)
            if not iris.same_origin(address, following):
                signer = None
            address = following
        raise RefusedError("This address redirects too often.")

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Return the answer to a POST of *body*, whatever its status; no redirect is followed.

        *headers* are sent as they are (the signature covers them). Raises RefusedError for an
        address that may not be asked, UnavailableError when there was no answer.
        """
        target = _prepared(url, self.reach)
        self._refuse_own(target.authority)
        try:
            try:
                return await self._post(target, body, headers)
            except aiohttp.ClientConnectionError as error:
                if not _was_closed(error):
                    raise
            # A connection kept alive that the other side was just closing: an activity is
            # received once however often it is sent.
            return await self._post(target, body, headers)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise UnavailableError(UNREACHABLE) from error

    async def aclose(self) -> None:
        """Close every connection. The client must not be used afterwards."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None
        if self._threads is not None:
            self._threads.close()

    # One request

    async def _post(self, target: URL, body: bytes, headers: Mapping[str, str]) -> Answer:
        async with self._session.post(
            target, data=body, headers=headers, allow_redirects=False
        ) as answer:
            self.circuits.answered(target.authority)
            _check_headers(answer.raw_headers)
            read = bytearray()
            async for chunk in answer.content.iter_any():
                read += chunk
                if len(read) >= _MAX_ANSWER:
                    answer.close()
                    break
            received = answer.headers
            wait = retry_after(received, self.clock()) if "Retry-After" in received else None
            return Answer(answer.status, wait, received, bytes(read[:_MAX_ANSWER]))

    async def _exchange(
        self, address: str, headers: Mapping[str, str], limit: int, deadline: float
    ) -> Response:
        authority = iris.authority(address)
        request = transport.get(address, dict(headers))
        try:
            async with (
                asyncio.timeout_at(deadline),
                aclosing(await self._transport.handle_async_request(request)) as answer,
            ):
                self.circuits.answered(authority)
                _check_headers(answer.headers.raw)
                body = b""
                if answer.is_success:
                    body = await decoded(answer.aiter_raw(), headers=answer.headers, limit=limit)
                return Response(address, answer.status_code, answer.headers, body)
        except (aiohttp.ClientConnectorError, TimeoutError) as error:
            self.circuits.failed(authority, self.clock())
            raise UnavailableError(UNREACHABLE) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise UnavailableError(UNREACHABLE) from error

    async def _knock(
        self, address: str, accept: str, limit: int, signer: Signer | None, deadline: float
    ) -> Response:
        """Ask once, and a second time with the other signature scheme if that may help.

        Source: W-9421-05; W-SIG-02 for servers that leave the query out of what is signed.
        """
        if signer is None:
            return await self._exchange(address, {"Accept": accept}, limit, deadline)
        authority = iris.authority(address)
        known = self.schemes.known(authority, self.clock())
        first: Scheme = known or "cavage"
        other: Scheme = "rfc9421" if first == "cavage" else "cavage"
        knocks: list[tuple[Scheme, str]] = [(first, address), (other, address)]
        if "?" in address:
            knocks.append(("cavage", address.partition("?")[0]))
        refusal: Response | None = None
        for scheme, signed in knocks:
            headers = signatures.sign(
                method="GET", url=signed, body=None, signer=signer, scheme=scheme, now=self.clock()
            )
            response = await self._exchange(address, {**headers, "Accept": accept}, limit, deadline)
            if 200 <= response.status < 300:
                self.schemes.remember(authority, scheme, self.clock())
            if response.status not in _KNOCK_AGAIN:
                return response
            refusal = refusal or response
            if known is not None and response.status != 401:
                return response
            self.schemes.forget(authority)
        assert refusal is not None, "a loop over two knocks at least leaves an answer"
        return refusal

    # What is allowed

    def _admit(self, origin: iris.Origin) -> None:
        authority = iris.authority(f"{origin.scheme}://{origin.host}:{origin.port}/")
        self._refuse_own(authority)
        now = self.clock()
        self.circuits.check(authority, now)
        self.discoveries.admit(origin.host, now)

    def _refuse_own(self, authority: str) -> None:
        if self._own is not None and authority == self._own:
            raise RefusedError("This address is ours: it is looked up, not asked.")

    def _following(self, address: str, response: Response) -> str:
        """Return the checked address that a redirect leads to. Raises RefusedError."""
        location = response.headers.get("Location", "")
        if not location or not location.isprintable():
            raise RefusedError("This address redirects to nowhere.")
        try:
            joined = urljoin(address, location)
        except ValueError as error:
            raise RefusedError("This address redirects to nowhere.") from error
        following = iris.without_fragment(iris.check(joined, self.reach))
        if address.startswith("https:") and not following.startswith("https:"):
            raise RefusedError("This address redirects to a place that is not protected.")
        return following

    @property
    def _session(self) -> aiohttp.ClientSession:
        # Made on first use: a session belongs to the running loop.
        if self._opened is None:
            guarded = GuardedResolver(self._resolver, self.reach, self.clock)
            self._opened = aiohttp.ClientSession(
                connector=GuardedConnector(
                    guarded, self.reach, connections=_CONNECTIONS, per_host=_PER_HOST
                ),
                headers={"User-Agent": self._user_agent, "Accept-Encoding": "identity"},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(
                    total=self._limits.total,
                    sock_connect=self._limits.connect,
                    sock_read=self._limits.read,
                ),
                max_line_size=8190,
                max_field_size=8190,
                max_headers=100,
            )
        return self._opened


@lru_cache(maxsize=4096)
def _prepared(url: str, reach: Reach) -> URL:
    """Return the checked address as aiohttp takes it; the same inboxes come again and again."""
    return URL(iris.without_fragment(iris.check(url, reach)), encoded=True)


def _was_closed(error: Exception) -> bool:
    """Tell whether the other side closed an established connection before it answered."""
    return isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError) or (
        isinstance(error, OSError) and error.errno in (errno.ECONNRESET, errno.EPIPE)
    )


def _check_headers(received: Iterable[tuple[bytes, bytes]]) -> None:
    if sum(len(name) + len(value) + 4 for name, value in received) > MAX_HEADERS:
        raise RefusedError("The answer has too many headers.")
