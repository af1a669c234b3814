"""One event: what it is, who comes, and saying that one comes, with an account or a letter."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import throttles
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.events import model
from fedcommune.domain.events.actions import announcing, joining, mailing
from fedcommune.domain.events.model import Participation, State
from fedcommune.domain.events.queries import agenda, people
from fedcommune.domain.events.queries.agenda import Line
from fedcommune.domain.posts import happenings, sentences, threads
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import ANYONE, Viewer
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import acting, forms, items, sessions
from fedcommune.web import agenda as agenda_pages
from fedcommune.web.calendars import answer
from fedcommune.web.pages import Gone, commune_of, now_of, pages_of
from fedcommune.web.signing import count, onwards

# What a spreadsheet would take for a formula (SEC-ARC-04).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


STATES: Final = {
    State.PENDING: _("waits for an answer"),
    State.ACCEPTED: _("comes"),
}


async def show(request: Request) -> Response:
    """``GET /events/{id}``: everything about it, and the buttons for whoever reads."""
    return await page(request, await seen(request))


async def show_calendar(request: Request) -> Response:
    """``GET /events/{id}.ics``: the event alone, to put into one's own calendar."""
    post, line = await seen(request)
    if not post.visibility.is_open:
        raise NotFound
    return answer(request, [line], line.event.name, f"{line.event.post_id}.ics")


async def join(request: Request) -> Response:
    """``POST /events/{id}/join``: who is signed in comes, here or to a neighbour's event."""
    form = await forms.read(request)
    await acting.required(request)
    post, line = await seen(request)
    try:
        async with acting.doing(request, form) as (tx, account):
            await joining.join(tx, account, post.id, message=form.get("message", ""))
    except CommuneError as error:
        return await page(request, (post, line), error, form)
    return onwards(f"/events/{post.id}")


async def leave(request: Request) -> Response:
    """``POST /events/{id}/leave``: not after all; by the session, or by the link of a letter."""
    form = await forms.read(request)
    post_id = _number(request)
    token = form.get("token", "")
    commune = commune_of(request)
    if token:
        await count(request, (throttles.TICKET, sessions.browser_of(request).address))
        try:
            async with commune.database.transaction() as tx:
                await mailing.withdraw(tx, post_id, token)
        except NotFound:
            return _void(request)
        return await _done(request, post_id, "left")
    async with acting.doing(request, form) as (tx, account):
        await joining.leave(tx, account, post_id)
    return onwards(f"/events/{post_id}")


async def ask_letter(request: Request) -> Response:
    """``POST /events/{id}/mail``: who has no account gets a letter to confirm (product 7.5)."""
    form = await forms.read(request)
    found = await seen(request)
    post, _line = found
    email = form.get("email", "")
    try:
        await count(
            request,
            (throttles.LETTER_ADDRESS, sessions.browser_of(request).address),
            (throttles.LETTER_EMAIL, email),
        )
        language = pages_of(request).language(request)
        async with commune_of(request).database.transaction() as tx:
            await mailing.ask(tx, post.id, email, form.get("name", ""), language)
    except CommuneError as error:
        return await page(request, found, error, form)
    return await _done(request, post.id, "sent")


async def show_confirm(request: Request) -> Response:
    """``GET /events/{id}/confirm``: the page behind the first letter; nothing is done yet."""
    return await _link(request, "confirm")


async def show_leave(request: Request) -> Response:
    """``GET /events/{id}/leave``: the page behind the link to cancel."""
    return await _link(request, "leave")


async def confirm(request: Request) -> Response:
    """``POST /events/{id}/confirm``: a place is kept for who opened the letter."""
    form = await forms.read(request)
    await count(request, (throttles.TICKET, sessions.browser_of(request).address))
    post_id = _number(request)
    try:
        async with commune_of(request).database.transaction() as tx:
            one = await mailing.confirm(tx, post_id, form.get("token", ""))
    except NotFound:
        return _void(request)
    except (Invalid, joining.FullError) as error:
        return await page(request, await seen(request), error, {})
    return await _done(request, post_id, one.state.value)


async def show_people(request: Request) -> Response:
    """``GET /events/{id}/participants``: who comes and who asked, for who organises it."""
    who = await sessions.required(request)
    post, line = await seen(request, who)
    taking = await _taking(request, who.account, post)
    return forms.page(
        request,
        "agenda/people.html",
        here="agenda",
        event=line.event,
        people=await _named(request, taking),
    )


async def decide(request: Request) -> Response:
    """``POST /events/{id}/participants``: let somebody in, or not."""
    form = await forms.read(request)
    who = await sessions.required(request)
    post_id, chosen = _number(request), form.get("participation", "")
    if not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 19):
        raise NotFound
    async with commune_of(request).database.transaction() as tx:
        await joining.decide(
            tx, who.account, post_id, int(chosen), accept=form.get("decision") == "accept"
        )
    return onwards(f"/events/{post_id}/participants")


async def people_file(request: Request) -> Response:
    """``GET /events/{id}/participants.csv``: the same for a spreadsheet, never a formula in it."""
    who = await sessions.required(request)
    post, _line = await seen(request, who)
    taking = await _taking(request, who.account, post)
    body = io.StringIO()
    writer = csv.writer(body, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["name", "contact", "state", "way", "message", "since"])
    for one, name, contact, _state in await _named(request, taking):
        writer.writerow(
            [
                *(safe(each) for each in (name, contact, one.state, one.way, one.message)),
                one.created_at.isoformat(timespec="seconds"),
            ]
        )
    return Response(
        "\ufeff" + body.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{post.id}.csv"',
            "Cache-Control": "no-store",
        },
    )


