"""Calendars of others (iCalendar, RFC 5545): what happens when and where, and nobody's address.

Who organises and who attends is not read, nor what is private or confidential. Rules of
repetition are kept as they are written and not unfolded here: who unfolds them sets limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

from icalendar import Calendar

from fedcommune.domain.portability.model import MAX_KEY, Passed, Refused, Unreadable
from fedcommune.domain.portability.readers import opened, values

LARGEST: Final = 8 * 1024 * 1024
MOST: Final = 5_000
MAX_DATES: Final = 500
_YEARS: Final = (1970, 2200)


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of a calendar. Moments are aware; of whole days they begin at midnight.

    *key* is the UID, and for one time of a repeated entry also which one; *rule* is its RRULE,
    *except_at* are the times that are left out, *also_at* those that are added. *sequence*
    grows with each change (RFC 5545 §3.8.7.4). *organisers* are organisations, as the source
    names them; people are never among them.
    """

    line: int
    key: str
    uid: str
    name: str
    starts_at: datetime
    ends_at: datetime | None = None
    whole_days: bool = False
    timezone: str = ""
    text: str = ""
    where: str = ""
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    latitude: float | None = None
    longitude: float | None = None
    website: str | None = None
    tags: tuple[str, ...] = ()
    cancelled: bool = False
    sequence: int = 0
    rule: str = ""
    except_at: tuple[datetime, ...] = ()
    also_at: tuple[datetime, ...] = ()
    instead_of: datetime | None = None
    organisers: tuple[str, ...] = ()


def read(stream: BinaryIO, timezone: str) -> Iterator[Happening | Refused | Passed]:
    """Yield what each entry says; times without a clock are those of *timezone*.

    Raises Unreadable for what is no calendar, or too much of one.
    """
    head = opened.begin(stream)
    body = head + stream.read(LARGEST + 1 - len(head))
    if len(body) > LARGEST:
        raise Unreadable("At most 8 MB of calendar: take only what is to come.")
    try:
        text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("A calendar is in UTF-8 (RFC 5545 §3.1.4).") from None
    try:
        calendars = Calendar.from_ical(text, multiple=True)
        entries = [entry for each in calendars for entry in each.walk("VEVENT")]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise Unreadable(f"This is no calendar: {str(error)[:200]}.") from None
    if not calendars:
        raise Unreadable("This is no calendar.")
    if len(entries) > MOST:
        raise Unreadable(f"At most {MOST} entries in one calendar.")
    clock = ZoneInfo(timezone)
    for number, entry in enumerate(entries, 1):
        yield _entry(number, entry, clock)


def _entry(number: int, entry: Any, clock: ZoneInfo) -> Happening | Refused | Passed:
    if _text(entry, "CLASS").upper() in ("PRIVATE", "CONFIDENTIAL"):
        return Passed.WITHHELD
    name = " ".join(_text(entry, "SUMMARY").split())
    uid = _text(entry, "UID").strip()
    if not uid or len(uid) > MAX_KEY:
        return Refused(number, "UID: An entry is known by its UID, of at most 200 letters.", name)
    if not name:
        return Refused(number, "SUMMARY: Give it a name.")
    try:
        starts_at, whole_days = _moment(_dt(entry, "DTSTART"), clock)
        ends_at = _end(entry, starts_at, whole_days, clock)
        instead = _dt(entry, "RECURRENCE-ID")
        instead_of = None if instead is None else _moment(instead, clock)[0]
        except_at, also_at = (_dates(entry, each, clock) for each in ("EXDATE", "RDATE"))
    except ValueError as error:
        return Refused(number, f"DTSTART: {error}", name)
    if ends_at is not None and ends_at < starts_at:
        return Refused(number, "DTEND: It ends before it begins.", name)
    point = _point(entry)
    return Happening(
        line=number,
        key=uid if instead_of is None else f"{uid}#{instead_of.isoformat()}",
        uid=uid,
        name=name,
        starts_at=starts_at,
        ends_at=ends_at,
        whole_days=whole_days,
        timezone=str(starts_at.tzinfo),
        text=_text(entry, "DESCRIPTION").strip(),
        where=" ".join(_text(entry, "LOCATION").split()),
        latitude=None if point is None else point[0],
        longitude=None if point is None else point[1],
        website=values.website(_text(entry, "URL")),
        tags=_tags(entry),
        cancelled=_text(entry, "STATUS").upper() == "CANCELLED",
        sequence=_sequence(entry),
        rule=_rule(entry),
        except_at=except_at,
        also_at=also_at,
        instead_of=instead_of,
    )


