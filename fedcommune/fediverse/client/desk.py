"""The road of every request that an app makes here: who, how often, what became of it."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from fedcommune.commune import Commune
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.grants.model import Grant
from fedcommune.errors import CommuneError, Conflict, NotAllowed, NotFound, TooMany
from fedcommune.fediverse import tokens
from fedcommune.fediverse.client.errand import Unsupported
from fedcommune.fediverse.readers import commune_of
from fedcommune.proxies import ClientAddress
from federation.errors import FederationError, UnavailableError
from inbox.gate import Buckets, Rate, network_of

_log = structlog.get_logger(__name__)

# The values of SEC-DOS-11: 300 in five minutes, deletions 30 in half an hour. What makes us
# ask other servers is counted apart (C2S-27).
ACTIVITIES: Final = Rate(1.0, 300)
DELETIONS: Final = Rate(30 / 1_800, 30)
FETCHES: Final = Rate(0.2, 60)
UPLOADS: Final = Rate(30 / 1_800, 30)
READINGS: Final = Rate(1.0, 300)
_STRANGERS: Final = Rate(1.0, 300)
_ALLOWED_HEADERS: Final = "Authorization, Content-Type, Accept"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with a good token."""

    request: Request
    commune: Commune
    grant: Grant
    account: Account


Handler = Callable[[Visit], Awaitable[Response]]


class Desk:
    """Where apps are received; it remembers how often each person came (SEC-DOS-11)."""

    def __init__(self) -> None:
        self._strangers = Buckets(_STRANGERS)
        self._counts: dict[str, Buckets] = {}

    def serving(
        self, name: str, rate: Rate, handler: Handler
    ) -> Callable[..., Awaitable[Response]]:
        """Return an endpoint that lets *handler* answer whoever has a good token."""

        async def endpoint(request: Request) -> Response:
            return shared(await self._answer(request, name, rate, handler))

        return endpoint

    def count(self, visit: Visit, name: str, rate: Rate) -> None:
        """Count one visit of a person; raise :class:`TooMany` when they come too often."""
        token = visit.grant.token
        self._count(
            visit.commune, self._counts.setdefault(name, Buckets(rate)), str(token.citizen_id)
        )

    def _count(self, commune: Commune, buckets: Buckets, key: str) -> None:
        now = commune.database.clock()
        wait = buckets.wait(key, now)
        if wait is not None and not commune.config.development.no_rate_limits:
            raise TooMany(retry_after=wait)
        buckets.take(key, now)

    async def _answer(self, request: Request, name: str, rate: Rate, handler: Handler) -> Response:
        commune = commune_of(request)
        try:
            visit = await self._admitted(request, commune)
            self.count(visit, name, rate)
            return await handler(visit)
        except ClientDisconnect:
            return refusal(400, "The request was not finished.")
        except FederationError as error:
            return _of_federation(error)
        except CommuneError as error:
            return of_error(error)

    async def _admitted(self, request: Request, commune: Commune) -> Visit:
        """Return the visit. Raises :class:`tokens.Unauthorised` without a good token (C2S-04)."""
        try:
            grant = await tokens.grant_of(commune, request)
            if grant is None or grant.account is None:
                raise tokens.Unauthorised
        except tokens.Unauthorised:
            address = ClientAddress(commune.config.server.trusted_proxies)(request)
            self._count(commune, self._strangers, network_of(address))
            raise
        return Visit(request, commune, grant, grant.account)


def check_owner(visit: Visit, owner: str) -> None:
    """Raise :class:`NotAllowed` unless the token acts as the actor *owner* (C2S-04)."""
    if visit.account.actor_id != owner:
        raise NotAllowed("This token acts as somebody else.")


def of_error(error: CommuneError) -> Response:
    """Return the answer to what went wrong among ourselves."""
    match error:
        case tokens.Unauthorised():
            return refusal(401, str(error), {"WWW-Authenticate": "Bearer"})
        case tokens.OutOfScope():
            challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
            return refusal(403, str(error), challenge)
        case NotAllowed():
            return refusal(403, str(error))
        case NotFound():
            return refusal(404, "Not found.")
        case Conflict():
            return refusal(409, str(error))
        case TooMany():
            return refusal(429, str(error), _after(error.retry_after))
        case Unsupported():
            return refusal(501, str(error))
        case _:
            return refusal(400, str(error))


def _of_federation(error: FederationError) -> Response:
    if isinstance(error, UnavailableError):
        return refusal(503, str(error), _after(error.retry_after or 60.0))
    status = error.status_code if error.status_code in (408, 410, 413, 415) else 400
    return refusal(status, str(error))


def _after(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """Answer with an error and one sentence."""
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return JSONResponse({"error": message}, status, headers=kept)


def shared(response: Response) -> Response:
    """Let an app on any page read *response*; cookies count for nothing here (SEC-VIS-12)."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "Location, Retry-After"
    return response


async def preflight(request: Request) -> Response:
    """``OPTIONS``: what a browser asks before an app on a page may call."""
    return shared(
        Response(
            status_code=204,
            headers={
                "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
                "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
                "Access-Control-Max-Age": "86400",
            },
        )
    )
