"""Read somebody else's calendar: bytes that we did not write, with ceilings (SEC-PAR-06)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from fedcommune.domain.events import recurrence
from fedcommune.domain.posts.occasions import LONGEST, MAX_LINE, MAX_NAME, zones
from fedcommune.errors import Invalid
from fedcommune.text import html
from federation.vocabulary.events import CATEGORIES, Status


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


MAX_BYTES: Final = 2 * 1024 * 1024
MAX_ENTRIES: Final = 2_000
MAX_ITEMS: Final = 500
MAX_TIMES: Final = 100
MAX_PROBLEMS: Final = 20
MAX_UID: Final = 500
# What is longer ago is not announced any more, what is farther away not yet.
BEHIND: Final = timedelta(days=1)
AHEAD: Final = timedelta(days=180)
_STATUS: Final[dict[str, Status]] = {"CANCELLED": "cancelled", "TENTATIVE": "tentative"}


@dataclass(frozen=True, slots=True)
class Item:
    """One time of one thing in a calendar; *recurrence* is empty for what takes place once."""

    uid: str
    recurrence: str
    name: str
    starts_at: datetime
    ends_at: datetime | None
    zone: str
    status: Status
    text: str
    place: str
    url: str | None
    category: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a calendar says of the months to come.

    *is_whole*: nothing was left out, so what is not among *items* is no longer in it.
    """

    items: tuple[Item, ...]
    problems: tuple[str, ...] = ()
    is_whole: bool = True


def read(content: bytes, *, zone: str, now: datetime) -> Found:
    """Return what the iCalendar file *content* says. Raises :class:`Invalid` for what is none.

    Times without a zone are on the clock of *zone*. What repeats is spelled out, for the part
    of RRULE that is understood; what is not understood is left out, and said so.
    """
    from icalendar import Calendar  # with the first calendar that is read

    if len(content) > MAX_BYTES:
        raise Invalid(
            "calendar", _("This calendar has more than {size} KiB."), size=MAX_BYTES // 1024
        )
    if not content.lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(b"BEGIN:VCALENDAR"):
        raise Invalid("calendar", _("This is no calendar: it must begin with BEGIN:VCALENDAR."))
    try:
        entries = Calendar.from_ical(content.decode("utf-8-sig", "replace")).walk("VEVENT")
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Invalid("calendar", f"This calendar cannot be read: {error}"[:300]) from None
    reading = _Reading(zone, now)
    for entry in entries[:MAX_ENTRIES]:
        reading.take(entry)
    return reading.found(is_whole=len(entries) <= MAX_ENTRIES)


