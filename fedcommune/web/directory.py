"""The directory: what is around, in a list and on a map of equal rank, and as GeoJSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from fedcommune import geocoding
from fedcommune.commune import Commune
from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.directory import maps, queries
from fedcommune.domain.directory.model import (
    EVERYTHING,
    MAX_COUNT,
    MAX_RADIUS,
    MAX_SKIP,
    Box,
    Kind,
    Listing,
    Point,
    Subject,
    Wanted,
)
from fedcommune.domain.territory.addresses import MAX_QUERY
from fedcommune.text import html
from fedcommune.web import sketches
from fedcommune.web.headers import FRAMED
from fedcommune.web.pages import commune_of, pages_of
from fedcommune.web.render import page_of, static

PAGE: Final = 20
GEO_JSON: Final = "application/geo+json"
RADII: Final = (1, 2, 5, 10, 20, 50)
_RADIUS: Final = 5
ZOOM: Final = 13


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# What there is to look for, in this order.
KINDS: Final = {
    Kind.ASSOCIATION: _("Associations"),
    Kind.BUSINESS: _("Shops and services"),
    Kind.PROJECT: _("Projects"),
    Kind.EVENT: _("Events"),
    Kind.OFFER: _("Offers"),
    Kind.REQUEST: _("Requests"),
    Kind.POI: _("Places"),
    Kind.AUTHORITY: _("Town hall"),
    Kind.GROUP: _("Groups"),
    Kind.CITIZEN: _("People"),
}
ONE: Final = {
    Kind.ASSOCIATION: _("Association"),
    Kind.BUSINESS: _("Shop or service"),
    Kind.PROJECT: _("Project"),
    Kind.EVENT: _("Event"),
    Kind.OFFER: _("Offer"),
    Kind.REQUEST: _("Request"),
    Kind.POI: _("Place"),
    Kind.AUTHORITY: _("Local authority"),
    Kind.GROUP: _("Group"),
    Kind.CITIZEN: _("Citizen"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader typed and chose, and what it means."""

    wanted: Wanted
    address: str = ""
    # What the address was understood as; empty when nobody could tell.
    understood: str = ""
    page: int = 1

    def query(self, **changes: Any) -> str:
        """Return the query of the same search, with *changes*."""
        wanted = self.wanted
        pairs: list[tuple[str, str]] = [("q", wanted.text)]
        if wanted.kinds != EVERYTHING:
            pairs += [("kind", kind.value) for kind in KINDS if kind in wanted.kinds]
        pairs += [("tag", tag) for tag in wanted.tags]
        pairs.append(("commune", wanted.domain or ""))
        if self.address:
            pairs.append(("near", self.address))
        elif wanted.near is not None:
            pairs += [
                ("lat", f"{wanted.near.latitude:.5f}"),
                ("lon", f"{wanted.near.longitude:.5f}"),
            ]
        if wanted.near is not None:
            pairs.append(("radius", f"{wanted.radius / 1000:g}"))
        for name, value in changes.items():
            pairs = [pair for pair in pairs if pair[0] != name]
            values = value if isinstance(value, list | tuple) else [value]
            pairs += [(name, str(each)) for each in values if each]
        return urlencode([pair for pair in pairs if pair[1]])


@dataclass(frozen=True, slots=True)
class Shown:
    """A listing as a page shows it: what it is in words, and where it leads."""

    listing: Listing
    kind: str
    address: str
    commune: str


async def show_list(request: Request) -> Response:
    """``GET /directory``: what is found, twenty at a time."""
    commune = commune_of(request)
    asked = await understood(commune, request)
    skip = (asked.page - 1) * PAGE
    async with commune.database.reading() as db:
        result = await queries.search_and_count(db, asked.wanted, limit=PAGE + 1, skip=skip)
        found = await shown(db, request, result.listings[:PAGE])
        communes = await queries.communes_listed(db)
    more = len(result.listings) > PAGE and skip + PAGE < MAX_SKIP
    return pages_of(request).page(
        request,
        "directory/list.html",
        here="directory",
        found=found,
        older=asked.query(page=asked.page + 1) if more else None,
        newer=asked.query(page=asked.page - 1 or "") if asked.page > 1 else None,
        count=result.count,
        uncounted=result.count is not None and result.count >= MAX_COUNT,
        **_form(request, asked, communes),
    )


