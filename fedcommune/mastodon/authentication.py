"""A bearer token becomes a caller, or a refusal; cookies count for nothing here (SEC-AUT-08)."""

from __future__ import annotations

from starlette.requests import HTTPConnection, Request

from fedcommune.commune import Commune
from fedcommune.domain.grants import model, queries
from fedcommune.errors import NotAllowed
from fedcommune.mastodon.call import Caller, Endpoint
from fedcommune.mastodon.errors import OutOfScope, Unauthorised

_LONGEST = 500
WAITING = "Your login is missing a confirmed e-mail address, or is pending approval"
CONFIRMED = "This method is only available while the e-mail is awaiting confirmation"


def bearer(request: HTTPConnection) -> str | None:
    """Return the token of the Authorization header (RFC 6750 §2.1), None without one."""
    kind, _, token = request.headers.get("authorization", "").strip().partition(" ")
    token = token.strip()
    return token if kind.lower() == "bearer" and 0 < len(token) <= _LONGEST else None


def in_address(request: HTTPConnection) -> str | None:
    """Return the token that stands in the address, None without one (RFC 6750 §2.3)."""
    token = request.query_params.get("access_token", "").strip()
    return token if 0 < len(token) <= _LONGEST else None


async def caller_of(commune: Commune, token: str) -> Caller | None:
    """Return who calls with *token*, None when it is unknown, ended, or its person is away."""
    database, now = commune.database, commune.database.clock()
    grant = await queries.by_token(database.readers, token, now)
    if grant is None:
        return None
    used = grant.token.used_at
    if used is None or now - used > model.NOTED_EVERY:
        await queries.note_use(database.pool, grant.token.id, now)
    return Caller(grant.account, grant)


async def _newcomer(commune: Commune, token: str) -> Caller | None:
    """Return who calls when they signed up and are not let in yet; they act as nobody."""
    grant = await queries.of_newcomer(commune.database.pool, token, commune.database.clock())
    return None if grant is None else Caller(None, grant)


async def admitted(commune: Commune, request: Request, endpoint: Endpoint) -> Caller | None:
    """Return who calls *endpoint*, None for nobody in particular.

    Raises :class:`Unauthorised` without a token that is good, :class:`OutOfScope` when it
    was given for something else, :class:`NotAllowed` when it is nobody's and somebody is
    needed, or of somebody who is not let in yet, or whose role does not reach so far
    (SEC-AUT-03, SEC-AUT-06, GHSA-58x8).
    """
    given = "authorization" in request.headers
    token = bearer(request)
    if token is None and endpoint.token_in_address:
        token = in_address(request)
    caller = None if token is None else await caller_of(commune, token)
    if caller is None:
        newcomer = None if token is None else await _newcomer(commune, token)
        if newcomer is not None and endpoint.access == "newcomer":
            return newcomer
        if endpoint.access == "anyone" and not (given and endpoint.scope):
            return None
        if newcomer is not None:
            raise NotAllowed(WAITING)
        raise Unauthorised
    if endpoint.access == "newcomer":
        raise NotAllowed(CONFIRMED)
    scopes = endpoint.scopes
    if scopes and not any(caller.grant.scopes.covers(scope) for scope in scopes):
        raise OutOfScope
    if endpoint.access == "citizen" and caller.account is None:
        raise NotAllowed("This method requires an authenticated user")
    if endpoint.permission is not None and not caller.grant.role.may(endpoint.permission):
        raise NotAllowed("This action is not allowed")
    return caller
