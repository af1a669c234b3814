"""The forms to tell of a place, correct it and take it away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fedcommune import geocoding
from fedcommune.commune import Commune
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.citizens.throttles import Limit
from fedcommune.domain.directory.model import Kind
from fedcommune.domain.places import actions, telling
from fedcommune.domain.places.model import CATEGORIES, Draft, Place
from fedcommune.errors import CommuneError, Invalid, NotAllowed
from fedcommune.web import acting, forms, sessions
from fedcommune.web.directory import ONE
from fedcommune.web.entries import ACCESS, map_of, place_of, voice_of
from fedcommune.web.pages import commune_of, pages_of
from fedcommune.web.signing import count, onwards
from federation.vocabulary.points import ACCESSIBILITIES, KINDS

TELL: Final = Limit("place", 30, timedelta(hours=1))
_PLACE: Final = "/places/{place:number}"
CORRECT: Final = Limit("place_correct", 60, timedelta(hours=1))


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


def routes() -> list[Route]:
    """The pages with the forms."""
    found = []
    for path, shown, sent in (
        ("/places/new", show_new, add),
        (f"{_PLACE}/correct", show_correct, correct),
        (f"{_PLACE}/remove", show_remove, remove),
    ):
        found += [Route(path, shown, methods=["GET"]), Route(path, sent, methods=["POST"])]
    return found


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
    voice = await voice_of(request, who, owner)
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
        "map": map_of(commune, place),
    }
