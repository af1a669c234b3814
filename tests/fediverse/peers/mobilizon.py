"""Mobilizon: events, groups and members as its converters read and write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from federation.names import PUBLIC
from tests.fediverse.peers import Unread
from tests.fediverse.peers.server import Peer
from tests.inbox.strangers import Stranger

# The values of its enumerations: another one makes the whole object invalid.
JOIN_MODES: Final = ("free", "restricted", "invite", "external")
STATUSES: Final = ("tentative", "confirmed", "cancelled")
ACTORS: Final = ("Person", "Application", "Group", "Organization", "Service")
ROLES: Final = ("invited", "not_approved", "member", "moderator", "administrator", "rejected")


@dataclass(frozen=True)
class Address:
    """Its address: the point counts only when both numbers are floats."""

    description: str | None
    street: str | None
    postal_code: str | None
    locality: str | None
    point: tuple[float, float] | None
    url: str | None


@dataclass(frozen=True)
class Event:
    """What it stores of an event."""

    title: str
    description: str
    begins_on: datetime
    ends_on: datetime | None
    timezone: str | None
    is_public: bool
    join_options: str
    status: str
    organizer: str
    group: str | None
    address: Address | None
    online_address: str | None
    is_online: bool
    picture: str | None
    capacity: int | None
    contacts: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """Who stands how in a group."""

    url: str
    actor: str
    group: str
    role: str


def event(document: Mapping[str, Any]) -> Event:
    """Return what it makes of *document*; :class:`Unread` when it would take nothing."""
    if document.get("type") != "Event":
        raise Unread("Its pattern wants the word Event, not a list.")
    organizer, group = _written_by(document)
    attachments = document.get("attachment", [])
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        raise Unread("It walks through attachments, each a map.")
    mode = document.get("joinMode", "free")
    status = document.get("status", document.get("ical:status", "CONFIRMED")).lower()
    if mode not in JOIN_MODES or status not in STATUSES:
        raise Unread(f"{mode} or {status} is none of its words.")
    if not document.get("name") or not document.get("startTime"):
        raise Unread("A title and a beginning are required.")
    contacts = document.get("contacts", [])
    if not isinstance(contacts, list) or not isinstance(document.get("to"), list):
        raise Unread("It looks for members of lists.")
    documents = [each for each in attachments if each.get("type") == "Document"]
    banners = [each for each in documents if each.get("name") == "Banner"] or documents
    return Event(
        title=document["name"],
        description=document.get("content") or "",
        begins_on=datetime.fromisoformat(document["startTime"]),
        ends_on=datetime.fromisoformat(document["endTime"]) if document.get("endTime") else None,
        timezone=document.get("timezone"),
        is_public=PUBLIC in document["to"],
        join_options=mode,
        status=status,
        organizer=organizer,
        group=group,
        address=_address(document.get("location")),
        online_address=next(
            (
                each["href"]
                for each in attachments
                if each.get("type") == "Link"
                and each.get("name") == "Website"
                and each.get("mediaType") == "text/html"
            ),
            None,
        ),
        is_online=document.get("isOnline") is True,
        picture=banners[0]["url"] if banners else None,
        capacity=document.get("maximumAttendeeCapacity"),
        contacts=tuple(contacts),
        tags=tuple(
            tag["name"].removeprefix("#")
            for tag in document.get("tag", [])
            if tag.get("type") == "Hashtag"
        ),
    )


def _written_by(document: Mapping[str, Any]) -> tuple[str, str | None]:
    actor, attributed_to = document.get("actor"), document.get("attributedTo")
    for each in (actor, attributed_to):
        if each is not None and not isinstance(each, str):
            raise Unread("It asks for actors by their addresses.")
    if actor and attributed_to and actor != attributed_to:
        return actor, attributed_to
    if attributed_to or actor:
        return str(attributed_to or actor), None
    raise Unread("Nobody wrote this.")


def _address(location: object) -> Address | None:
    if location is None:
        return None
    if not isinstance(location, Mapping):
        raise Unread("It has no clause for several places.")
    address = location.get("address") or {}
    if not isinstance(address, Mapping):
        raise Unread("It looks for words in the address, and finds a text.")
    latitude, longitude = location.get("latitude"), location.get("longitude")
    point = None
    if isinstance(latitude, float) and isinstance(longitude, float):
        point = (latitude, longitude)
    return Address(
        description=location.get("name"),
        street=address.get("streetAddress"),
        postal_code=address.get("postalCode"),
        locality=address.get("addressLocality"),
        point=point,
        url=location.get("id") or location.get("url"),
    )


def actor(document: Mapping[str, Any]) -> str:
    """Return the type of an actor that it can keep; only what is no Person is followed."""
    kind = document.get("type")
    if kind not in ACTORS:
        raise Unread("It does not know such actors.")
    for name in ("id", "inbox", "outbox", "preferredUsername"):
        if not isinstance(document.get(name), str):
            raise Unread(f"An actor needs {name}.")
    if not isinstance(document["publicKey"]["publicKeyPem"], str):
        raise Unread("An actor needs a key.")
    for name in ("icon", "image"):
        if not isinstance(document.get(name, {}), Mapping):
            raise Unread("It looks for the address in a picture, not in a list.")
    document["endpoints"]["sharedInbox"]
    return str(kind)


async def members(peer: Peer, group: Mapping[str, Any], who: Stranger | None) -> list[Member]:
    """Return whom it finds in the group, asking in the name of *who* as it does."""
    found = await peer.fetch(group["members"], who)
    if found["type"] == "OrderedCollection" and isinstance(found.get("first"), str):
        found = await peer.fetch(found["first"], who)
    if found["type"] not in ("OrderedCollection", "OrderedCollectionPage"):
        raise Unread("It walks through what is ordered.")
    items = found.get("orderedItems", found.get("items"))
    if items is None:
        raise Unread("It finds nothing to walk through.")
    return [member(item) for item in items]


def member(document: Mapping[str, Any]) -> Member:
    """Return what it makes of a Member."""
    if document.get("type") != "Member" or document.get("role") not in ROLES:
        raise Unread("This is no Member.")
    return Member(document["id"], document["actor"], document["object"], document["role"])


def takes_removal(activity: Mapping[str, Any]) -> bool:
    """Tell whether it takes this Remove: the group is in ``origin``."""
    return {"actor", "object", "origin"} <= set(activity)


# What it writes


def written(who: Stranger, group: Stranger, number: int, **changes: Any) -> dict[str, Any]:
    """An event of *group*, organised by *who*."""
    said = {
        "id": who.server.url(who.host, f"/events/{number}"),
        "type": "Event",
        "uuid": str(number),
        "actor": who.id,
        "attributedTo": group.id,
        "to": [PUBLIC],
        "cc": [f"{group.id}/followers"],
        "name": "Fête de la science",
        "content": "<p>Des étoiles sur la plage.</p>",
        "mediaType": "text/html",
        "category": "SCIENCE_TECH",
        "startTime": "2027-03-06T18:00:00+04:00",
        "endTime": "2027-03-06T22:00:00+04:00",
        "timezone": "Indian/Reunion",
        "joinMode": "free",
        "externalParticipationUrl": None,
        "status": "CONFIRMED",
        "ical:status": "CONFIRMED",
        "repliesModerationOption": "allow_all",
        "commentsEnabled": True,
        "anonymousParticipationEnabled": True,
        "draft": False,
        "isOnline": False,
        "maximumAttendeeCapacity": 40,
        "remainingAttendeeCapacity": 33,
        "participantCount": 7,
        "inLanguage": "fr",
        "contacts": [],
        "published": "2026-11-20T08:00:00Z",
        "updated": "2026-11-20T08:00:00Z",
        "location": {
            "type": "Place",
            "id": who.server.url(who.host, "/address/1"),
            "name": "Plage de la Salette",
            "latitude": -21.1,
            "longitude": 55.3,
            "address": {
                "type": "PostalAddress",
                "streetAddress": "Rue de la Plage",
                "postalCode": "97436",
                "addressLocality": "Saint-Leu",
                "addressRegion": None,
                "addressCountry": "France",
            },
        },
        "attachment": [],
        "tag": [],
    }
    said["url"] = said["id"]
    return {"@context": CONTEXT, **said, **changes}


def activity(
    type_: str, who: Stranger, object_: object, number: int, group: Stranger | None = None
) -> dict[str, Any]:
    """An activity of *who*, in the name of *group*."""
    said: dict[str, Any] = {
        "@context": CONTEXT,
        "id": who.server.url(who.host, f"/{type_.lower()}/{number}"),
        "type": type_,
        "actor": who.id,
        "object": object_,
        "to": [PUBLIC],
        "cc": [],
    }
    if group is not None:
        said |= {"attributedTo": group.id, "cc": [group.id]}
    return said


CONTEXT: Final = [
    "https://www.w3.org/ns/activitystreams",
    "https://litepub.social/litepub/context.jsonld",
    {"mz": "https://joinmobilizon.org/ns#", "ical": "http://www.w3.org/2002/12/cal/ical#"},
]
