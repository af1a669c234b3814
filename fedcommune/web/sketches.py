"""A map drawn by the server: the outline of the commune and points, without tiles or scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.concurrency import run_in_threadpool

from fedcommune.commune import Commune
from fedcommune.domain.directory.model import Box, Point

if TYPE_CHECKING:
    from fedcommune.web.directory import Shown

WIDTH: Final = 800
MAX_HEIGHT: Final = 600
# A border of more corners is not drawn finer than a pixel.
_FINEST: Final = 1.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the drawing, in its pixels, and what it is."""

    x: float
    y: float
    shown: Shown


@dataclass(frozen=True, slots=True)
class Sketch:
    """A drawing: its size, the border as the path of an SVG, the points."""

    width: int
    height: int
    border: str
    marks: list[Mark]


async def of(commune: Commune, box: Box, shown: Sequence[Shown]) -> Sketch:
    """Return the drawing of *box* with what is *shown* in it."""
    (west, south), (east, north) = box.corner.metres, box.opposite.metres
    across, along = max(east - west, 1.0), max(north - south, 1.0)
    scale = min(WIDTH / across, MAX_HEIGHT / along)
    width, height = round(across * scale), round(along * scale)

    def place(point: Point) -> tuple[float, float]:
        x, y = point.metres
        return round((x - west) * scale, 1), round((north - y) * scale, 1)

    file = commune.config.commune.outline
    rings = await run_in_threadpool(_rings, commune.config.path(file)) if file else ()
    marks = [
        Mark(*place(each.listing.point), each) for each in shown if each.listing.point is not None
    ]
    border = " ".join(_path([place(point) for point in ring]) for ring in rings)
    return Sketch(width, height, border, marks)


def _path(corners: Sequence[tuple[float, float]]) -> str:
    """Return a ring as a closed path, without corners that nobody would see."""
    kept: list[tuple[float, float]] = []
    for x, y in corners:
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= _FINEST:
            kept.append((x, y))
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + "Z"


async def outline(path: Path) -> bytes | None:
    """Return the file of the outline as it is; None when it cannot be read."""
    try:
        return await run_in_threadpool(path.read_bytes)
    except OSError:
        return None


@lru_cache(maxsize=1)
def _rings(path: Path) -> tuple[tuple[Point, ...], ...]:
    """Return the rings of the outline in a GeoJSON file; none when it cannot be read."""
    try:
        return tuple(_of_geometry(orjson.loads(path.read_bytes())))
    except (OSError, ValueError):
        return ()


def _of_geometry(geometry: Any) -> Iterator[tuple[Point, ...]]:
    match geometry:
        case {"type": "Feature", "geometry": inner}:
            yield from _of_geometry(inner)
        case {"type": "FeatureCollection", "features": list(features)}:
            for feature in features:
                yield from _of_geometry(feature)
        case {"type": "Polygon", "coordinates": list(rings)}:
            for ring in rings:
                yield tuple(Point(float(corner[1]), float(corner[0])) for corner in ring)
        case {"type": "MultiPolygon", "coordinates": list(polygons)}:
            for polygon in polygons:
                yield from _of_geometry({"type": "Polygon", "coordinates": polygon})
        case _:
            return
