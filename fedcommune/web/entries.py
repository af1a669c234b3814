"""The pages of places: what each is like, and the history of its corrections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.directory.model import Kind
from fedcommune.domain.places import queries
from fedcommune.domain.places.model import CATEGORIES, Place, Revision
from fedcommune.errors import NotFound
from fedcommune.web import acting, forms, layers, sessions, three_lists
from fedcommune.web.directory import GEO_JSON, ONE
from fedcommune.web.hours import Hours, in_words
from fedcommune.web.pages import Gone, commune_of, now_of, pages_of


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
        may_correct=place.local
        and (who is None or await voice_of(request, who, owner) is not None),
        map=map_of(commune, place),
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


async def voice_of(request: Request, who: SignedIn, owner: Account) -> Account | None:
    """Return in whose name *who* may correct what *owner* tells of; None when in none."""
    if owner.actor_id == commune_of(request).instance.actor:
        return who.account
    voices = await acting.actors(commune_of(request).database.pool, who.account)
    return next((each for each in voices if each.id == owner.id), None)


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


def map_of(commune: Commune, place: Place | None) -> Mapping[str, str]:
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
