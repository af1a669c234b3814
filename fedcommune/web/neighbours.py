"""The communes around: whom we follow, whom we might, and what comes from each."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fedcommune import lookup
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.roles import Permission
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.neighbours import queries
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import forms, sessions
from fedcommune.web.pages import commune_of, pages_of
from fedcommune.web.signing import onwards
from federation.errors import FederationError


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


def routes() -> list[Route]:
    """The page of the communes around, and its two buttons."""
    return [
        Route("/neighbours", show, methods=["GET"]),
        Route("/neighbours/follow", follow, methods=["POST"]),
        Route("/neighbours/unfollow", unfollow, methods=["POST"]),
    ]


async def show(request: Request) -> Response:
    """``GET /neighbours``: everybody may look, who looks after federation may follow."""
    return await _page(request)


async def follow(request: Request) -> Response:
    """Let the commune follow another, by its domain."""
    form = await forms.read(request)
    await _officer(request)
    commune = commune_of(request)
    try:
        theirs = await lookup.commune(commune, form.get("domain", "")[:300])
        async with commune.database.transaction() as tx:
            ours = await accounts.by_actor_id(tx.db, tx.instance.actor)
            if ours is None:
                raise NotFound
            await follows.follow(tx, ours, theirs)
    except (FederationError, CommuneError) as error:
        if isinstance(error, CommuneError) and not isinstance(error, NotFound):
            return await _page(request, error, form)
        wrong = Invalid("domain", _("No commune answers there: check the domain, or try later."))
        return await _page(request, wrong, form)
    return onwards("/neighbours")


async def unfollow(request: Request) -> Response:
    """Let the commune no longer follow another."""
    form = await forms.read(request)
    await _officer(request)
    async with commune_of(request).database.transaction() as tx:
        ours = await accounts.by_actor_id(tx.db, tx.instance.actor)
        theirs = await accounts.commune_of(tx.db, form.get("domain", ""))
        if ours is None or theirs is None:
            raise NotFound
        await follows.stop(tx, ours, theirs)
    return onwards("/neighbours")


async def _page(
    request: Request, error: CommuneError | None = None, form: dict[str, str] | None = None
) -> Response:
    commune = commune_of(request)
    db = commune.database.pool
    ours = await accounts.by_actor_id(db, commune.instance.actor)
    found = [] if ours is None else await queries.around(db, ours.id, commune.instance.epci)
    who = await sessions.citizen_of(request)
    values: dict[str, Any] = {
        "here": "directory",
        "followed": [each for each in found if each.follow is not None],
        "suggested": [each for each in found if each.follow is None],
        "officer": _may(who),
    }
    if error is not None:
        return forms.again(request, "neighbours.html", error, form or {}, **values)
    if _may(who):
        return forms.page(request, "neighbours.html", **values)
    return pages_of(request).page(
        request, "neighbours.html", problem=None, wrong="", form={}, csrf="", **values
    )


def _may(who: SignedIn | None) -> bool:
    return who is not None and who.account.role.may(Permission.MANAGE_FEDERATION)


async def _officer(request: Request) -> None:
    """Raise NotFound for who does not look after federation: there is nothing here for them."""
    if not _may(await sessions.required(request)):
        raise NotFound
