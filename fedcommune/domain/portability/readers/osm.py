"""OpenStreetMap: what Overpass answers, its GeoJSON, and that of ogr2ogr. ODbL 1.0."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from fedcommune.domain.organisations import identifiers
from fedcommune.domain.portability.model import Entry, Passed, Refused, Row, Unreadable
from fedcommune.domain.portability.readers import shapes, trees, values
from fedcommune.domain.portability.readers.columns import Wanted
from fedcommune.domain.portability.readers.osm_tags import POINTS, UNITS, WORDS
from federation.vocabulary.points import Kind

_ELEMENT: Final = re.compile(r"(node|way|relation)/(\d{1,20})")
_OTHER_TAGS: Final = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_KEYS: Final = ("shop", "craft", "office", "club", "amenity", "leisure", "tourism", "landuse",
                "historic")  # fmt: skip
_MAX_ID: Final = 20


def read(stream: BinaryIO, wanted: Wanted) -> Iterator[Row]:
    """Yield what each element says. Raises Unreadable for what is not of OpenStreetMap."""
    document = trees.branch(trees.read(stream))
    match document:
        case {"elements": [*elements]}:
            for number, element in enumerate(elements, 1):
                yield _of_element(number, trees.branch(element))
        case {"type": "FeatureCollection", "features": [*features]}:
            for number, each in enumerate(features, 1):
                feature = trees.branch(each)
                properties = trees.branch(feature.get("properties"))
                yield of_feature(number, feature, properties)
        case _:
            raise Unreadable("This is neither what Overpass answers nor GeoJSON.")


def is_element(key: object, properties: Mapping[str, Any]) -> bool:
    """Tell whether a feature is one of OpenStreetMap."""
    said = (key, properties.get("@id"), properties.get("id"))
    return any(isinstance(each, str) and _ELEMENT.fullmatch(each) for each in said) or (
        bool({"osm_id", "osm_way_id"} & properties.keys()) and "other_tags" in properties
    )


def of_feature(number: int, feature: Mapping[str, Any], properties: Mapping[str, Any]) -> Row:
    """Read a feature of Overpass or ogr2ogr."""
    tags = {name: value for name, value in properties.items() if isinstance(value, str)}
    for name, value in _OTHER_TAGS.findall(tags.pop("other_tags", "")):
        tags.setdefault(name, value)
    try:
        point = shapes.middle(feature.get("geometry"))
    except ValueError:
        return Refused(number, "latitude: The coordinates are no point on Earth.")
    return _entry(number, _id_of(feature, properties), tags, point)


def _id_of(feature: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    for said in (properties.get("@id"), feature.get("id"), properties.get("id")):
        if isinstance(said, str) and _ELEMENT.fullmatch(said):
            return said
    geometry = trees.branch(feature.get("geometry")).get("type")
    for name, type_ in (
        ("osm_way_id", "way"),
        ("osm_id", {"Point": "node", "LineString": "way"}.get(str(geometry), "relation")),
    ):
        number = trees.text(properties.get(name))
        if number.isascii() and number.isdigit() and len(number) <= _MAX_ID:
            return f"{type_}/{number}"
    return ""


def _of_element(number: int, element: Mapping[str, Any]) -> Row:
    tags = {
        name: value
        for name, value in trees.branch(element.get("tags")).items()
        if isinstance(value, str)
    }
    id_ = f"{element.get('type')}/{element.get('id')}"
    spot, bounds = (
        trees.branch(element.get("center")) or element,
        trees.branch(element.get("bounds")),
    )
    corners = [[spot.get("lon"), spot.get("lat")]]
    if bounds and "lat" not in spot:
        corners = [[bounds.get(f"{end}lon"), bounds.get(f"{end}lat")] for end in ("min", "max")]
    try:
        point = shapes.middle({"coordinates": corners})
    except ValueError:
        return Refused(number, "latitude: The coordinates are no point on Earth.")
    return _entry(number, id_ if _ELEMENT.fullmatch(id_) else "", tags, point)


def _entry(
    number: int, id_: str, tags: Mapping[str, str], point: tuple[float, float] | None
) -> Row:
    found = _meaning(tags)
    if found is None or tags.get("access") in ("private", "no"):
        return Passed.NOTHING
    kind, category, name, words = found
    name = " ".join(tags.get("name:fr", tags.get("name", name)).split())
    if not name:
        return Passed.NOTHING
    if not id_:
        return Refused(number, "There is no id of OpenStreetMap, such as node/123.", name)
    if point is None:
        return Refused(number, "latitude: There are no coordinates.", name)
    siret = identifiers.tidy(tags.get("ref:FR:SIRET", ""))
    same_as = [f"https://www.openstreetmap.org/{id_}"]
    if re.fullmatch(r"Q\d{1,12}", wikidata := tags.get("wikidata", "")):
        same_as.append(f"https://www.wikidata.org/wiki/{wikidata}")
    street = f"{tags.get('addr:housenumber', '')} {tags.get('addr:street', '')}".strip()
    return Entry(
        line=number,
        key=id_,
        name=name,
        kind=kind,
        category=category,
        summary=tags.get("description:fr", tags.get("description", "")),
        street=street if tags.get("addr:street") else "",
        postal_code=tags.get("addr:postcode", ""),
        locality=tags.get("addr:city", ""),
        latitude=point[0],
        longitude=point[1],
        opening_hours=" ".join(tags.get("opening_hours", "").split()),
        accessibility=values.accessibility(tags.get("wheelchair", "")),
        website=values.website(tags.get("website") or tags.get("contact:website", "")),
        tags=words,
        same_as=tuple(same_as),
        siret=siret if identifiers.is_siret(siret) else "",
    )


def _meaning(tags: Mapping[str, str]) -> tuple[Kind, str, str, tuple[str, ...]] | None:
    """Return kind, category, the name of those without one, and words to find it by."""
    for key in _KEYS:
        value = tags.get(key, "").split(";")[0].strip()
        if not value or value in ("no", "vacant"):
            continue
        words = (WORDS[value],) if value in WORDS else ()
        point = POINTS.get((key, value)) or POINTS.get((key, "*"))
        if value == "recycling" and tags.get("recycling_type") == "centre":
            point = ("recoveryCenter", "Déchèterie")
        elif value == "recycling" and tags.get("recycling:organic") == "yes":
            point = ("compostPickup", "Compost")
        elif value == "artwork" and tags.get("artwork_type") in ("mural", "graffiti"):
            point = ("streetArts", "Fresque")
        if point is not None:
            return "poi", *point, words
        unit = UNITS.get((key, value)) or UNITS.get((key, "*"))
        if unit is not None:
            return unit, "", "", words
    return None
