"""What one has planned to say: a list, other words, another moment, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.media.model import Words
from fedcommune.domain.scheduled import actions, queries
from fedcommune.domain.scheduled.model import MAX_WAITING, Scheduled
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import acting, composing, forms
from fedcommune.web.acting import Reader
from fedcommune.web.composing import Composer, Kept
from fedcommune.web.items import Item
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
    planned_id = _number(request)
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


async def show_edit(request: Request) -> Response:
    """``GET /planned/{post}/edit``: what is to be said, to be changed before it is."""
    reader = await acting.required(request)
    planned = await _planned(request, reader.account)
    draft = planned.draft
    said = {
        "text": draft.text,
        "warning": draft.summary,
        "sensitive": "on" if draft.sensitive and not draft.summary else "",
        "language": draft.language or commune_of(request).instance.language,
        "visibility": draft.visibility,
    }
    kept: list[Kept] = []
    for media_id in draft.media or ():
        words = draft.words.get(media_id, Words())
        kept += await composing.hanging(request, reader.account, media_id, words.description)
    compose = await _composer(request, reader, planned, said, kept)
    return forms.page(request, "social/write.html", compose=compose)


async def edit(request: Request) -> Response:
    """``POST /planned/{post}/edit``: say it otherwise, at the same moment."""
    form, files = await forms.read_any(request, largest=composing.LARGEST)
    account = await acting.as_whom(request, form)
    planned = await _planned(request, account)
    kept: list[Kept] = []
    try:
        await composing.pictures(request, account, form, files, kept)
        draft = await composing.draft(request, form, kept)
        if not form.get("visibility"):
            draft = replace(draft, visibility=planned.draft.visibility)
        async with acting.doing(request, form) as (tx, author):
            await actions.rewrite(tx, author, planned.id, draft)
    except Invalid as error:
        reader = await acting.required(request)
        compose = await _composer(request, reader, planned, form, kept)
        return forms.again(request, "social/write.html", error, form, compose=compose)
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


async def _composer(
    request: Request,
    reader: Reader,
    planned: Scheduled,
    said: Mapping[str, str],
    kept: list[Kept],
) -> Composer:
    """Return the form with what was planned; only the composer's audiences are offered anew."""
    draft = planned.draft
    made = await composing.composer(
        request,
        reader,
        said=said,
        answers=await _about(request, reader, draft.in_reply_to),
        quotes=await _about(request, reader, draft.quoted),
        kept=tuple(kept),
    )
    return replace(
        made,
        action=f"/planned/{planned.id}/edit",
        audiences=made.audiences if draft.visibility in composing.AUDIENCES else (),
        editing=True,
        asks=draft.poll,
        due_at=planned.due_at,
    )


async def _about(request: Request, reader: Reader, post_id: int | None) -> Item | None:
    """Return what is answered or quoted, if it can still be seen (SEC-VIS-02)."""
    try:
        return None if post_id is None else await composing.about(request, reader, post_id)
    except NotFound:
        return None


async def _planned(request: Request, account: Account) -> Scheduled:
    """Return the plan of the address. Raises NotFound for what is another's (SEC-VIS-11)."""
    db = commune_of(request).database.pool
    found = await queries.one(db, account.id, _number(request))
    if found is None:
        raise NotFound
    return found


def _number(request: Request) -> int:
    found = number(str(request.path_params["post"]))
    if found is None:
        raise NotFound
    return found


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
