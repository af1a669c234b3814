"""GeoJSON (RFC 7946) of anybody, GoGoCarto's lists too: properties are guessed as columns are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from fedcommune.domain.portability.model import Refused, Row, Unreadable
from fedcommune.domain.portability.readers import columns, osm, shapes, trees
from fedcommune.domain.portability.readers.columns import GUESSES, Wanted


def read(stream: BinaryIO, wanted: Wanted) -> Iterator[Row]:
    """Yield what each feature says; raises as :func:`features`."""
    for feature in features(stream, wanted, GUESSES):
        yield feature if isinstance(feature, Refused) else columns.entry(*feature)


def features(
    stream: BinaryIO, wanted: Wanted, guesses: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[int, dict[str, str], Wanted, tuple[float, float] | None] | Refused]:
    """Yield each feature: its number, its properties by field, *wanted*, and where it is.

    Raises Unreadable when this is no collection of features, and for those of OpenStreetMap,
    which are read with their tags and their licence.
    """
    document = trees.branch(trees.read(stream))
    match document:
        case {"type": "FeatureCollection", "features": [*found]}:
            pass
        case {"type": "Feature"}:
            found = [document]
        case {"data": [*elements]}:  # GoGoCarto
            found = [_feature(each) for each in elements]
        case _:
            raise Unreadable("This is no GeoJSON: a FeatureCollection is expected.")
    for number, feature in enumerate(found, 1):
        yield _said(number, feature, wanted, guesses)


def _said(
    number: int, feature: object, wanted: Wanted, guesses: Mapping[str, tuple[str, ...]]
) -> tuple[int, dict[str, str], Wanted, tuple[float, float] | None] | Refused:
    match feature:
        case {"type": "Feature", "properties": {**found}, **members}:
            properties, rest = trees.branch(found), trees.branch(members)
        case _:
            return Refused(number, "This is no feature with properties.")
    if osm.is_element(rest.get("id"), properties):
        raise Unreadable("This was taken from OpenStreetMap: --from osm.")
    flat = flattened(properties)
    if (key := trees.text(rest.get("id"))) and not {"id", "@id"} & flat.keys():
        flat["id"] = key
    names = columns.matched(flat, wanted, guesses)
    said = {field: flat[name] for field, name in names.items()}
    try:
        point = shapes.middle(rest.get("geometry"))
    except ValueError:
        return Refused(number, "latitude: The coordinates are no point on Earth.")
    return number, said, wanted, point


def flattened(properties: Mapping[str, Any]) -> dict[str, str]:
    """Return properties as texts; those of one level below as "above below"."""
    flat: dict[str, str] = {}
    for name, value in properties.items():
        if isinstance(value, dict):
            for below, each in value.items():
                flat.setdefault(f"{name} {below}", trees.text(each))
        elif isinstance(value, list):
            flat[name] = ", ".join(trees.texts(value))
        else:
            flat[name] = trees.text(value)
    return flat


def _feature(element: object) -> dict[str, Any]:
    """Return an element of GoGoCarto as a feature."""
    said = dict(trees.branch(element))
    geo = trees.branch(said.pop("geo", None))
    return {
        "type": "Feature",
        "geometry": {"coordinates": [geo.get("longitude"), geo.get("latitude")]},
        "properties": said,
    }
