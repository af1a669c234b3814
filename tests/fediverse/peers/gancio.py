"""Gancio: events with a place and a day, of whoever its administrators follow and trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from federation.names import PUBLIC
from tests.fediverse.peers import Unread
from tests.inbox.strangers import Stranger

_PARTS: Final = ("streetAddress", "addressLocality", "addressRegion", "addressCountry")


@dataclass(frozen=True)
class Event:
    """What its agenda shows."""

    title: str
    starts: datetime
    ends: datetime | None
    description: str
    place: tuple[str, str] | None
    point: tuple[float, float] | None
    online: tuple[str, ...]
    image: str | None
    tags: tuple[str, ...]


def received(activity: Mapping[str, Any]) -> Event:
    """Return the event of a Create, or of a group's Announce of one; :class:`Unread` else."""
    if activity["type"] == "Announce" and isinstance(activity["object"], Mapping):
        activity = activity["object"]
    document = activity.get("object")
    if activity["type"] not in ("Create", "Update") or not isinstance(document, Mapping):
        raise Unread("It takes what is created.")
    if document.get("type") != "Event":
        raise Unread("It takes events.")
    return event(document)


def event(document: Mapping[str, Any]) -> Event:
    """Return what it makes of an Event."""
    for name in ("name", "startTime", "id"):
        if not document.get(name):
            raise Unread(f"{name} required")
    attached = document.get("attachment") or []
    for each in attached:
        if not isinstance(each.get("mediaType"), str):
            raise Unread("It looks into the media type of each attachment.")
    place, point, online = _where(document.get("location"))
    return Event(
        title=document["name"].strip(),
        starts=datetime.fromisoformat(document["startTime"]),
        ends=datetime.fromisoformat(document["endTime"]) if document.get("endTime") else None,
        description=document.get("content", document.get("summary", "")),
        place=place,
        point=point,
        online=online,
        image=next(
            (each["url"] for each in attached if "image" in each["mediaType"] and "url" in each),
            None,
        ),
        tags=tuple(tag["name"][1:] for tag in document.get("tag") or []),
    )


def _where(
    location: Any,
) -> tuple[tuple[str, str] | None, tuple[float, float] | None, tuple[str, ...]]:
    if not location:
        return None, None, ()
    places = location if isinstance(location, list) else [location]

    def is_online(each: Mapping[str, Any]) -> bool:
        address = each.get("address")
        return isinstance(address, Mapping) and bool(address.get("url"))

    online = tuple(each["address"]["url"] for each in places if is_online(each))
    found = next((each for each in places if each.get("address") and not is_online(each)), None)
    found = found or next((each for each in places if not is_online(each)), None)
    if found is None:
        return ("online", "online"), None, online
    name = (found.get("name") or "").strip()
    address = found.get("address") or name
    if isinstance(address, Mapping):
        address = ", ".join(address[part] for part in _PARTS if address.get(part))
    if not name or not address.strip():
        raise Unread("A place has a name and an address.")
    point = None
    if found.get("latitude") and found.get("longitude"):
        point = (float(found["latitude"]), float(found["longitude"]))
    return (name, address), point, online


# What it writes


def written(who: Stranger, number: int, **changes: Any) -> dict[str, Any]:
    """An event of its one actor."""
    said: dict[str, Any] = {
        "id": who.server.url(who.host, f"/federation/m/{number}"),
        "name": "Bal des pompiers",
        "url": who.server.url(who.host, "/event/bal-des-pompiers"),
        "type": "Event",
        "startTime": "2027-01-16T20:00:00.000+04:00",
        "endTime": "2027-01-17T01:00:00.000+04:00",
        "location": {
            "type": "Place",
            "name": "Caserne",
            "address": "Rue du Général-Lambert, Saint-Leu",
            "latitude": -21.17,
            "longitude": 55.288,
        },
        "attachment": [],
        "tag": [{"type": "Hashtag", "name": "#bal", "href": who.server.url(who.host, "/tag/bal")}],
        "published": "2026-11-20T08:00:00.000Z",
        "attributedTo": who.id,
        "to": [PUBLIC],
        "cc": [f"{who.id}/followers"],
        "content": "<p>Tombola.</p>",
        "summary": "Caserne, samedi 16 janvier (20:00)",
    }
    return {**said, **changes}


def activity(type_: str, who: Stranger, document: Mapping[str, Any]) -> dict[str, Any]:
    """A Create, an Update or a Delete around *document*, under the same id each time."""
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", {"Hashtag": "as:Hashtag"}],
        "id": f"{document['id']}#{type_.lower()}",
        "type": type_,
        "actor": who.id,
        "to": [PUBLIC],
        "cc": [f"{who.id}/followers"],
        "object": document,
    }