def _first(entry: Any, name: str) -> Any:
    value = entry.get(name)
    return value[0] if isinstance(value, list) and value else value


def _text(entry: Any, name: str) -> str:
    value = _first(entry, name)
    return value[:20_000] if isinstance(value, str) else ""


def _dt(entry: Any, name: str) -> date | datetime | timedelta | None:
    """Return a moment as it is written; None when there is none. Raises ValueError."""
    value = _first(entry, name)
    if value is None:
        return None
    try:
        told = value.dt
    except (AttributeError, ValueError):
        raise ValueError("This is no moment.") from None
    if not isinstance(told, date | timedelta):
        raise ValueError("This is no moment.")
    return told


def _moment(told: date | datetime | timedelta | None, clock: ZoneInfo) -> tuple[datetime, bool]:
    """Return an aware moment, and whether only its day was told. Raises ValueError."""
    if not isinstance(told, date):
        raise ValueError("An entry has a beginning.")
    if not _YEARS[0] <= told.year <= _YEARS[1]:
        raise ValueError("This is not in our times.")
    if not isinstance(told, datetime):
        return datetime(told.year, told.month, told.day, tzinfo=clock), True
    return (told if told.tzinfo is not None else told.replace(tzinfo=clock)), False


def _end(entry: Any, starts_at: datetime, whole_days: bool, clock: ZoneInfo) -> datetime | None:
    """Return when it ends (RFC 5545 §3.6.1): told, or so long after, or at the end of the day."""
    told = _dt(entry, "DTEND")
    if told is not None:
        return _moment(told, clock)[0]
    length = _dt(entry, "DURATION")
    try:
        if isinstance(length, timedelta):
            return _moment(starts_at + length, clock)[0]
        return starts_at + timedelta(days=1) if whole_days else None
    except OverflowError:
        raise ValueError("This is not in our times.") from None


def _dates(entry: Any, name: str, clock: ZoneInfo) -> tuple[datetime, ...]:
    value = entry.get(name)
    found = []
    for each in value if isinstance(value, list) else [value]:
        for one in getattr(each, "dts", ()):
            # A period (RDATE) begins with its moment.
            told = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            found.append(_moment(told, clock)[0])
            if len(found) > MAX_DATES:
                raise ValueError(f"At most {MAX_DATES} dates in one entry.")
    return tuple(found)


def _rule(entry: Any) -> str:
    try:
        written: bytes = _first(entry, "RRULE").to_ical()
        return written.decode()[:500]
    except (AttributeError, TypeError, ValueError):
        return ""


def _sequence(entry: Any) -> int:
    value = _first(entry, "SEQUENCE")
    return int(value) if isinstance(value, int) and 0 <= value < 2**31 else 0


def _tags(entry: Any) -> tuple[str, ...]:
    value = entry.get("CATEGORIES")
    found: list[str] = []
    for each in value if isinstance(value, list) else [value]:
        try:
            found += [str(word).strip() for word in each.cats][:20]
        except (AttributeError, ValueError):
            continue
    return tuple(dict.fromkeys(word for word in found if word))[:20]


def _point(entry: Any) -> tuple[float, float] | None:
    geo = _first(entry, "GEO")
    try:
        return values.degrees(float(geo.latitude), float(geo.longitude))
    except (AttributeError, TypeError, ValueError):
        return None
