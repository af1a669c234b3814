"""Places that stand for themselves: a compost, a bench, a shop that nobody speaks for yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from federation import documents, iris
from federation.errors import RefusedError
from federation.names import PUBLIC, PUBLIC_SPELLINGS
from federation.vocabulary import places
from federation.vocabulary.places import Place
from federation.vocabulary.tags import read as read_tags

Kind = Literal["poi", "association", "business", "authority"]
Accessibility = Literal["", "yes", "limited", "no"]

KINDS: Final[Mapping[str, Kind]] = {
    "poi": "poi",
    "association": "association",
    "business": "business",
    "authority": "authority",
}
ACCESSIBILITIES: Final[Mapping[str, Accessibility]] = {
    "yes": "yes",
    "limited": "limited",
    "no": "no",
}

MAX_NAME: Final = 200
MAX_SUMMARY: Final = 500
MAX_CONTENT: Final = 20_000
MAX_HOURS: Final = 500
MAX_TAGS: Final = 20
MAX_SAME: Final = 10


@dataclass(frozen=True, slots=True)
class PointView:
    """A Place of somebody else, or ours before it is written.

    *content* is HTML, untrusted when it was read; every other text is plain. *owner* is the
    actor that says that it is there, *hashtags* are without the sharp sign.
    """

    id: str
    owner: str
    name: str
    latitude: float
    longitude: float
    kind: Kind = "poi"
    category: str = ""
    summary: str = ""
    content: str = ""
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    opening_hours: str = ""
    accessibility: Accessibility = ""
    website: str | None = None
    url: str | None = None
    hashtags: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    claimable: bool = False
    claimed_by: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    is_public: bool = True


def read(document: Mapping[str, Any]) -> PointView:
    """Return the Place that *document* is; whether it is authentic is not looked at here.

    RefusedError: no id, no name, no coordinates, or an owner of another origin. What has an
    unexpected type is left out, what is too much is cut. Source: product 8.4, SEC-PAR-04,
    SEC-DOS-05.
    """
    place_id = documents.identifier(document)
    if place_id is None:
        raise RefusedError("A place must have an id.")
    if "Place" not in documents.types(document):
        raise RefusedError("This document is not a place.")
    owner = documents.iri(documents.one(document.get("attributedTo"))) or documents.iri(
        documents.one(document.get("actor"))
    )
    if owner is None or not iris.same_origin(owner, place_id):
        raise RefusedError("A place is told by somebody of its own server.")
    where = places.read(document)
    name = documents.natural(document, "name", limit=MAX_NAME)[0].strip()
    if where is None or where.latitude is None or where.longitude is None or not name:
        raise RefusedError("A place has a name and coordinates.")
    to = {*documents.iris(document.get("to")), *documents.iris(document.get("cc"))}
    tags = read_tags(document.get("tag"))
    return PointView(
        id=place_id,
        owner=owner,
        name=name,
        latitude=where.latitude,
        longitude=where.longitude,
        kind=KINDS.get(worded(document, "kind", 50), "poi"),
        category=worded(document, "poiType", 50),
        summary=documents.clean(
            documents.natural(document, "summary", limit=MAX_SUMMARY)[0]
        ).strip(),
        content=documents.natural(document, "content", limit=MAX_CONTENT)[0],
        street=where.street or where.address,
        postal_code=where.postal_code,
        locality=where.locality,
        opening_hours=worded(document, "openingHours", MAX_HOURS),
        accessibility=ACCESSIBILITIES.get(worded(document, "accessibility", 20), ""),
        website=documents.link(document.get("cm:website") or document.get("website")),
        url=documents.link(document.get("url")),
        hashtags=tags.hashtags[:MAX_TAGS],
        same_as=tuple(
            address
            for item in documents.many(document.get("sameAs"))[:MAX_SAME]
            if (address := documents.link(item)) is not None
        ),
        claimable=documents.boolean(document.get("cm:claimable", document.get("claimable")))
        or False,
        claimed_by=documents.iri(document.get("cm:claimedBy") or document.get("claimedBy")),
        published=documents.moment(document.get("published")),
        updated=documents.moment(document.get("updated")),
        is_public=not PUBLIC_SPELLINGS.isdisjoint(to),
    )


def write(point: PointView, *, followers: str, tags: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the document of a place of ours, without ``@context`` (product 8.4).

    *followers* is the collection of who follows its owner, *tags* are its hashtags as links.
    """
    where = places.write(
        Place(
            latitude=point.latitude,
            longitude=point.longitude,
            street=point.street,
            postal_code=point.postal_code,
            locality=point.locality,
        )
    )
    said: dict[str, Any] = {
        **where,
        "id": point.id,
        "type": "Place",
        "kind": point.kind,
        "name": point.name,
        "attributedTo": point.owner,
        "to": [PUBLIC],
        "cc": [followers],
        "tag": tags,
    }
    optional: dict[str, Any] = {
        "summary": point.summary,
        "content": point.content,
        "url": point.url,
        "cm:poiType": point.category,
        "cm:openingHours": point.opening_hours,
        "cm:accessibility": point.accessibility,
        "cm:website": point.website,
        "cm:claimable": point.claimable,
        "cm:claimedBy": point.claimed_by,
        "sameAs": list(point.same_as),
        "published": documents.timestamp(point.published) if point.published else None,
        "updated": documents.timestamp(point.updated) if point.updated else None,
    }
    return {**said, **{name: value for name, value in optional.items() if value}}


def worded(document: Mapping[str, Any], name: str, limit: int) -> str:
    """Return one of our own words, with or without its prefix."""
    return (
        documents.string(document, f"cm:{name}", limit=limit)
        or documents.string(document, name, limit=limit)
        or ""
    )
