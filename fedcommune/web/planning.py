"""What one has planned to say: a list, another moment, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.scheduled import actions, queries
from fedcommune.domain.scheduled.model import MAX_WAITING
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import acting, forms
from fedcommune.web.acting import Reader
from fedcommune.web.pages import number
from fedcommune.web.signing import commune_of, onwards


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


AUDIENCES: Final = {
    Visibility.PUBLIC: _("Everybody"),
    Visibility.UNLISTED: _("Everybody, without standing in the news"),
    Visibility.FOLLOWERS: _("My followers"),
    Visibility.LIMITED: _("Only the people whom I name"),
    Visibility.DIRECT: _("Only the people whom I name"),
}


async def show(request: Request) -> Response:
    """``GET /planned``: what waits, in the name as which one acts; the next first."""
    return await _page(request, await acting.required(request))


async def change(request: Request) -> Response:
    """``POST /planned/{post}``: plan it for another moment, or forget it."""
    form = await forms.read(request)
    reader = await acting.required(request)
    planned_id = number(str(request.path_params["post"]))
    if planned_id is None:
        raise NotFound
    try:
        due_at = None if form.get("do") == "cancel" else due(request, form)
        if form.get("do") == "move" and due_at is None:
            raise Invalid("scheduled_at", _("Say the day and the hour."))
        async with acting.doing(request, form) as (tx, author):
            if form.get("do") == "cancel":
                await actions.cancel(tx, author, planned_id)
            elif due_at is not None:
                await actions.move(tx, author, planned_id, due_at)
    except Invalid as error:
        return await _page(request, reader, error, {**form, "planned": str(planned_id)})
    return onwards("/planned")


def due(request: Request, form: Mapping[str, str]) -> datetime | None:
    """Return when a form wants something published, on the clock of the commune; None: now.

    Raises Invalid for half a moment, and for what is none.
    """
    day, hour = form.get("day", "").strip(), form.get("hour", "").strip()
    if not day and not hour:
        return None
    zone = ZoneInfo(commune_of(request).instance.timezone)
    try:
        at = time.fromisoformat(hour).replace(tzinfo=None)
        return datetime.combine(date.fromisoformat(day), at, zone)
    except (ValueError, OverflowError):
        raise Invalid("scheduled_at", _("Say the day and the hour.")) from None


async def _page(
    request: Request,
    reader: Reader,
    error: CommuneError | None = None,
    form: Mapping[str, str] | None = None,
) -> Response:
    db = commune_of(request).database.pool
    values: dict[str, Any] = {
        "here": "planned",
        "planned": await queries.soonest(db, reader.account.id, limit=MAX_WAITING),
        "audiences": AUDIENCES,
    }
    if error is not None:
        return forms.again(request, "social/planned.html", error, form or {}, **values)
    return forms.page(request, "social/planned.html", **values)
