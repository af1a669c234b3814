"""Shapes of GeoJSON (RFC 7946 §3.1), of which a place needs but one point."""

from __future__ import annotations

from collections.abc import Iterator

from fedcommune.domain.portability.readers import trees, values


def middle(geometry: object) -> tuple[float, float] | None:
    """Return a point in the middle of a geometry: itself, or that of its outline.

    Raises ValueError for a point that is not on Earth.
    """
    match geometry:
        case {"type": "GeometryCollection", "geometries": [first, *_]}:
            return (
                middle(first) if trees.branch(first).get("type") != "GeometryCollection" else None
            )
        case {"coordinates": coordinates}:
            points = list(_points(coordinates))
        case _:
            return None
    if not points:
        return None
    eastings, northings = [x for x, _ in points], [y for _, y in points]
    return values.degrees(
        (min(northings) + max(northings)) / 2, (min(eastings) + max(eastings)) / 2
    )


def _points(coordinates: object) -> Iterator[tuple[float, float]]:
    # Without recursion: how deep it goes is a stranger's choice.
    waiting = [coordinates]
    while waiting:
        match waiting.pop():
            case [int() | float() as x, int() | float() as y, *_]:
                yield float(x), float(y)
            case [*parts]:
                waiting += parts
