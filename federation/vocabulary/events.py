"""Events of strangers (FEP-8a8e, Mobilizon's words), as far as showing them needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from federation import documents
from federation.vocabulary import places
from federation.vocabulary.places import Place

Status = Literal["confirmed", "tentative", "cancelled", "postponed", "rescheduled", "moved online"]
_STATUS: Final[Mapping[str, Status]] = {
    "confirmed": "confirmed",
    "tentative": "tentative",
    "cancelled": "cancelled",
    "eventscheduled": "confirmed",
    "eventtentative": "tentative",
    "eventcancelled": "cancelled",
    "eventpostponed": "postponed",
    "eventrescheduled": "rescheduled",
    "eventmovedonline": "moved online",
}
# The recommended categories of FEP-8a8e: 36.
CATEGORIES: Final = (
    "ARTS",
    "AUTO_BOAT_AIR",
    "BOOK_CLUBS",
    "BUSINESS",
    "CAUSES",
    "CLIMATE_ENVIRONMENT",
    "COMEDY",
    "COMMUNITY",
    "CRAFTS",
    "CREATIVE_JAM",
    "DIY_MAKER_SPACES",
    "FAMILY_EDUCATION",
    "FASHION_BEAUTY",
    "FESTIVALS",
    "FILM_MEDIA",
    "FOOD_DRINK",
    "GAMES",
    "INCLUSIVE_SPACES",
    "LANGUAGE_CULTURE",
    "LEARNING",
    "LGBTQ",
    "MEDITATION_WELLBEING",
    "MEETING",
    "MOVEMENTS_POLITICS",
    "MUSIC",
    "NETWORKING",
    "OUTDOORS_ADVENTURE",
    "PARTY",
    "PERFORMING_VISUAL_ARTS",
    "PETS",
    "PHOTOGRAPHY",
    "SCIENCE_TECH",
    "SPIRITUALITY_RELIGION_BELIEFS",
    "SPORTS",
    "THEATRE",
    "WORKSHOPS_SKILL_SHARING",
)
MAX_ORGANIZERS: Final = 20
MAX_CONTENT: Final = 100_000
_LOCAL: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class EventView:
    """When and where something takes place; *starts_at* and *ends_at* in UTC.

    *local_start* and *local_end* are the day and the hour as the organiser wrote them, on
    the clock of the place (``2026-12-12 18:00``). *join_mode* is "free" when not said.
    *online_url* is where one takes part online, *link* another page about it. *content* is
    untrusted HTML; *category* is one of ``CATEGORIES`` or empty; *capacity* and
    *participants* are None when they are not told.
    """

    starts_at: datetime | None
    ends_at: datetime | None
    local_start: str
    local_end: str
    timezone: str | None
    status: Status | None
    place: Place | None
    join_mode: str
    link: str | None
    content: str = ""
    category: str = ""
    capacity: int | None = None
    participants: int | None = None
    organizers: tuple[str, ...] = ()
    external_url: str | None = None
    online_url: str | None = None
    previous_start: datetime | None = None

    @property
    def facts(self) -> str:
        """The day, the hours and the place in one line of plain text, in no language."""
        when = self.local_start
        if when and self.local_end:
            same_day = self.local_end[:10] == when[:10]
            when = f"{when} – {self.local_end[11:] if same_day else self.local_end}"
        where = self.place.name if self.place else ""
        address = self.place.address if self.place else ""
        return ", ".join(part for part in (when, where, address) if part)


def read(document: Mapping[str, Any]) -> EventView:
    """Return what *document*, an Event, says of time and place (W-EVT-01, W-EVT-02)."""
    online = _online(document)
    show_end = documents.boolean(document.get("displayEndTime")) is not False
    return EventView(
        starts_at=documents.moment(document.get("startTime")),
        ends_at=documents.moment(document.get("endTime")) if show_end else None,
        local_start=_local(document.get("startTime")),
        local_end=_local(document.get("endTime")) if show_end else "",
        timezone=documents.string(document, "timezone", limit=100),
        status=_status(document),
        place=places.read(document.get("location")),
        join_mode=_join_mode(document),
        link=documents.link(document.get("externalParticipationUrl"))
        or (None if _website(document) == online else _website(document)),
        content=documents.natural(document, "content", limit=MAX_CONTENT)[0],
        category=_category(document),
        capacity=_count(document, "maximumAttendeeCapacity"),
        participants=_participants(document),
        organizers=_organizers(document),
        external_url=documents.link(document.get("externalParticipationUrl")),
        online_url=online,
        previous_start=documents.moment(document.get("previousStartTime")),
    )


def _join_mode(document: Mapping[str, Any]) -> str:
    """Return how one takes part: our own word says what Mobilizon has none for."""
    return (
        documents.string(document, "cm:joinMode", limit=50)
        or documents.string(document, "joinMode", limit=50)
        or "free"
    )


def _online(document: Mapping[str, Any]) -> str | None:
    """Return where one takes part online: a VirtualLocation, or Mobilizon's website of what
    ``isOnline``.
    """
    found = places.read_online(document.get("location"))
    if found is None and documents.boolean(document.get("isOnline")):
        found = _website(document)
    return found


def _category(document: Mapping[str, Any]) -> str:
    for value in documents.many(document.get("category"))[:10]:
        if isinstance(value, str) and value.upper() in CATEGORIES:
            return value.upper()
    return ""


def _count(document: Mapping[str, Any], name: str) -> int | None:
    found = documents.count(document.get(name))
    return found if found is not None and found > 0 else None


def _participants(document: Mapping[str, Any]) -> int | None:
    """Return how many take part: Mobilizon's number, or the total of the collection."""
    told = documents.count(document.get("participantCount"))
    attendees = documents.one(document.get("attendees"))
    if told is None and isinstance(attendees, Mapping):
        told = documents.count(attendees.get("totalItems"))
    return told


def _organizers(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return who organises: a list, or a collection with its items in it."""
    value = document.get("organizers")
    if isinstance(value, Mapping) and ("items" in value or "orderedItems" in value):
        value = value.get("items", value.get("orderedItems"))
    return tuple(documents.iris(documents.many(value)[:MAX_ORGANIZERS]))


def _status(document: Mapping[str, Any]) -> Status | None:
    for name in ("eventStatus", "ical:status", "status"):
        value = documents.one(document.get(name))
        if isinstance(value, Mapping):
            value = value.get("id")
        if isinstance(value, str):
            word = value.rpartition("/")[2].rpartition("#")[2].rpartition(":")[2].lower()
            if word in _STATUS:
                return _STATUS[word]
    return None


def _local(value: object) -> str:
    if documents.moment(value) is None:
        return ""
    match = _LOCAL.match(str(documents.one(value)))
    return f"{match[1]} {match[2]}" if match else ""


def _website(document: Mapping[str, Any]) -> str | None:
    """Return the address of the attachment that Mobilizon calls "Website"."""
    for item in documents.many(document.get("attachment"))[:50]:
        if isinstance(item, Mapping) and item.get("name") == "Website":
            return documents.link(item)
    return None