class _Reading:
    """One reading on its way: what was found, and which times are said to be different."""

    def __init__(self, zone: str, now: datetime) -> None:
        self._zone = zone
        self._from, self._until = now - BEHIND, now + AHEAD
        self._items: dict[tuple[str, str], Item] = {}
        self._different: dict[tuple[str, str], Item] = {}
        self._problems: list[str] = []
        self._half = False

    def take(self, entry: Any) -> None:
        """Take one VEVENT; one that cannot be read is left out, and said so."""
        name = html.line(str(entry.get("SUMMARY", "")), limit=MAX_NAME)
        try:
            self._entry(entry, name)
        except (Invalid, ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
            self._half = True
            if len(self._problems) < MAX_PROBLEMS:
                self._problems.append(f"{name or '?'}: {error}"[:200])

    def found(self, *, is_whole: bool) -> Found:
        for key, item in self._different.items():
            self._items[key] = item
        near = [item for item in self._items.values() if self._is_near(item)]
        near.sort(key=lambda item: (item.starts_at, item.uid))
        whole = is_whole and not self._half and len(near) <= MAX_ITEMS
        return Found(tuple(near[:MAX_ITEMS]), tuple(self._problems), whole)

    def _is_near(self, item: Item) -> bool:
        return (item.ends_at or item.starts_at) >= self._from and item.starts_at <= self._until

    def _entry(self, entry: Any, name: str) -> None:
        uid = str(entry["UID"])[:MAX_UID].replace("\x00", "")
        start, zone = self._moment(entry["DTSTART"].dt)
        ends_at = self._end(entry, start)
        geo = entry.get("GEO")
        item = Item(
            uid=uid,
            recurrence="",
            name=name,
            starts_at=start,
            ends_at=ends_at,
            zone=zone,
            status=_STATUS.get(str(entry.get("STATUS", "")).upper(), "confirmed"),
            text=str(entry.get("DESCRIPTION", "")).replace("\x00", "").strip(),
            place=html.line(str(entry.get("LOCATION", "")), limit=MAX_LINE),
            url=_web(entry.get("URL")),
            category=_category(entry),
            latitude=float(geo.latitude) if geo is not None else None,
            longitude=float(geo.longitude) if geo is not None else None,
        )
        if "RECURRENCE-ID" in entry:
            key = self._key(entry["RECURRENCE-ID"].dt)
            self._different[(uid, key)] = replace(item, recurrence=key)
            return
        rule = entry.get("RRULE")
        if rule is None:
            self._items[(uid, "")] = item
            return
        self._repeated(entry, item, rule)

    def _repeated(self, entry: Any, item: Item, rule: Any) -> None:
        if isinstance(rule, list):
            raise Invalid("rule", _("Several rules are not understood."))
        understood = recurrence.read(rule.to_ical().decode())
        left_out = {self._key(each.dt) for each in _dates(entry.get("EXDATE"))}
        first = item.starts_at.astimezone(ZoneInfo(item.zone)).replace(tzinfo=None)
        lasts = None if item.ends_at is None else item.ends_at - item.starts_at
        times = recurrence.between(
            understood,
            first,
            item.zone,
            self._from - LONGEST,
            self._until,
            limit=MAX_TIMES,
        )
        for moment in times:
            key = self._key(moment)
            if key not in left_out:
                self._items[(item.uid, key)] = replace(
                    item,
                    recurrence=key,
                    starts_at=moment,
                    ends_at=None if lasts is None else moment + lasts,
                )

    def _moment(self, value: date | datetime) -> tuple[datetime, str]:
        """Return a moment (UTC) and the name of its clock."""
        if not isinstance(value, datetime):
            return recurrence.at(datetime.combine(value, time()), self._zone), self._zone
        if value.tzinfo is None:
            return recurrence.at(value, self._zone), self._zone
        name = str(getattr(value.tzinfo, "key", ""))
        known = name if name in zones() and name not in ("UTC", "Etc/UTC") else self._zone
        return value.astimezone(UTC), known

    def _key(self, value: date | datetime) -> str:
        return self._moment(value)[0].strftime("%Y%m%dT%H%M%SZ")

    def _end(self, entry: Any, start: datetime) -> datetime | None:
        if "DTEND" in entry:
            end = self._moment(entry["DTEND"].dt)[0]
        elif "DURATION" in entry:
            end = start + entry["DURATION"].dt
        elif not isinstance(entry["DTSTART"].dt, datetime):
            end = start + timedelta(days=1)
        else:
            return None
        return end if timedelta(0) < end - start <= LONGEST else None


def _dates(value: Any) -> list[Any]:
    found: list[Any] = []
    for each in value if isinstance(value, list) else [value]:
        if each is not None:
            found += each.dts
    return found[: 10 * MAX_TIMES]


def _web(value: object) -> str | None:
    address = "" if value is None else str(value).strip()
    return address if address.startswith(("https://", "http://")) and len(address) < 1_000 else None


def _category(entry: Any) -> str:
    said = entry.get("CATEGORIES")
    words = [] if said is None else said if isinstance(said, list) else [said]
    for word in words:
        for each in getattr(word, "cats", []):
            if str(each).upper() in CATEGORIES:
                return str(each).upper()
    return ""