def safe(text: str) -> str:
    """Return *text* as a cell that no spreadsheet takes for a formula (SEC-ARC-04)."""
    return f"'{text}" if text.startswith(_FORMULA) else text


async def seen(request: Request, who: SignedIn | None = None) -> tuple[Post, Line]:
    """Return the event that the address names, ours or a neighbour's, and its post.

    Raises NotFound when there is none that the reader may see, Gone for one that was deleted.
    """
    db = commune_of(request).database.pool
    post_id = _number(request)
    who = who or await sessions.citizen_of(request)
    viewer = ANYONE if who is None else Viewer(who.account.id)
    post = await posts.by_id(db, viewer, post_id)
    event = None if post is None else await happenings.of_post(db, post_id)
    author = None if post is None else await accounts.by_id(db, post.author_id)
    if post is None or event is None or author is None:
        buried = await posts.tombstone(db, commune_of(request).instance.post(post_id))
        raise NotFound if buried is None else Gone
    return post, Line(event, author, post.object_id, post.url)


async def page(
    request: Request,
    found: tuple[Post, Line],
    error: CommuneError | None = None,
    form: dict[str, str] | None = None,
) -> Response:
    """Show the page of an event; *error*: with what to correct."""
    commune = commune_of(request)
    db, now = commune.database.pool, now_of(request)
    post, line = found
    event = line.event
    reader = await acting.reader_of(request)
    (shown,) = await agenda_pages.shown(db, request, [line])
    own = None if reader is None else await people.of_account(db, post.id, reader.account.id)
    decides = False
    if reader is not None and post.local:
        async with commune.database.transaction() as tx:
            decides = await announcing.organises(tx, reader.who.account, event, line.author)
    organiser = None
    if event.organiser_id is not None and event.organiser_id != line.author.id and event.named:
        organiser = await accounts.by_id(db, event.organiser_id)
    language = pages_of(request).language(request)
    again = [] if event.series_id is None else await agenda.of_series(db, event.series_id)
    others = [each for each in again if each.post_id != event.post_id and each.end > now][:6]
    values: dict[str, Any] = {
        "here": "agenda",
        "alternate": post.object_id if post.local else None,
        "post": post,
        "event": event,
        "shown": shown,
        "author": line.author,
        "organiser": organiser,
        "facts": sentences.sentence(event, language, home=commune.instance.timezone),
        "home": line.url or line.object_id,
        "is_open": event.is_open(now),
        "over": event.end <= now,
        "state": None if own is None else own.state.value,
        "who": reader,
        "decides": decides,
        "others": [(each.post_id, sentences.when(each, language)) for each in others],
        "descendants": await items.of_posts(
            db, await threads.descendants(db, ANYONE, post.id), now
        ),
    }
    if error is not None:
        return forms.again(request, "agenda/event.html", error, form or {}, **values)
    return forms.page(request, "agenda/event.html", **values)


async def organised(tx: Transaction, who: Account, post_id: int) -> Line:
    """Return an event of ours that *who* decides about. Raises NotFound, NotAllowed."""
    post, author, event = await announcing.own(tx, who, post_id)
    return Line(event, author, post.object_id, post.url)


async def _taking(request: Request, who: Account, post: Post) -> list[Participation]:
    async with commune_of(request).database.transaction() as tx:
        await organised(tx, who, post.id)
        return await people.of_event(tx.db, post.id)


async def _named(
    request: Request, taking: list[Participation]
) -> list[tuple[Participation, str, str, str]]:
    """Return each participation with a name, how to reach them, and how it stands, in words."""
    db, pages = commune_of(request).database.pool, pages_of(request)
    by_id = await accounts.by_ids(db, [one.account_id for one in taking if one.account_id])
    found = []
    for one in taking:
        account = by_id.get(one.account_id or 0)
        name = one.name if account is None else account.display_name
        contact = one.email or ("" if account is None else f"@{account.handle}")
        found.append((one, name, contact, pages.say(request, STATES[one.state])))
    return found


def _void(request: Request) -> Response:
    """The link of a letter opens nothing: the event itself says how things stand."""
    return forms.page(request, "signing/void.html", 404, again=f"/events/{_number(request)}")


async def _link(request: Request, verb: str) -> Response:
    """The page behind a link of a letter: what it would do, and a button (SEC-AUT-08)."""
    token = request.query_params.get("token", "")
    try:
        async with commune_of(request).database.transaction() as tx:
            one, event = await mailing.look(tx, _number(request), token)
    except NotFound:
        return _void(request)
    language = pages_of(request).language(request)
    return forms.page(
        request,
        "agenda/link.html",
        here="agenda",
        verb=verb,
        token=token,
        event=event,
        name=one.name,
        when=sentences.when(event, language),
    )


async def _done(request: Request, post_id: int, what: str) -> Response:
    event = await happenings.of_post(commune_of(request).database.pool, post_id)
    if event is None:
        raise NotFound
    return forms.page(
        request,
        "agenda/done.html",
        here="agenda",
        what=what,
        event=event,
        days=model.UNCONFIRMED.days,
    )


def _number(request: Request) -> int:
    return int(request.path_params["post"])
