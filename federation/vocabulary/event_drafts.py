"""Events of ours, as Mobilizon, Gancio, Friendica, Lemmy and Mastodon read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from federation import documents
from federation.vocabulary import places
from federation.vocabulary.attachments import Attachment
from federation.vocabulary.events import Status
from federation.vocabulary.places import Place

_FEP: Final = "https://w3id.org/fep/8a8e/"
_EVENT_STATUS: Final[Mapping[Status, str]] = {
    "confirmed": "EventScheduled",
    "tentative": "EventTentative",
    "cancelled": "EventCancelled",
    "postponed": "EventPostponed",
    "rescheduled": "EventRescheduled",
    "moved online": "EventMovedOnline",
}
_ICAL: Final[Mapping[Status, str]] = {
    "confirmed": "CONFIRMED",
    "tentative": "TENTATIVE",
    "cancelled": "CANCELLED",
    "postponed": "TENTATIVE",
    "rescheduled": "CONFIRMED",
    "moved online": "CONFIRMED",
}


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What an event of ours says besides a name and words.

    *starts_at* and *ends_at* are aware, with the offset of the place; *ends_at* is None when
    nobody knows. *organizers* are actor ids. *capacity* is None when everybody finds room.
    *online_name* is what its place is called when it is *online_url* alone.
    """

    id: str
    actor: str
    summary: str
    starts_at: datetime
    ends_at: datetime | None
    timezone: str
    organizers: tuple[str, ...]
    category: str
    status: Status = "confirmed"
    previous_start: datetime | None = None
    join_mode: str = "free"
    join_url: str | None = None
    capacity: int | None = None
    participants: int = 0
    anonymous: bool = True
    place: Place | None = None
    online_url: str | None = None
    online_name: str = "Online"
    website: str | None = None
    banner: Attachment | None = None
    series: str | None = None
    rule: str | None = None
    price: str = ""


def write(draft: EventDraft) -> dict[str, Any]:
    """Return the words of *draft* that no other post has; absent ones are None.

    Every event has an end for those who need one; ``displayEndTime`` says whether it is known.
    The banner is called so, and the website too, because Mobilizon looks for those names. It
    reads one location, and only four ways of taking part: what is nobody's business to tell
    is for it by invitation, and our own word says what it is.
    Source: product 8.0, 8.3, FEP-8a8e, W-EVT-01, W-EVT-02, W-EVT-04.
    """
    room = None
    if draft.capacity is not None:
        room = max(0, draft.capacity - draft.participants)
    status = _ICAL[draft.status]
    return {
        "actor": draft.actor,
        "summary": draft.summary,
        "startTime": documents.timestamp(draft.starts_at),
        "endTime": documents.timestamp(draft.ends_at or draft.starts_at),
        "displayEndTime": None if draft.ends_at is not None else False,
        "previousStartTime": None
        if draft.previous_start is None
        else documents.timestamp(draft.previous_start),
        "timezone": draft.timezone,
        "organizers": {
            "type": "Collection",
            "id": f"{draft.id}/organizers",
            "totalItems": len(draft.organizers),
            "items": list(draft.organizers),
        },
        "category": draft.category,
        "contacts": list(draft.organizers),
        "joinMode": "invite" if draft.join_mode == "none" else draft.join_mode,
        "cm:joinMode": "none" if draft.join_mode == "none" else None,
        "externalParticipationUrl": draft.join_url,
        "status": status,
        "ical:status": status,
        "eventStatus": f"{_FEP}{_EVENT_STATUS[draft.status]}",
        "maximumAttendeeCapacity": draft.capacity,
        "remainingAttendeeCapacity": room,
        "participantCount": draft.participants,
        "attendees": {
            "type": "Collection",
            "id": f"{draft.id}/attendees",
            "totalItems": draft.participants,
        },
        "anonymousParticipationEnabled": draft.anonymous
        and draft.join_mode in ("free", "restricted"),
        "repliesModerationOption": "allow_all",
        "isOnline": draft.online_url is not None and draft.place is None,
        "location": _location(draft),
        "image": None if draft.banner is None else _image(draft.banner),
        "attachment": _attachments(draft),
        "cm:series": draft.series,
        "cm:rrule": draft.rule or None,
        "cm:price": draft.price or None,
    }


def _location(draft: EventDraft) -> dict[str, Any] | None:
    if draft.place is not None:
        return places.write(draft.place)
    if draft.online_url is not None:
        return places.write_online(draft.online_name, draft.online_url)
    return None


def _attachments(draft: EventDraft) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if draft.banner is not None:
        banner = {
            "type": "Document",
            "name": "Banner",
            "mediaType": draft.banner.media_type or None,
            "url": draft.banner.url,
            "summary": draft.banner.description or None,
            "width": draft.banner.width,
            "height": draft.banner.height,
            "blurhash": draft.banner.blurhash,
        }
        found.append({name: value for name, value in banner.items() if value is not None})
    address = draft.online_url or draft.website
    if address is not None:
        found.append({"type": "Link", "name": "Website", "mediaType": "text/html", "href": address})
    return found


def _image(banner: Attachment) -> dict[str, Any]:
    image = {
        "type": "Image",
        "url": banner.url,
        "mediaType": banner.media_type or None,
        "summary": banner.description or None,
    }
    return {name: value for name, value in image.items() if value is not None}
