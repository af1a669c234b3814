"""Classifieds: a list to look through, the page of one, and forms to offer, change and answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fedcommune import geocoding
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.classifieds import actions, queries
from fedcommune.domain.classifieds.model import NEEDY, Classified, Draft, Sought, price_typed
from fedcommune.domain.directory.model import Point
from fedcommune.domain.helping import queries as helpers
from fedcommune.domain.posts import details, offering
from fedcommune.domain.posts.deals import CATEGORIES, CURRENCIES, EXCHANGES, VISIBILITIES, quarter
from fedcommune.domain.posts.model import Attachment, Page
from fedcommune.domain.territory.addresses import MAX_QUERY
from fedcommune.domain.visibility import ANYONE, Viewer
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.files import painters
from fedcommune.web import acting as acting_as
from fedcommune.web import forms, one_picture, sessions
from fedcommune.web.composing import Kept
from fedcommune.web.directory import point_of
from fedcommune.web.pages import commune_of, now_of, pages_of
from fedcommune.web.signing import onwards
from federation.vocabulary.offers import Exchange, Purpose, Scope

PAGE: Final = 20
LARGEST: Final = painters.MAX_BYTES + forms.LARGEST
RADII: Final = (2, 5, 10, 20, 50)
_RADIUS: Final = 5
_picture = partial(one_picture.of_form, name="picture", words="description")


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


PURPOSES: Final = {"offer": _("Offers"), "request": _("Requests")}
ONE: Final = {"offer": _("Offer"), "request": _("Request")}
SCOPES: Final = {
    "public": _("Everybody, here and elsewhere"),
    "neighbours": _("Our commune and the neighbouring ones"),
    "commune": _("Our commune alone"),
}
# How a stranger said it, when it was not a commune.
SHAPES: Final = {"flohmarkt": _("from flohmarkt"), "proposal": _("from elsewhere")}


@dataclass(frozen=True, slots=True)
class Shown:
    """Something offered or asked for, as pages show it."""

    found: Classified
    address: str
    purpose: str
    shape: str
    facts: list[str]
    body: str
    attachments: tuple[Attachment, ...] = ()


async def show_list(request: Request) -> Response:
    """``GET /classifieds``: what is open and for who reads, newest first, twenty at a time."""
    commune, asked = commune_of(request), request.query_params
    who = await sessions.citizen_of(request)
    viewer = ANYONE if who is None else Viewer(who.account.id)
    address = " ".join(asked.get("near", "").split())[:MAX_QUERY]
    located = await geocoding.located(commune, address) if address else None
    point = None if address else point_of(asked)
    if located:
        point = Point(located[0].latitude, located[0].longitude)
    radius = _radius(asked.get("radius", ""))
    sought = Sought(
        purpose=cast(Purpose | None, _known(asked.get("purpose"), PURPOSES)),
        exchange=cast(Exchange | None, _known(asked.get("exchange"), EXCHANGES)),
        category=_known(asked.get("category"), CATEGORIES),
        near=None if point is None else (point.latitude, point.longitude),
        radius=radius * 1000,
    )
    before = asked.get("before", "")
    page = Page(max_id=id_of(before) if before else None, limit=PAGE)
    found = await queries.found(commune.database.pool, viewer, sought, now_of(request), page)
    kept = [(name, asked.get(name, "")) for name in ("purpose", "exchange", "category", "near")]
    if point is not None and not address:
        kept += [("lat", f"{point.latitude:.5f}"), ("lon", f"{point.longitude:.5f}")]
    kept.append(("radius", str(radius) if point or address else ""))
    if len(found) == PAGE:
        kept.append(("before", str(found[-1].post.id)))
    pages = pages_of(request)
    return pages.page(
        request,
        "classifieds/list.html",
        here="classifieds",
        found=await shown(request, found),
        sought=sought,
        address=address,
        lost=bool(address) and not located,
        radius=radius,
        radii=RADII,
        is_first=page.max_id is None,
        older=urlencode([pair for pair in kept if pair[1]]) if len(found) == PAGE else None,
        **words_of(request),
    )


async def show(request: Request) -> Response:
    """``GET /classifieds/{id}``: one of them, with what who reads may do about it."""
    return await one(request, await wanted(request))


async def show_new(request: Request) -> Response:
    """The form to offer or ask for something."""
    reader = await acting_as.required(request)
    return await _form(request, reader.who, {"author": str(reader.account.id)})


async def publish(request: Request) -> Response:
    """Publish what the form says, in the name of oneself or of what one administers."""
    who = await sessions.required(request)
    form, files = await forms.read_files(request, largest=LARGEST)
    picture = None
    try:
        author = await acting(request, who, form.get("author", ""))
        picture = await _picture(request, author, form, files)
        draft = await _typed(request, form, picture)
        async with commune_of(request).database.transaction() as tx:
            post = await actions.publish(tx, author, draft)
    except CommuneError as error:
        return await _form(request, who, form, error, picture=picture)
    return onwards(f"/classifieds/{post.id}")


async def show_edit(request: Request) -> Response:
    """The form to change it, filled in."""
    who, found = await own(request)
    return await _form(request, who, _typed_before(found), found=found)


async def change(request: Request) -> Response:
    """Change it as the form says."""
    form, files = await forms.read_files(request, largest=LARGEST)
    who, found = await own(request)
    picture = None
    try:
        picture = await _picture(request, found.author, form, files)
        draft = await _typed(request, form, picture)
        if picture is None and not form.get("without_picture"):
            draft = replace(draft, media=None)
        async with commune_of(request).database.transaction() as tx:
            await actions.change(tx, found.author, found.post.id, draft)
    except CommuneError as error:
        return await _form(request, who, form, error, found, picture)
    return onwards(f"/classifieds/{found.post.id}")


async def renew(request: Request) -> Response:
    """Let it stand for sixty days more: one button."""
    await forms.read(request)
    _who, found = await own(request)
    try:
        async with commune_of(request).database.transaction() as tx:
            await actions.renew(tx, found.author, found.post.id)
    except Invalid as error:
        return await one(request, found, error)
    return onwards(f"/classifieds/{found.post.id}")


async def conclude(request: Request) -> Response:
    """Say that it was taken, or found."""
    await forms.read(request)
    _who, found = await own(request)
    async with commune_of(request).database.transaction() as tx:
        await actions.conclude(tx, found.author, found.post.id)
    return onwards(f"/classifieds/{found.post.id}")


async def contact(request: Request) -> Response:
    """Write to who offers it, in private."""
    form = await forms.read(request)
    found = await wanted(request)
    try:
        async with acting_as.doing(request, form) as (tx, account):
            await actions.contact(tx, account, found.post.id, form.get("text", ""))
    except CommuneError as error:
        return await one(request, found, error, form)
    return onwards(f"/classifieds/{found.post.id}?sent=1")


# What the pages of needs use, too.


async def wanted(request: Request) -> Classified:
    """Return what the address names, if who reads may see it. Raises NotFound (SEC-VIS-03)."""
    who = await sessions.citizen_of(request)
    viewer = ANYONE if who is None else Viewer(who.account.id)
    number = id_of(str(request.path_params["post"]))
    found = await queries.one(commune_of(request).database.pool, viewer, number)
    if found is None:
        raise NotFound
    return found


async def own(request: Request) -> tuple[SignedIn, Classified]:
    """Return who reads, and what the address names, which is theirs. Raises NotFound."""
    who = await sessions.required(request)
    found = await wanted(request)
    await acting(request, who, str(found.author.id))
    return who, found


async def acting(request: Request, who: SignedIn, chosen: str) -> Account:
    """Return as whom *who* acts: themselves, or who they administer. Raises NotFound."""
    for each in await acting_as.actors(commune_of(request).database.pool, who.account):
        if chosen in ("", str(each.id)):
            return each
    raise NotFound


async def one(
    request: Request,
    found: Classified,
    error: CommuneError | None = None,
    form: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """Show the page of something offered; *error*: with what to correct."""
    reader = await acting_as.reader_of(request)
    db, mine, helped = commune_of(request).database.pool, False, None
    if reader is not None:
        mine = found.author.id in {each.id for each in reader.actors}
        helped = await helpers.state_of(db, found.post.id, reader.account.id)
    (item,) = await shown(request, [found])
    values = {
        "here": "classifieds",
        "alternate": found.post.object_id if found.post.local else None,
        "item": item,
        "who": None if reader is None else reader.who,
        "me": None if reader is None else reader.account,
        "actors": () if reader is None else reader.actors,
        "mine": mine,
        "helped": helped,
        "helpers": await helpers.of_need(db, found.post.id) if mine else [],
        "open": found.offer.is_open(now_of(request)),
        "sent": "sent" in request.query_params,
        **words_of(request),
        **values,
    }
    template = "classifieds/one.html"
    if error is not None:
        return forms.again(request, template, error, form or {}, **values)
    return forms.page(request, template, **values)


async def shown(request: Request, found: list[Classified]) -> list[Shown]:
    """Return *found* as pages show it."""
    commune, pages = commune_of(request), pages_of(request)
    language = pages.language(request)
    attached = await details.attachments(commune.database.pool, [each.post.id for each in found])
    return [
        Shown(
            each,
            f"/classifieds/{each.post.id}",
            pages.say(request, ONE[each.offer.purpose]),
            "" if each.post.local else pages.say(request, SHAPES.get(each.offer.shape, "")),
            offering.facts_of(commune.instance, language, each.offer),
            offering.without_title(each.post.content),
            tuple(attached.get(each.post.id, ())),
        )
        for each in found
    ]


def words_of(request: Request) -> dict[str, Any]:
    """Return the choices of the forms, in the reader's language."""
    pages = pages_of(request)

    def said(words: Mapping[str, str]) -> list[tuple[str, str]]:
        return [(name, pages.say(request, word)) for name, word in words.items()]

    return {
        "purposes": said(PURPOSES),
        "exchanges": said(EXCHANGES),
        "categories": said(CATEGORIES),
        "scopes": said(SCOPES),
        "currencies": list(CURRENCIES.items()),
    }


