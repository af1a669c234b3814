"""Place and postal address, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from federation import documents

MAX_NAME: Final = 500
_ADDRESS: Final = (
    "streetAddress",
    "postalCode",
    "addressLocality",
    "addressRegion",
    "addressCountry",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: plain texts, degrees (WGS 84); *url* for a place on the web."""

    name: str = ""
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    id: str | None = None
    url: str | None = None
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    region: str = ""
    country: str = ""


def read(value: object) -> Place | None:
    """Return the first Place in *value* that is somewhere on Earth, None when there is none.

    Coordinates come together or not at all, and only such as exist on Earth. A bare text is
    taken for a name. What is only online is no place (see :func:`read_online`).
    Source: W-EVT-01, W-EVT-02, SEC-PAR-04.
    """
    for item in documents.many(value)[:10]:
        if isinstance(item, str) and item and not item.startswith(("https:", "http:")):
            return Place(name=documents.clean(item)[:MAX_NAME])
        if isinstance(item, Mapping) and _online(item) is None:
            return _place(item)
    return None


def read_online(value: object) -> str | None:
    """Return the address of the first VirtualLocation in *value*: one takes part there.

    It stands for itself, or as the ``address`` of a Place, as Gancio reads it (FEP-8a8e).
    """
    for item in documents.many(value)[:10]:
        found = _online(item) if isinstance(item, Mapping) else None
        if found is not None:
            return found
    return None


def _online(document: Mapping[str, Any]) -> str | None:
    address = documents.one(document.get("address"))
    for said in (document, address):
        if isinstance(said, Mapping) and "VirtualLocation" in documents.types(said):
            return documents.link(said.get("url"))
    return None


def _place(document: Mapping[str, Any]) -> Place:
    latitude = documents.decimal(document.get("latitude"))
    longitude = documents.decimal(document.get("longitude"))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        latitude = longitude = None
    address = documents.one(document.get("address"))
    street, postal_code, locality, region, country = (
        (documents.string(address, name, limit=MAX_NAME) or "")
        if isinstance(address, Mapping)
        else ""
        for name in _ADDRESS
    )
    if isinstance(address, str):
        written = documents.clean(address)[:MAX_NAME]
    else:
        town = " ".join(part for part in (postal_code, locality) if part)
        written = ", ".join(part for part in (street, town) if part)
    return Place(
        name=documents.natural(document, "name", limit=MAX_NAME)[0].strip(),
        latitude=latitude,
        longitude=longitude,
        address=written,
        id=documents.link(document.get("id")),
        url=documents.link(document.get("url")),
        street=street,
        postal_code=postal_code,
        locality=locality,
        region=region,
        country=country,
    )


def write(place: Place) -> dict[str, Any]:
    """Return the Place document; coordinates are always floats, as Mobilizon needs them.

    The address is always a PostalAddress: Mobilizon cannot read an event whose address is a
    text. Source: W-EVT-02, product 8.0 rule 5.
    """
    document: dict[str, Any] = {"type": "Place"}
    if place.id is not None:
        document["id"] = place.id
    if place.name:
        document["name"] = place.name
    if place.latitude is not None and place.longitude is not None:
        document["latitude"] = float(place.latitude)
        document["longitude"] = float(place.longitude)
    parts = (place.street, place.postal_code, place.locality, place.region, place.country)
    address = {name: part for name, part in zip(_ADDRESS, parts, strict=True) if part}
    if address:
        document["address"] = {"type": "PostalAddress", **address}
    elif place.address:
        document["address"] = {"type": "PostalAddress", "streetAddress": place.address}
    return document


def write_online(name: str, url: str) -> dict[str, Any]:
    """Return the VirtualLocation of what takes place online and nowhere else (FEP-8a8e)."""
    return {"type": "VirtualLocation", "name": name, "url": url}
