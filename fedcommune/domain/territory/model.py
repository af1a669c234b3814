"""What identifies a commune: its INSEE code, never a postal code, which several may share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fedcommune.errors import Invalid


def _(message: str) -> str:
    """Mark *message* for the catalogues; it is translated where it is shown."""
    return message


_INSEE: Final = re.compile(r"[0-9]{5}|2[AB][0-9]{3}")
_POSTAL_CODE: Final = re.compile(r"[0-9]{5}")
_EPCI: Final = re.compile(r"[0-9]{9}")
METROPOLITAN: Final = "Europe/Paris"
# Overseas, the first three characters of the INSEE code say which clock people read.
_OVERSEAS: Final = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "984": "Indian/Kerguelen",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}


@dataclass(frozen=True, slots=True)
class Territory:
    """One commune. Angles are degrees (WGS 84); *outline* is a GeoJSON geometry."""

    insee: str
    name: str
    postal_codes: tuple[str, ...] = ()
    epci: str = ""
    latitude: float | None = None
    longitude: float | None = None
    timezone: str = METROPOLITAN
    outline: Mapping[str, Any] | None = None


def check_insee(text: str) -> str:
    """Return the INSEE code in upper case, without surrounding spaces. Raises Invalid."""
    code = text.strip().upper()
    if not _INSEE.fullmatch(code):
        raise Invalid("insee", _("An INSEE code has five characters, such as 97413 or 2A004."))
    return code


def check_postal_code(text: str) -> str:
    """Return the postal code without surrounding spaces. Raises Invalid."""
    code = text.strip()
    if not _POSTAL_CODE.fullmatch(code):
        raise Invalid("postal_code", _("A postal code has five digits, such as 97436."))
    return code


def timezone_of(insee: str) -> str:
    """Return the time zone of the commune with this INSEE code."""
    return _OVERSEAS.get(insee[:3], METROPOLITAN)


def read(document: Mapping[str, Any]) -> Territory:
    """Read one commune as the national geo API describes it (geo.api.gouv.fr, /communes).

    Raises ValueError when it is not such a description; what is merely odd is left out.
    """
    name, insee = document.get("nom"), document.get("code")
    if not isinstance(name, str) or not isinstance(insee, str) or not _INSEE.fullmatch(insee):
        raise ValueError("this does not describe a commune")
    codes = document.get("codesPostaux")
    epci = document.get("codeEpci")
    longitude, latitude = _point(document.get("centre"))
    return Territory(
        insee=insee,
        name=name.strip()[:200],
        postal_codes=tuple(
            code
            for code in (codes if isinstance(codes, list) else ())[:100]
            if isinstance(code, str) and _POSTAL_CODE.fullmatch(code)
        ),
        epci=epci if isinstance(epci, str) and _EPCI.fullmatch(epci) else "",
        latitude=latitude,
        longitude=longitude,
        timezone=timezone_of(insee),
        outline=_outline(document.get("contour")),
    )


def _point(geometry: object) -> tuple[float | None, float | None]:
    """Return longitude and latitude of a GeoJSON point (RFC 7946 §3.1.2), or twice None."""
    if not isinstance(geometry, Mapping) or geometry.get("type") != "Point":
        return None, None
    match geometry.get("coordinates"):
        case [int() | float() as longitude, int() | float() as latitude, *_]:
            if abs(longitude) <= 180 and abs(latitude) <= 90:
                return float(longitude), float(latitude)
    return None, None


def _outline(geometry: object) -> Mapping[str, Any] | None:
    if isinstance(geometry, Mapping) and geometry.get("type") in ("Polygon", "MultiPolygon"):
        return {"type": geometry["type"], "coordinates": geometry.get("coordinates", [])}
    return None
