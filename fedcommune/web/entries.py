"""Places: their pages, and the forms to tell of one, correct it and take it away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fedcommune import geocoding
from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.citizens.throttles import Limit
from fedcommune.domain.directory.model import Kind
from fedcommune.domain.places import actions, queries, telling
from fedcommune.domain.places.model import CATEGORIES, Draft, Place, Revision
from fedcommune.errors import CommuneError, Invalid, NotAllowed, NotFound
from fedcommune.web import acting, forms, layers, sessions, three_lists
from fedcommune.web.directory import GEO_JSON, ONE
from fedcommune.web.hours import Hours, in_words
from fedcommune.web.pages import Gone, commune_of, now_of, pages_of
from fedcommune.web.signing import count, onwards
from federation.vocabulary.points import ACCESSIBILITIES, KINDS

TELL: Final = Limit("place", 30, timedelta(hours=1))
_PLACE: Final = "/places/{place:number}"
CORRECT: Final = Limit("place_correct", 60, timedelta(hours=1))


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


ACCESS: Final = {
    "yes": _("Accessible in a wheelchair"),
    "limited": _("Partly accessible in a wheelchair"),
    "no": _("Not accessible in a wheelchair"),
}
# What may be corrected, as the history names it.
FIELDS: Final = {
    "name": _("Name"),
    "kind": _("Kind"),
    "category": _("What it is"),
    "summary": _("In a sentence"),
    "source": _("In more words"),
    "street": _("Street"),
    "postal_code": _("Postal code"),
    "locality": _("Commune"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "opening_hours": _("Opening hours"),
    "accessibility": _("Access in a wheelchair"),
    "website": _("Website"),
    "tags": _("Words"),
    "claimed_by": _("Who speaks for it"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A correction as the history shows it: who, when, and what was and is, field by field."""

    by: Account | None
    at: datetime
    fields: list[tuple[str, str, str]]


def routes() -> list[Route]:
    """The pages of places, but for the one that shows one: it shares its address."""
    found = []
    for path, shown, sent in (
        ("/places/new", show_new, add),
        (f"{_PLACE}/correct", show_correct, correct),
        (f"{_PLACE}/remove", show_remove, remove),
    ):
        found += [Route(path, shown, methods=["GET"]), Route(path, sent, methods=["POST"])]
    return found


async def show(request: Request) -> Response:
    """``GET /places/{id}``: a place, ours or a neighbour's; GeoJSON for who asks for it."""
    commune = commune_of(request)
    db = commune.database.pool
    place, owner = await place_of(request)
    if GEO_JSON in request.headers.get("accept", "").lower():
        return layers.one(commune, place, owner)
    pages = pages_of(request)
    who = await sessions.citizen_of(request)
    people = await accounts.by_ids(db, [each for each in (place.claimed_by,) if each])
    claimed = people.get(place.claimed_by or 0)
    # The website of an entry is proven by who speaks for it, when it links back to their page.
    proven = dict(claimed.details.verified) if claimed is not None and claimed.local else {}
    return (pages.page if who is None else forms.page)(
        request,
        "places/place.html",
        alternate=place.object_id if place.local else None,
        here="directory",
        place=place,
        owner=owner,
        kind=kind_of(request, place),
        hours=hours_of(request, place),
        access=pages.say(request, ACCESS[place.accessibility]) if place.accessibility else "",
        claimed=claimed,
        website_verified=proven.get(place.website or ""),
        history=await _history(request, place),
        may_correct=place.local and (who is None or await _voice(request, who, owner) is not None),
        map=_map(commune, place),
        who=who,
        liked=await three_lists.liked(db, place, None if who is None else who.account),
    )


async def place_of(request: Request) -> tuple[Place, Account]:
    """Return the place that the address names, and who tells of it. Raises NotFound, Gone."""
    commune = commune_of(request)
    db = commune.database.pool
    place_id = int(request.path_params["place"])
    place = await queries.by_id(db, place_id)
    if place is None:
        gone = await queries.stored(db, commune.instance.place(place_id))
        raise NotFound if gone is None or gone.deleted_at is None else Gone
    owner = await accounts.by_id(db, place.owner_id)
    if owner is None:
        raise NotFound
    return place, owner


def kind_of(request: Request, place: Place) -> str:
    """Say what a place is."""
    if place.kind == "poi" and place.category in CATEGORIES:
        return pages_of(request).say(request, CATEGORIES[place.category])
    return pages_of(request).say(request, ONE[Kind(place.kind)])