async def _typed(request: Request, form: Mapping[str, str], picture: Kept | None) -> Draft:
    """Return what a form says. Looks for the quarter."""
    commune = commune_of(request)
    place = " ".join(form.get("place", "").split())[:MAX_QUERY]
    where = await geocoding.located(commune, place) if place else None
    return Draft(
        title=form.get("title", ""),
        text=form.get("text", ""),
        purpose=cast(Purpose, _choice(form, "purpose", PURPOSES, "offer")),
        exchange=cast(Exchange, _choice(form, "exchange", EXCHANGES, "gift")),
        category=form.get("category", ""),
        price=price_typed(form.get("price", "")),
        currency=form.get("currency", "EUR"),
        scope=cast(Scope, _choice(form, "scope", VISIBILITIES, "public")),
        # Of an address, what is told is its commune: never a house (product 8.5).
        place=quarter(place) or (where[0].locality if where else "") or commune.instance.name,
        latitude=where[0].latitude if where else commune.instance.latitude,
        longitude=where[0].longitude if where else commune.instance.longitude,
        media=() if picture is None else (picture.id,),
    )


async def _form(
    request: Request,
    who: SignedIn,
    form: Mapping[str, str] | None = None,
    error: CommuneError | None = None,
    found: Classified | None = None,
    picture: Kept | None = None,
) -> Response:
    actors = await acting_as.actors(commune_of(request).database.pool, who.account)
    values: dict[str, Any] = {
        "here": "classifieds",
        "actors": actors,
        "needy": any(each.kind in NEEDY for each in actors),
        "found": found,
        "picture": picture,
        **words_of(request),
    }
    if error is not None:
        return forms.again(request, "classifieds/form.html", error, form or {}, **values)
    return forms.page(request, "classifieds/form.html", form=form or {}, **values)


