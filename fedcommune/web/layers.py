"""What the map is made of: points and clusters as GeoJSON, tiles, the outline of the commune."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from fedcommune.commune import Commune
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.directory import maps
from fedcommune.domain.directory.model import MAX_ZOOM, Box, Cluster, Listing
from fedcommune.domain.places.model import Place
from fedcommune.errors import Invalid, NotFound
from fedcommune.web import sketches
from fedcommune.web.directory import GEO_JSON, ZOOM, shown, understood
from fedcommune.web.pages import commune_of


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def show_geojson(request: Request) -> Response:
    """``GET /map.geojson?bbox=west,south,east,north&zoom=13``: points, or clusters of them.

    Any page of any site may read it: what is in the directory is a common good. Source:
    RFC 7946.
    """
    commune = commune_of(request)
    asked = await understood(commune, request, outward=False)
    box, zoom = _asked_box(request), _asked_zoom(request)
    async with commune.database.reading() as db:
        found = await maps.layer(db, box, zoom, asked.wanted)
        things = [each for each in found if isinstance(each, Listing)]
        features = [
            _feature(
                each.listing.latitude,
                each.listing.longitude,
                {
                    "name": each.listing.name,
                    "kind": each.listing.kind.value,
                    "kind_name": each.kind,
                    "told": each.listing.told,
                    "url": each.address,
                    "commune": each.commune,
                },
            )
            for each in await shown(db, request, things)
        ]
    features += [
        _feature(each.latitude, each.longitude, {"count": each.count, "about": each.about})
        for each in found
        if isinstance(each, Cluster)
    ]
    body = orjson.dumps({"type": "FeatureCollection", "features": features})
    return Response(
        body,
        media_type=GEO_JSON,
        headers={
            "Cache-Control": "public, max-age=30",
            "Access-Control-Allow-Origin": "*",
            "Vary": "Accept-Language",
        },
    )


async def show_tile(request: Request) -> Response:
    """``GET /tiles/{z}/{x}/{y}``: a square of the map, from our own cache."""
    commune = commune_of(request)
    parts = [str(request.path_params[name]) for name in ("z", "x", "y")]
    if not all(part.isascii() and part.isdecimal() and len(part) <= 7 for part in parts):
        raise NotFound
    zoom, column, row = (int(part) for part in parts)
    tile = await commune.tiles.get(zoom, column, row, commune.database.clock())
    return Response(
        tile.body, media_type=tile.media_type, headers={"Cache-Control": "public, max-age=604800"}
    )


async def show_outline(request: Request) -> Response:
    """``GET /territory.geojson``: the outline of the commune, for its map."""
    commune = commune_of(request)
    file = commune.config.commune.outline
    body = await sketches.outline(commune.config.path(file)) if file else None
    if body is None:
        raise NotFound
    headers = {"Cache-Control": "public, max-age=86400", "Access-Control-Allow-Origin": "*"}
    return Response(body, media_type=GEO_JSON, headers=headers)


def _asked_box(request: Request) -> Box:
    parts = request.query_params.get("bbox", "").split(",")
    try:
        west, south, east, north = (float(each) for each in parts)
        # A map that goes around the world more than once shows it once.
        west, east = max(west, -180.0), min(east, 180.0)
        return Box(max(south, -90.0), west, min(north, 90.0), east)
    except ValueError:
        raise Invalid("bbox", _("Say which part of the map: bbox=west,south,east,north.")) from None


def _asked_zoom(request: Request) -> int:
    text = request.query_params.get("zoom", str(ZOOM))
    if not (text.isascii() and text.isdecimal() and len(text) < 3):
        raise Invalid("zoom", _("A zoom goes from 0 to {limit}."), limit=MAX_ZOOM)
    return min(int(text), MAX_ZOOM)


def _feature(
    latitude: float | None, longitude: float | None, properties: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": properties,
    }


def one(commune: Commune, place: Place, owner: Account) -> Response:
    """Answer with the place as one Feature (RFC 7946)."""
    feature = {
        "type": "Feature",
        "id": place.object_id,
        "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
        "properties": {
            "name": place.name,
            "kind": place.kind,
            "category": place.category,
            "summary": place.summary,
            "street": place.street,
            "postal_code": place.postal_code,
            "locality": place.locality,
            "opening_hours": place.opening_hours,
            "accessibility": place.accessibility,
            "website": place.website,
            "tags": place.tags,
            "told_by": owner.actor_id,
            "url": commune.instance.place_page(place.id),
            "updated_at": place.updated_at,
        },
    }
    headers = {"Cache-Control": "public, max-age=60", "Access-Control-Allow-Origin": "*"}
    return Response(orjson.dumps(feature), media_type=GEO_JSON, headers=headers)