def hours_of(request: Request, place: Place) -> Hours | None:
    """Say when a place is open; None when nobody said."""
    if not place.opening_hours:
        return None
    language = pages_of(request).language(request)
    zone = commune_of(request).instance.timezone
    return in_words(place.opening_hours, language, now_of(request), zone)


async def show_new(request: Request) -> Response:
    """``GET /places/new``: the form to tell of a place."""
    reader = await acting.required(request)
    form = {
        "voice": str(reader.account.id),
        "latitude": request.query_params.get("lat", "")[:20],
        "longitude": request.query_params.get("lon", "")[:20],
        "kind": "poi",
    }
    return forms.page(request, "places/form.html", form=form, **await _form(request, reader.who))


async def add(request: Request) -> Response:
    """Tell of a place, in the name of the commune or of an organisation one looks after."""
    form = await forms.read(request)
    who = await sessions.required(request)
    commune = commune_of(request)
    try:
        await count(request, (TELL, str(who.account.id)))
        draft = await _draft(commune, form)
        voice = await _chosen(request, who, form.get("voice", ""))
        async with commune.database.transaction() as tx:
            place = await telling.tell(tx, voice, draft)
    except NotAllowed:
        raise
    except CommuneError as error:
        values = await _form(request, who)
        return forms.again(request, "places/form.html", error, form, **values)
    return onwards(f"/places/{place.id}")


async def show_correct(request: Request) -> Response:
    """The form to correct a place of ours."""
    who, place, _voice = await _correctable(request)
    values = await _form(request, who, place)
    return forms.page(request, "places/form.html", form=_typed(place), **values)


async def correct(request: Request) -> Response:
    """Say anew what a place is like."""
    form = await forms.read(request)
    who, place, voice = await _correctable(request)
    commune = commune_of(request)
    try:
        await count(request, (CORRECT, str(who.account.id)))
        draft = await _draft(commune, form, place)
        async with commune.database.transaction() as tx:
            await actions.correct(tx, voice, place.id, draft)
    except NotAllowed:
        raise
    except CommuneError as error:
        values = await _form(request, who, place)
        return forms.again(request, "places/form.html", error, form, **values)
    return onwards(f"/places/{place.id}")


async def show_remove(request: Request) -> Response:
    """The page that asks whether a place is really no more."""
    _who, place, _voice = await _correctable(request)
    return forms.page(request, "places/remove.html", here="directory", place=place)


async def remove(request: Request) -> Response:
    """Say that a place is no more."""
    await forms.read(request)
    who, place, voice = await _correctable(request)
    await count(request, (CORRECT, str(who.account.id)))
    async with commune_of(request).database.transaction() as tx:
        await actions.remove(tx, voice, place.id)
    return onwards("/directory")


async def _voice(request: Request, who: SignedIn, owner: Account) -> Account | None:
    """Return in whose name *who* may correct what *owner* tells of; None when in none."""
    if owner.actor_id == commune_of(request).instance.actor:
        return who.account
    voices = await acting.actors(commune_of(request).database.pool, who.account)
    return next((each for each in voices if each.id == owner.id), None)


async def _chosen(request: Request, who: SignedIn, text: str) -> Account:
    for each in await acting.actors(commune_of(request).database.pool, who.account):
        if text in ("", str(each.id)):
            return each
    raise NotAllowed(_("You do not look after this organisation."))


async def _correctable(request: Request) -> tuple[SignedIn, Place, Account]:
    who = await sessions.required(request)
    place, owner = await place_of(request)
    if not place.local or place.claimed_by is not None:
        raise NotAllowed(_("Only who told of this place can correct it."))
    voice = await _voice(request, who, owner)
    if voice is None:
        raise NotAllowed(_("Only who told of this place can correct it."))
    return who, place, voice


async def _draft(commune: Commune, form: Mapping[str, str], before: Place | None = None) -> Draft:
    """Return what *form* says, its point looked up by its address when none was chosen.

    What a place already had and the form does not ask for stays. Raises Invalid. Looks
    outward, so it is called before any transaction.
    """

    def typed(name: str) -> str:
        return form.get(name, "").strip()

    kind = KINDS.get(typed("kind"), "poi")
    draft = Draft(
        name=typed("name"),
        latitude=0.0,
        longitude=0.0,
        kind=kind,
        category=typed("category"),
        summary=typed("summary"),
        text=form.get("text", ""),
        street=typed("street"),
        postal_code=typed("postal_code"),
        locality=typed("locality"),
        opening_hours=typed("opening_hours"),
        accessibility=ACCESSIBILITIES.get(typed("accessibility"), ""),
        website=typed("website") or None,
        tags=tuple(typed("tags").replace(",", " ").split()),
        same_as=before.same_as if before else (),
        # Whoever keeps a shop may say so one day.
        claimable=kind != "poi" if before is None else before.claimable,
    )
    draft.check()
    latitude, longitude = await _point(commune, form)
    draft = replace(draft, latitude=latitude, longitude=longitude)
    draft.check()
    return draft


