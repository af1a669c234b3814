"""What projects and organisations need: say it, help with it, accept who helps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.classifieds import actions
from fedcommune.domain.classifieds.model import NEEDY, Classified, Need
from fedcommune.domain.helping import actions as helping
from fedcommune.domain.helping import queries as helpers
from fedcommune.domain.posts.deals import WANTED
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.instance import Instance
from fedcommune.web import acting as acting_as
from fedcommune.web import classifieds, forms, sessions
from fedcommune.web.pages import commune_of, pages_of
from fedcommune.web.signing import onwards
from federation.vocabulary.offers import Wanted

# A day that is said lasts until its evening.
_EVENING: Final = time(23, 59)


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def show_new(request: Request) -> Response:
    """The form to say what one needs."""
    reader = await acting_as.required(request)
    chosen = request.query_params.get("author", str(reader.account.id))
    return await form_of(request, reader.who, {"author": chosen})


async def publish(request: Request) -> Response:
    """Publish what the form says, in the name of what one administers."""
    form = await forms.read(request)
    who = await sessions.required(request)
    try:
        author = await classifieds.acting(request, who, form.get("author", "-"))
        async with commune_of(request).database.transaction() as tx:
            post = await actions.need(tx, author, typed(commune_of(request).instance, form))
    except CommuneError as error:
        return await form_of(request, who, form, error)
    return onwards(f"/classifieds/{post.id}")


async def show_edit(request: Request) -> Response:
    """The form to change it, filled in."""
    who, found = await classifieds.own(request)
    if found.offer.kind != "need":
        raise NotFound
    return await form_of(request, who, _typed_before(request, found), found=found)


async def change(request: Request) -> Response:
    """Change it as the form says."""
    form = await forms.read(request)
    who, found = await classifieds.own(request)
    if found.offer.kind != "need":
        raise NotFound
    try:
        async with commune_of(request).database.transaction() as tx:
            wanted = typed(commune_of(request).instance, form)
            await actions.change_need(tx, found.author, found.post.id, wanted)
    except CommuneError as error:
        return await form_of(request, who, form, error, found)
    return onwards(f"/classifieds/{found.post.id}")


async def help_with(request: Request) -> Response:
    """Say that one can help: one button."""
    form = await forms.read(request)
    found = await classifieds.wanted(request)
    try:
        async with acting_as.doing(request, form) as (tx, account):
            await actions.help_with(tx, account, found.post.id, form.get("text", ""))
    except CommuneError as error:
        return await classifieds.one(request, found, error, form)
    return onwards(f"/classifieds/{found.post.id}?sent=1")


async def accept(request: Request) -> Response:
    """Accept an offer of help."""
    return await _decide(request, accepts=True)


async def refuse(request: Request) -> Response:
    """Refuse an offer of help, with thanks."""
    return await _decide(request, accepts=False)


async def _decide(request: Request, *, accepts: bool) -> Response:
    await forms.read(request)
    who = await sessions.required(request)
    commune = commune_of(request)
    number = classifieds.id_of(str(request.path_params["help"]))
    made = await helpers.by_id(commune.database.pool, number)
    if made is None:
        raise NotFound
    decide = helping.accept if accepts else helping.refuse
    async with commune.database.transaction() as tx:
        await decide(tx, who.account, number)
    return onwards(f"/classifieds/{made.need_id}#help")


def typed(instance: Instance, form: Mapping[str, str]) -> Need:
    """Return what a form says. Raises :class:`Invalid` for what needs a correction."""
    wanted = form.get("wanted", "people")
    if wanted not in WANTED:
        raise Invalid("wanted", _("Say what is needed: people, material or money."))
    number = form.get("helpers", "").strip()
    if number and not (number.isascii() and number.isdigit() and len(number) < 6):
        raise Invalid("helpers", _("Write how many as a number."))
    return Need(
        title=form.get("title", ""),
        text=form.get("text", ""),
        wanted=cast(Wanted, wanted),
        helpers=int(number) if number and wanted == "people" else None,
        needed_by=day_typed(instance, form.get("needed_by", "")),
        category=form.get("category", ""),
    )


def day_typed(instance: Instance, text: str, field: str = "needed_by") -> datetime | None:
    """Return the evening of the day *text* (2026-12-31) in the commune, None for nothing.

    Raises :class:`Invalid` for what is no day.
    """
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(field, _("Write the day as 2026-12-31.")) from None
    return datetime.combine(day, _EVENING, ZoneInfo(instance.timezone))


async def form_of(
    request: Request,
    who: SignedIn,
    form: Mapping[str, str] | None = None,
    error: CommuneError | None = None,
    found: Classified | None = None,
) -> Response:
    """Show the form of a need."""
    pages = pages_of(request)
    actors = await acting_as.actors(commune_of(request).database.pool, who.account)
    values: dict[str, Any] = {
        "here": "classifieds",
        "actors": [each for each in actors if each.kind in NEEDY],
        "found": found,
        "wants": [(name, pages.say(request, word)) for name, word in WANTED.items()],
        **classifieds.words_of(request),
    }
    if error is not None:
        return forms.again(request, "classifieds/need.html", error, form or {}, **values)
    return forms.page(request, "classifieds/need.html", form=form or {}, **values)


def _typed_before(request: Request, found: Classified) -> dict[str, str]:
    offer = found.offer
    zone = ZoneInfo(commune_of(request).instance.timezone)
    by = offer.needed_by
    return {
        "title": offer.title,
        "text": found.post.source,
        "wanted": offer.wanted,
        "helpers": "" if offer.helpers_wanted is None else str(offer.helpers_wanted),
        "needed_by": "" if by is None else by.astimezone(zone).date().isoformat(),
        "category": offer.category,
    }


def routes() -> list[Route]:
    """The addresses of what is needed."""
    return [
        Route("/needs/new", show_new, methods=["GET"]),
        Route("/needs/new", publish, methods=["POST"]),
        Route("/needs/{post:str}/edit", show_edit, methods=["GET"]),
        Route("/needs/{post:str}/edit", change, methods=["POST"]),
        Route("/needs/{post:str}/help", help_with, methods=["POST"]),
        Route("/help/{help:str}/accept", accept, methods=["POST"]),
        Route("/help/{help:str}/refuse", refuse, methods=["POST"]),
    ]
