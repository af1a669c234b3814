"""The bearer token of an app that speaks ActivityPub: in whose name, allowed what (C2S-04)."""

from __future__ import annotations

from starlette.requests import Request

from fedcommune.commune import Commune
from fedcommune.domain.grants import model, queries
from fedcommune.domain.grants.model import Grant
from fedcommune.errors import CommuneError

_LONGEST = 500


class Unauthorised(CommuneError):
    """Sign in: send the access token of the actor as "Authorization: Bearer"."""


class OutOfScope(CommuneError):
    """The token was given for something else."""


def bearer(request: Request) -> str | None:
    """Return the token of the Authorization header (RFC 6750 §2.1), None without one."""
    kind, _, token = request.headers.get("authorization", "").strip().partition(" ")
    return token.strip()[: _LONGEST + 1] if kind.lower() == "bearer" else None


async def grant_of(commune: Commune, request: Request) -> Grant | None:
    """Return what the token of *request* allows, None when it carries none.

    Raises :class:`Unauthorised` for one that is unknown, ended, of nobody in particular or of
    somebody who is suspended.
    """
    token = bearer(request)
    if token is None:
        return None
    db, now = commune.database.pool, commune.database.clock()
    grant = await queries.by_token(db, token, now) if 0 < len(token) <= _LONGEST else None
    if grant is None or grant.account is None or not grant.account.is_active:
        raise Unauthorised
    used = grant.token.used_at
    if used is None or now - used > model.NOTED_EVERY:
        await queries.note_use(db, grant.token.id, now)
    return grant


def check_scope(grant: Grant, scope: str) -> None:
    """Raise :class:`OutOfScope` unless *grant* covers *scope* (SEC-AUT-06)."""
    if not grant.scopes.covers(scope):
        raise OutOfScope(f"This needs a token for {scope}: ask for that scope.")