async def show_map(request: Request) -> Response:
    """``GET /map``: the same on a map, which is drawn here for who has no JavaScript."""
    return await _on_map(request, "directory/map.html")


async def show_embedded(request: Request) -> Response:
    """``GET /embed/map``: the map alone, which any page may frame.

    It sets no cookie, reads none, and asks nobody else for anything.
    """
    response = await _on_map(request, "directory/embed.html")
    response.headers["Content-Security-Policy"] = FRAMED
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


async def _on_map(request: Request, template: str) -> Response:
    commune = commune_of(request)
    asked = await understood(commune, request)
    async with commune.database.reading() as db:
        listings = await queries.search(db, asked.wanted, limit=PAGE)
        box = _box(commune, asked, listings)
        markers = await maps.markers(db, box, asked.wanted)
        found = await shown(db, request, listings)
        there = await shown(db, request, markers) if markers else found
        communes = await queries.communes_listed(db)
    return pages_of(request).page(
        request,
        template,
        here="map",
        found=found,
        sketch=await sketches.of(commune, box, there),
        map=_map(commune, box, asked),
        snippet=_snippet(commune, asked),
        **_form(request, asked, communes),
    )


async def understood(commune: Commune, request: Request, *, outward: bool = True) -> Asked:
    """Return what the query of *request* looks for; nonsense in it does not matter.

    Looks outward for an address, unless told not to.
    """
    asked = request.query_params
    kinds = {Kind(each) for each in asked.getlist("kind") if each in set(Kind)}
    tags = [each.strip().lstrip("#").lower() for each in asked.getlist("tag")]
    address = " ".join(asked.get("near", "").split())[:MAX_QUERY]
    # An address that is typed is where one looks, whatever point was chosen before.
    near, label = None if address else point_of(asked), ""
    if address and outward:
        found = await geocoding.located(commune, address)
        if found:
            near, label = Point(found[0].latitude, found[0].longitude), found[0].label
    wanted = Wanted(
        text=asked.get("q", "").replace("\x00", "").strip()[:200],
        kinds=frozenset(kinds) or EVERYTHING,
        tags=tuple(dict.fromkeys(each for each in tags if each))[:5],
        domain=asked.get("commune", "").strip().lower()[:253] or None,
        near=near,
        radius=_radius(asked.get("radius", "")),
    )
    page = asked.get("page", "")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 4 else 1
    return Asked(wanted, address, label, min(max(number, 1), MAX_SKIP // PAGE))


async def shown(db: Executor, request: Request, found: Sequence[Listing]) -> list[Shown]:
    """Return *found* as pages show it."""
    pages = pages_of(request)
    ids = [each.id for each in found if each.subject is Subject.ACCOUNT]
    people = await accounts.by_ids(db, ids)
    names = await queries.communes(db, {each.domain for each in found if not each.local})
    return [
        Shown(
            each,
            pages.say(request, ONE[each.kind]),
            address_of(each, people.get(each.id)),
            "" if each.local else names.get(each.domain, each.domain),
        )
        for each in found
    ]


def address_of(listing: Listing, account: Account | None) -> str:
    """Return where a person reads it: our page of it, or its own home."""
    match listing.subject:
        case Subject.ACCOUNT:
            return "#" if account is None else page_of(account)
        case Subject.PLACE:
            return f"/places/{listing.id}"
        case Subject.EVENT:
            return f"/events/{listing.id}"
        case Subject.CLASSIFIED:
            return f"/classifieds/{listing.id}"


def _form(request: Request, asked: Asked, communes: Mapping[str, str]) -> dict[str, Any]:
    """What the search form shows again, and of which *communes* there is something."""
    pages = pages_of(request)
    wanted = asked.wanted
    chosen = {} if wanted.domain is None else {wanted.domain: wanted.domain}
    kinds = {kind: name for kind, name in KINDS.items() if kind is not Kind.CITIZEN}
    return {
        "asked": asked,
        "wanted": wanted,
        "kinds": [
            (pages.say(request, name), kind, wanted.kinds != EVERYTHING and kind in wanted.kinds)
            for kind, name in kinds.items()
        ],
        "communes": sorted({**chosen, **communes}.items(), key=lambda each: each[1].casefold()),
        "radii": RADII,
        "radius": wanted.radius / 1000,
        "list_query": asked.query(),
        "lost": bool(asked.address) and wanted.near is None,
    }


def _map(commune: Commune, box: Box, asked: Asked) -> Mapping[str, str]:
    """What the script of the map needs to begin."""
    config = commune.config.map
    return {
        "src": f"/map.geojson?{asked.query(near='', lat='', lon='', radius='')}",
        "box": f"{box.west:.5f},{box.south:.5f},{box.east:.5f},{box.north:.5f}",
        "tiles": "/tiles/{z}/{x}/{y}" if commune.tiles.are_there else "",
        "attribution": config.attribution,
        "attribution_url": config.attribution_url,
        "outline": "/territory.geojson" if commune.config.commune.outline else "",
        "script": static("map.js"),
    }


def _snippet(commune: Commune, asked: Asked) -> str:
    """Return what somebody copies into a page of theirs to show this map there."""
    query = asked.query()
    address = html.escape(f"{commune.instance.origin}/embed/map{'?' * bool(query)}{query}")
    title = html.escape(commune.instance.name)
    return (
        f'<iframe src="{address}" title="{title}" loading="lazy" '
        'style="width:100%;height:32rem;border:0"></iframe>'
    )


def _box(commune: Commune, asked: Asked, found: Sequence[Listing]) -> Box:
    """Return the part of the map to begin with: around what is looked for, else the commune."""
    wanted = asked.wanted
    if wanted.near is not None:
        return _around(wanted.near, wanted.radius)
    points = [each.point for each in found if each.point is not None]
    narrowed = wanted.text or wanted.tags or wanted.domain or wanted.kinds != EVERYTHING
    instance = commune.instance
    if points and (narrowed or instance.latitude is None):
        return Box(
            min(each.latitude for each in points) - 0.004,
            min(each.longitude for each in points) - 0.006,
            max(each.latitude for each in points) + 0.004,
            max(each.longitude for each in points) + 0.006,
        )
    if instance.latitude is None or instance.longitude is None:
        return Box(41.3, -5.2, 51.1, 9.6)  # metropolitan France
    return _around(Point(instance.latitude, instance.longitude), 4_000.0)


def _around(point: Point, radius: float) -> Box:
    north = radius / 111_195
    east = north / max(math.cos(math.radians(point.latitude)), 0.01)
    return Box(
        max(point.latitude - north, -90),
        max(point.longitude - east, -180),
        min(point.latitude + north, 90),
        min(point.longitude + east, 180),
    )


def point_of(asked: Mapping[str, str]) -> Point | None:
    """Return the point that *asked* names (``lat``, ``lon``); None for nonsense."""
    try:
        return Point(float(asked["lat"]), float(asked["lon"]))
    except (KeyError, ValueError):
        return None


def _radius(text: str) -> float:
    """Return the radius in metres; it is said in kilometres."""
    try:
        kilometres = float(text)
    except ValueError:
        kilometres = _RADIUS
    if not 0 < kilometres * 1000 <= MAX_RADIUS:
        kilometres = _RADIUS
    return kilometres * 1000
