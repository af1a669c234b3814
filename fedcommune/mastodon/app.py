"""The list of endpoints, each with its scope, and the road every request takes to one."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from fedcommune.commune import Commune
from fedcommune.domain.grants.model import ALL
from fedcommune.errors import TooMany
from fedcommune.mastodon import (
    accounts,
    admin,
    announcements,
    authentication,
    collections,
    conversations,
    errors,
    filters,
    house,
    instance,
    joining,
    json,
    lists,
    media,
    notifications,
    oauth,
    oembed,
    own,
    parameters,
    polls,
    profile,
    push,
    quotes,
    reactions,
    refreshes,
    relationships,
    reports,
    saved,
    scheduled,
    search,
    statuses,
    tags,
    timelines,
    translations,
    trends,
)
from fedcommune.mastodon.call import Call, Caller, Endpoint
from fedcommune.mastodon.limits import (
    PER_ADDRESS,
    PER_PERSON,
    PER_TOKEN,
    Limits,
    Standing,
    closest,
)
from fedcommune.mastodon.streams import doors
from fedcommune.proxies import ClientAddress

__all__ = ["ENDPOINTS", "Api", "Endpoint", "routes"]

_log = structlog.get_logger(__name__)

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *accounts.ENDPOINTS,
    *admin.ENDPOINTS,
    *announcements.ENDPOINTS,
    *collections.ENDPOINTS,
    *conversations.ENDPOINTS,
    *doors.ENDPOINTS,
    *filters.ENDPOINTS,
    *house.ENDPOINTS,
    *instance.ENDPOINTS,
    *joining.ENDPOINTS,
    *lists.ENDPOINTS,
    *media.ENDPOINTS,
    *notifications.ENDPOINTS,
    *oauth.ENDPOINTS,
    *oembed.ENDPOINTS,
    *polls.ENDPOINTS,
    *own.ENDPOINTS,
    *profile.ENDPOINTS,
    *push.ENDPOINTS,
    *quotes.ENDPOINTS,
    *reactions.ENDPOINTS,
    *refreshes.ENDPOINTS,
    *relationships.ENDPOINTS,
    *reports.ENDPOINTS,
    *saved.ENDPOINTS,
    *scheduled.ENDPOINTS,
    *search.ENDPOINTS,
    *statuses.ENDPOINTS,
    *tags.ENDPOINTS,
    *timelines.ENDPOINTS,
    *translations.ENDPOINTS,
    *trends.ENDPOINTS,
)

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_EXPOSED: Final = (
    "Link, X-RateLimit-Reset, X-RateLimit-Limit, X-RateLimit-Remaining, X-Request-Id, "
    "Mastodon-Async-Refresh"
)


class Undeclared(Exception):
    """An endpoint does not say, or not in known words, who may call it."""


@dataclass(slots=True)
class _Place:
    """One segment of an address, and what follows it."""

    literal: dict[str, _Place] = field(default_factory=dict)
    variable: _Place | None = None
    # By method: the endpoint, and the names of its varying parts.
    endpoints: dict[str, tuple[Endpoint, tuple[str, ...]]] = field(default_factory=dict)


class Api:
    """One ASGI application for every endpoint; a segment that is written out wins."""

    def __init__(self, commune: Commune, endpoints: Iterable[Endpoint] = ENDPOINTS) -> None:
        self._commune = commune
        self._address_of = ClientAddress(commune.config.server.trusted_proxies)
        self._limits = Limits(enforced=not commune.config.development.no_rate_limits)
        self._root = _Place()
        for endpoint in endpoints:
            _check(endpoint)
            self._add(endpoint)

    def _add(self, endpoint: Endpoint) -> None:
        place, names = self._root, []
        for segment in endpoint.path.strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                place.variable = place.variable or _Place()
                place = place.variable
            else:
                place = place.literal.setdefault(segment, _Place())
        if endpoint.method in place.endpoints:
            raise Undeclared(f"{endpoint.method} {endpoint.path} is declared twice.")
        place.endpoints[endpoint.method] = (endpoint, tuple(names))

    def _find(self, path: str) -> tuple[_Place, list[str]] | None:
        """Return the place of *path* and what stands in its varying parts."""

        def walk(
            place: _Place, rest: list[str], found: list[str]
        ) -> tuple[_Place, list[str]] | None:
            if not rest:
                return (place, found) if place.endpoints else None
            segment, *after = rest
            if segment in place.literal:
                there = walk(place.literal[segment], after, found)
                if there is not None:
                    return there
            if place.variable is not None and segment:
                return walk(place.variable, after, [*found, segment])
            return None

        # Some libraries end an address with a slash.
        return walk(self._root, path[1:].removesuffix("/").split("/"), [])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise HTTPException(404)
        request = Request(scope, receive)
        response = await self._answered(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.append("X-Request-Id", secrets.token_hex(16))
        share(response)
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        found = self._find(request.scope["path"])
        if found is None:
            return errors.refusal(404, "Record not found")
        place, values = found
        if request.method == "OPTIONS":
            return _preflight(request, place)
        method = "GET" if request.method == "HEAD" else request.method
        if method not in place.endpoints:
            allowed = ", ".join(_allowed(place))
            return errors.refusal(405, "Method not allowed", headers={"Allow": allowed})
        endpoint, names = place.endpoints[method]
        counts: list[Standing] = []
        try:
            response = await self._handled(
                request, endpoint, dict(zip(names, values, strict=True)), counts
            )
        except ClientDisconnect:
            response = errors.refusal(400, "The request was not finished")
        except Exception as error:
            known = errors.answer(error)
            if known is None:
                _log.exception("api", method=request.method, endpoint=endpoint.path)
                known = errors.refusal(500, "Something went wrong on our side")
            response = known
        if counts:
            _tell(response, closest(counts))
        return response

    async def _handled(
        self,
        request: Request,
        endpoint: Endpoint,
        path: dict[str, str],
        counts: list[Standing],
    ) -> Response:
        try:
            caller = await authentication.admitted(self._commune, request, endpoint)
        except Exception:
            self._count(request, endpoint, None, counts)
            raise
        self._count(request, endpoint, caller, counts)
        params = await parameters.read(request, limit=endpoint.body)
        call = Call(request, self._commune, caller, params, path)
        return json.written(await endpoint.handler(call))

    def _count(
        self,
        request: Request,
        endpoint: Endpoint,
        caller: Caller | None,
        counts: list[Standing],
    ) -> None:
        """Count one call; raise :class:`TooMany` when it is one too many (SEC-DOS-11)."""
        now = self._commune.database.clock()
        address = self._address_of(request)
        whose = f"address {address}"
        if caller is None:
            counts.append(self._limits.count(PER_ADDRESS, address, now))
        else:
            token = caller.grant.token
            counts.append(self._limits.count(PER_TOKEN, str(token.id), now))
            if token.citizen_id is not None:
                whose = f"person {token.citizen_id}"
                counts.append(self._limits.count(PER_PERSON, str(token.citizen_id), now))
        if endpoint.rate is not None:
            counts.append(self._limits.count(endpoint.rate, whose, now))
        worst = closest(counts)
        if worst.exceeded:
            raise TooMany(retry_after=(worst.reset - now).total_seconds())


def _check(endpoint: Endpoint) -> None:
    """Raise :class:`Undeclared` unless it is said who may call *endpoint* (SEC-AUT-06)."""
    what = f"{endpoint.method} {endpoint.path}"
    if endpoint.method not in _METHODS:
        raise Undeclared(f"{what}: the method is unknown.")
    if endpoint.access not in ("anyone", "app", "citizen", "newcomer"):
        raise Undeclared(f"{what}: the access is unknown.")
    if endpoint.access == "citizen" and not endpoint.scopes:
        raise Undeclared(f"{what} is for citizens and declares no scope.")
    administers = any(scope.startswith("admin:") for scope in endpoint.scopes)
    if administers != (endpoint.permission is not None):
        raise Undeclared(f"{what} is for moderators and does not say so in both ways.")
    if administers and endpoint.access != "citizen":
        raise Undeclared(f"{what} is for moderators, who are people.")
    unknown = [scope for scope in endpoint.scopes if scope not in ALL]
    if unknown:
        raise Undeclared(f"{what}: there is no scope {unknown[0]}.")


def share(response: Response) -> None:
    """Let any page of any site read *response*; cookies never come along (SEC-VIS-12)."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED


def _preflight(request: Request, place: _Place) -> Response:
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": ", ".join(_allowed(place)),
            "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
            "Access-Control-Max-Age": "86400",
            "Allow": ", ".join(_allowed(place)),
        },
    )


def _allowed(place: _Place) -> list[str]:
    found = {*place.endpoints, "OPTIONS"}
    return sorted(found | {"HEAD"} if "GET" in found else found)


def _tell(response: Response, standing: Standing) -> None:
    response.headers["X-RateLimit-Limit"] = str(standing.limit)
    response.headers["X-RateLimit-Remaining"] = str(standing.remaining)
    response.headers["X-RateLimit-Reset"] = json.moment(standing.reset)


def routes(commune: Commune) -> list[BaseRoute]:
    """The API of an open *commune*, to be put before the pages."""
    api = Api(commune)
    alone = [endpoint.path for endpoint in ENDPOINTS if not endpoint.path.startswith("/api/")]
    return [
        Mount("/api", api),
        *(Route(path, api, include_in_schema=False) for path in dict.fromkeys(alone)),
    ]
