"""Events as calendars read them: iCalendar, with the clock of each place (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from fedcommune.domain.events.queries.agenda import Line
from fedcommune.domain.posts.occasions import Event
from fedcommune.instance import Instance
from fedcommune.text import html

if TYPE_CHECKING:
    from icalendar import Event as Entry

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
REFRESH: Final = timedelta(hours=1)
_PRODUCT: Final = "-//fedcommune//agenda//FR"
_STATUS: Final = {
    "confirmed": "CONFIRMED",
    "rescheduled": "CONFIRMED",
    "moved online": "CONFIRMED",
    "tentative": "TENTATIVE",
    "postponed": "TENTATIVE",
    "cancelled": "CANCELLED",
}


def write(lines: Iterable[Line], *, name: str, instance: Instance, now: datetime) -> bytes:
    """Return the calendar *name* of these events, with each clock that they need.

    Each keeps its UID for good, and has a higher SEQUENCE each time that it is changed; what is
    called off stays, as CANCELLED. Nothing that is not for everybody may be among *lines*
    (SEC-XSS-06).
    """
    from icalendar import Calendar  # with the first calendar that is asked for

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", instance.timezone)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    for line in lines:
        calendar.add_component(_entry(line, instance, now))
    calendar.add_missing_timezones()
    written: bytes = calendar.to_ical()
    return written


def _entry(line: Line, instance: Instance, now: datetime) -> Entry:
    from icalendar import Event as Entry

    event = line.event
    entry = Entry()
    entry.add("uid", event.uid)
    entry.add("dtstamp", now.astimezone(UTC))
    entry.add("sequence", event.sequence)
    if event.is_all_day:
        assert event.local_end is not None, "what takes whole days ends"
        entry.add("dtstart", event.local_start.date())
        entry.add("dtend", event.local_end.date())
    else:
        entry.add("dtstart", event.local_start)
        if event.local_end is not None and event.local_end > event.local_start:
            entry.add("dtend", event.local_end)
    entry.add("summary", event.name)
    page = instance.event_page(event.post_id)
    words = html.plain(event.description, limit=4_000)
    entry.add("description", "\n\n".join(part for part in (words, event.price, page) if part))
    entry.add("url", page)
    entry.add("status", _STATUS[event.status])
    entry.add("categories", [event.category])
    place = event.where or event.online_url
    if place:
        entry.add("location", place)
    if event.latitude is not None and event.longitude is not None:
        entry.add("geo", (event.latitude, event.longitude))
    return entry


def file_name(event: Event) -> str:
    """Return a name for the file of one event."""
    return f"{event.post_id}.ics"
