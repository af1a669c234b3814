"""The plane coordinates of French registers on the ellipsoid GRS 80, back to degrees.

Lambert-93 of the mainland (EPSG:2154; IGN, NTG 71), UTM overseas (EPSG:5490, 2972, 2975,
4471). WGS 84 and the French systems agree to less than a metre.
"""

from __future__ import annotations

import math
from typing import Final

_RADIUS: Final = 6_378_137.0
_FLATTENING: Final = 1 / 298.257222101
_E2: Final = _FLATTENING * (2 - _FLATTENING)
_E: Final = math.sqrt(_E2)
# The constants of Lambert-93: exponent, radius at the equator, the pole on the plane.
_N: Final = 0.7256077650532670
_C: Final = 11_754_255.426096
_X0: Final = 700_000.0
_Y0: Final = 12_655_612.049876
# Overseas, by the first three characters of the INSEE code: the UTM zone, and which half.
_ZONES: Final = {
    "971": (20, True),
    "972": (20, True),
    "973": (22, True),
    "974": (40, False),
    "976": (38, False),
    "977": (20, True),
    "978": (20, True),
}


def degrees(insee: str, x: float, y: float) -> tuple[float, float] | None:
    """Return latitude and longitude of a point on the legal plane of a commune's department.

    None when the plane is not known, or the point is nowhere near it.
    """
    if insee.startswith(("97", "98")):
        zone = _ZONES.get(insee[:3])
        if zone is None or not (100_000 <= x <= 900_000 and 0 <= y <= 10_000_000):
            return None
        return _utm(x, y, *zone)
    if not (0 <= x <= 1_300_000 and 6_000_000 <= y <= 7_200_000):
        return None
    return _lambert(x, y)


def _lambert(x: float, y: float) -> tuple[float, float]:
    radius = math.hypot(x - _X0, y - _Y0)
    angle = math.atan((x - _X0) / (_Y0 - y))
    isometric = -math.log(radius / _C) / _N
    latitude = 2 * math.atan(math.exp(isometric)) - math.pi / 2
    for _ in range(8):
        wave = _E * math.sin(latitude)
        latitude = (
            2 * math.atan(((1 + wave) / (1 - wave)) ** (_E / 2) * math.exp(isometric)) - math.pi / 2
        )
    return math.degrees(latitude), 3.0 + math.degrees(angle / _N)


def _utm(x: float, y: float, zone: int, north: bool) -> tuple[float, float]:
    """Invert the transverse Mercator projection (Krüger's series, to the fourth order)."""
    n = _FLATTENING / (2 - _FLATTENING)
    circle = _RADIUS / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    xi = (y if north else y - 10_000_000) / (0.9996 * circle)
    eta = (x - 500_000) / (0.9996 * circle)
    series = (
        n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96,
        n**2 / 48 + n**3 / 15,
        17 * n**3 / 480,
    )
    xi_, eta_ = xi, eta
    for j, factor in enumerate(series, 1):
        xi_ -= factor * math.sin(2 * j * xi) * math.cosh(2 * j * eta)
        eta_ -= factor * math.cos(2 * j * xi) * math.sinh(2 * j * eta)
    conformal = math.asin(math.sin(xi_) / math.cosh(eta_))
    latitude = conformal + sum(
        factor * math.sin(2 * j * conformal)
        for j, factor in enumerate(
            (2 * n - 2 * n**2 / 3 - 2 * n**3, 7 * n**2 / 3 - 8 * n**3 / 5, 56 * n**3 / 15), 1
        )
    )
    longitude = math.radians(zone * 6 - 183) + math.atan2(math.sinh(eta_), math.cos(xi_))
    return math.degrees(latitude), math.degrees(longitude)