def _typed_before(found: Classified) -> dict[str, str]:
    offer = found.offer
    return {
        "title": offer.title,
        "text": found.post.source,
        "purpose": offer.purpose,
        "exchange": offer.exchange,
        "category": offer.category,
        "price": "" if offer.price is None else f"{offer.price:f}".replace(".", ","),
        "currency": offer.currency,
        "place": offer.place,
    }


def _choice(form: Mapping[str, str], name: str, words: Mapping[str, Any], usual: str) -> str:
    """Return the word chosen. Raises :class:`Invalid` for what is not in the list."""
    chosen = form.get(name) or usual
    if chosen not in words:
        raise Invalid(name, _("Choose from the list."))
    return chosen


def _known(text: str | None, words: Mapping[str, Any]) -> str | None:
    return text if text in words else None


def _radius(text: str) -> int:
    return int(text) if text in {str(each) for each in RADII} else _RADIUS


def id_of(text: str) -> int:
    """Return an id of an address. Raises NotFound for what is none (SEC-VIS-11)."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFound
    return int(text)


def routes() -> list[Route]:
    """The addresses of the classifieds."""
    address = "/classifieds/{post:str}"
    return [
        Route("/classifieds", show_list),
        Route("/classifieds/new", show_new, methods=["GET"]),
        Route("/classifieds/new", publish, methods=["POST"]),
        Route(address, show, methods=["GET"]),
        Route(f"{address}/edit", show_edit, methods=["GET"]),
        Route(f"{address}/edit", change, methods=["POST"]),
        Route(f"{address}/renew", renew, methods=["POST"]),
        Route(f"{address}/conclude", conclude, methods=["POST"]),
        Route(f"{address}/contact", contact, methods=["POST"]),
    ]