async def _point(commune: Commune, form: Mapping[str, str]) -> tuple[float, float]:
    latitude, longitude = form.get("latitude", "").strip(), form.get("longitude", "").strip()
    if latitude or longitude:
        try:
            return float(latitude.replace(",", ".")), float(longitude.replace(",", "."))
        except ValueError:
            raise Invalid(
                "latitude", _("This point is not on Earth: choose one on the map.")
            ) from None
    parts = [form.get(name, "").strip() for name in ("street", "postal_code", "locality")]
    address = " ".join(part for part in parts if part)
    if not parts[0]:
        raise Invalid(
            "street", _("Say where it is: choose a point on the map, or type an address.")
        )
    found = await geocoding.located(commune, address)
    if not found:
        raise Invalid(
            "street", _("Nobody can tell where this address is: choose a point on the map.")
        )
    return found[0].latitude, found[0].longitude


def _typed(place: Place) -> dict[str, str]:
    """Return the fields of the form for what is said of *place*."""
    return {
        "name": place.name,
        "kind": place.kind,
        "category": place.category,
        "summary": place.summary,
        "text": place.source,
        "street": place.street,
        "postal_code": place.postal_code,
        "locality": place.locality,
        "opening_hours": place.opening_hours,
        "accessibility": place.accessibility,
        "website": place.website or "",
        "tags": " ".join(f"#{tag}" for tag in place.tags),
        "latitude": f"{place.latitude:.6f}",
        "longitude": f"{place.longitude:.6f}",
    }


async def _form(request: Request, who: SignedIn, place: Place | None = None) -> dict[str, Any]:
    """What the form offers to choose from."""
    commune, pages = commune_of(request), pages_of(request)
    voices = await acting.actors(commune_of(request).database.pool, who.account)
    return {
        "here": "directory",
        "place": place,
        "voices": voices if place is None else [],
        "kinds": [(kind, pages.say(request, ONE[Kind(kind)])) for kind in KINDS],
        "categories": [(each, pages.say(request, name)) for each, name in CATEGORIES.items()],
        "accesses": [(each, pages.say(request, name)) for each, name in ACCESS.items()],
        "map": _map(commune, place),
    }


async def _history(request: Request, place: Place) -> list[Change]:
    """Return the corrections of *place*, the latest first, with what each changed."""
    db, pages = commune_of(request).database.pool, pages_of(request)
    found = await queries.revisions(db, place.id)
    people = await accounts.by_ids(db, {each.account_id for each in found if each.account_id})
    after: Mapping[str, Any] = {name: _said(getattr(place, name)) for name in FIELDS}
    changes = []
    for each in found:
        before = {name: _said(each.before.get(name)) for name in FIELDS}
        told = [
            (pages.say(request, FIELDS[name]), before[name], after[name])
            for name in FIELDS
            if before[name] != after[name]
        ]
        changes.append(Change(_listable(people, each), each.changed_at, told))
        after = before
    return changes


def _listable(people: Mapping[int, Account], revision: Revision) -> Account | None:
    by = people.get(revision.account_id or 0)
    return by if by is not None and by.is_active else None


def _said(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(f"#{each}" for each in value)
    if isinstance(value, float):
        return f"{value:.5f}"
    return "" if value is None else str(value)


def _map(commune: Commune, place: Place | None) -> Mapping[str, str]:
    """What the script of the small map needs to begin."""
    instance, config = commune.instance, commune.config.map
    latitude, longitude, reach = 46.6, 2.4, 4.0
    if place is not None:
        latitude, longitude, reach = place.latitude, place.longitude, 0.004
    elif instance.latitude is not None and instance.longitude is not None:
        latitude, longitude, reach = instance.latitude, instance.longitude, 0.02
    return {
        "box": ",".join(
            f"{each:.5f}"
            for each in (longitude - reach, latitude - reach, longitude + reach, latitude + reach)
        ),
        "here": f"{latitude:.6f},{longitude:.6f}" if place is not None else "",
        "tiles": "/tiles/{z}/{x}/{y}" if commune.tiles.are_there else "",
        "attribution": config.attribution,
        "attribution_url": config.attribution_url,
        "outline": "/territory.geojson" if commune.config.commune.outline else "",
    }
