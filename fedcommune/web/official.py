"""Official notices: everybody reads them, who acts for the town hall gives and lifts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from fedcommune import lookup
from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.announcements.model import span
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.notices import actions, queries
from fedcommune.domain.notices.model import SEVERITIES, SIGNS
from fedcommune.domain.posts.actions import mentioned_in
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.posts.official import Given, Severity
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import acting, forms, items, sessions
from fedcommune.web.pages import pages_of
from fedcommune.web.signing import commune_of, onwards


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def show(request: Request) -> Response:
    """The notices that last and those of before; a form for who may give one."""
    return await _page(request)


async def give(request: Request) -> Response:
    """Give a notice in the name of an authority that one acts for."""
    form = await forms.read(request)
    who = await sessions.required(request)
    commune = commune_of(request)
    try:
        severity = _severity(form.get("severity", ""))
        ends_at = span("", _until(form), commune.instance.timezone).ends_at
        text = form.get("text", "")
        draft = Draft(
            text=text,
            mentioned=await lookup.mentioned(commune, mentioned_in(text, commune.instance.domain)),
            notice=Given(severity, ends_at),
        )
        async with commune.database.transaction() as tx:
            authority = _chosen(await authorities(tx.db, who), form.get("authority", ""))
            await actions.give(tx, authority, draft, by=who.account)
    except NotFound:
        raise
    except CommuneError as error:
        return await _page(request, error, form)
    return onwards("/notices")


async def lift(request: Request) -> Response:
    """Take off a notice of an authority that one acts for."""
    form = await forms.read(request)
    who = await sessions.required(request)
    number = form.get("notice", "")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise NotFound
    async with commune_of(request).database.transaction() as tx:
        authority = _chosen(await authorities(tx.db, who), form.get("authority", ""))
        await actions.lift(tx, authority, int(number), by=who.account)
    return onwards("/notices")


async def authorities(db: Executor, who: SignedIn) -> list[Account]:
    """Return the authorities entrusted with giving notices for which *who* acts."""
    found = await acting.actors(db, who.account)
    trusted = await queries.entrusted(db, [each.id for each in found])
    return [each for each in found if each.id in trusted]


def _chosen(found: Sequence[Account], text: str) -> Account:
    for account in found:
        if text == str(account.id):
            return account
    raise NotFound


def _severity(text: str) -> Severity:
    for known in Severity:
        if known.value == text:
            return known
    raise Invalid("severity", _("Say how grave it is."))


def _until(form: Mapping[str, str]) -> str:
    day, hour = form.get("day", "").strip(), form.get("hour", "").strip()
    return f"{day}T{hour}" if day and hour else day


async def _page(
    request: Request, error: CommuneError | None = None, form: Mapping[str, str] | None = None
) -> Response:
    commune = commune_of(request)
    db, now = commune.database.pool, commune.database.clock()
    who = await sessions.citizen_of(request)
    told = await queries.latest(db)
    current = await queries.current(db, now)
    lasting = {each.post.id for each in current}
    values: dict[str, Any] = {
        "here": "news",
        "who": who,
        "authorities": [] if who is None else await authorities(db, who),
        "current": await items.of_posts(db, [each.post for each in current], now),
        "past": await items.of_posts(
            db, [each.post for each in told if each.post.id not in lasting], now
        ),
        "severities": SEVERITIES,
        "signs": SIGNS,
    }
    if error is not None:
        return forms.again(request, "notices.html", error, form or {}, **values)
    if who is None:
        return pages_of(request).page(request, "notices.html", **values)
    return forms.page(request, "notices.html", **values)
