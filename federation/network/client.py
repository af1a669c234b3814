"""The only door through which a request leaves for a stranger: guarded, limited, and uniform."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from federation import iris, signatures
from federation.errors import RefusedError
from federation.iris import Reach
from federation.network.answers import Answer, Response, failure
from federation.network.hosts import Circuits, Discoveries, Schemes
from federation.network.resolver import Resolver, SystemResolver

if TYPE_CHECKING:
    from federation.keys import Signer
    from federation.network.line import Line
    from federation.signatures import Scheme

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# What a server says that did not understand, or did not like, our signature.
_KNOCK_AGAIN: Final = frozenset({400, 401, 403, 406})
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
        self._opened: Line | None = None

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
        address = _checked(url, self.reach)
        self._refuse_own(iris.authority(address))
        return await self._line.post(address, body, headers)

    async def aclose(self) -> None:
        """Close every connection. The client must not be used afterwards."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None
        if self._threads is not None:
            self._threads.close()

    # One request

    async def _knock(
        self, address: str, accept: str, limit: int, signer: Signer | None, deadline: float
    ) -> Response:
        """Ask once, and a second time with the other signature scheme if that may help.

        Source: W-9421-05; W-SIG-02 for servers that leave the query out of what is signed.
        """
        if signer is None:
            return await self._line.get(address, {"Accept": accept}, limit, deadline)
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
            response = await self._line.get(address, {**headers, "Accept": accept}, limit, deadline)
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
    def _line(self) -> Line:
        # Made on first use: connections belong to the running loop.
        if self._opened is None:
            from federation.network.line import Line

            self._opened = Line(
                resolver=self._resolver,
                reach=self.reach,
                circuits=self.circuits,
                clock=self.clock,
                limits=self._limits,
                user_agent=self._user_agent,
            )
        return self._opened


@lru_cache(maxsize=4096)
def _checked(url: str, reach: Reach) -> str:
    """Return the checked address of an inbox; the same come again and again."""
    return iris.without_fragment(iris.check(url, reach))
