"""What takes place, as calendars to subscribe to: of all, of an actor, of a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.events import calendar_files
from fedcommune.domain.events.queries import agenda
from fedcommune.domain.events.queries.agenda import Line, Wanted
from fedcommune.errors import NotFound
from fedcommune.web.agenda import understood
from fedcommune.web.pages import commune_of, now_of, pages_of

# A calendar that is subscribed to shows what was, too.
BEFORE: Final = timedelta(days=60)


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def of_all(request: Request) -> Response:
    """``GET /agenda.ics``: everything that everybody may see, ours and the neighbours'."""
    asked = understood(request)
    return await _file(request, asked.wanted, commune_of(request).instance.name)


async def of_actor(request: Request) -> Response:
    """``GET /@name/agenda.ics``: what one of our actors organises."""
    db = commune_of(request).database.pool
    account = await accounts.local_by_username(db, str(request.path_params["username"]).lower())
    if account is None or not account.is_active:
        raise NotFound
    return await _file(request, Wanted(account_id=account.id), account.display_name)


async def of_tag(request: Request) -> Response:
    """``GET /tags/{tag}/agenda.ics``: what carries a word."""
    name = str(request.path_params["name"]).lower()
    return await _file(request, Wanted(tag=name), f"#{name}")


async def _file(request: Request, wanted: Wanted, name: str) -> Response:
    commune = commune_of(request)
    now = now_of(request)
    async with commune.database.reading() as db:
        found = await agenda.listed(db, replace(wanted, since=now - BEFORE), limit=agenda.MAX_PAGE)
    return answer(request, found, name)


def answer(
    request: Request, found: Sequence[Line], name: str, file_name: str = "agenda.ics"
) -> Response:
    """Answer with these events as a calendar, which any page of any site may read."""
    title = f"{name} · {pages_of(request).say(request, _('Agenda'))}"
    body = calendar_files.write(
        found, name=title, instance=commune_of(request).instance, now=now_of(request)
    )
    return Response(
        body,
        media_type=calendar_files.MEDIA_TYPE,
        headers={
            "Content-Disposition": f'inline; filename="{file_name}"',
            "Cache-Control": "public, max-age=300",
            "Access-Control-Allow-Origin": "*",
        },
    )
