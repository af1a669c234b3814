"""The events of Communecter in JSON (product 1.2): when and where, not who comes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

from fedcommune.domain.portability.model import Passed, Refused
from fedcommune.domain.portability.readers import communecter, trees, values
from fedcommune.domain.portability.readers.calendars import Happening

_GROUPS: Final = ("organizations", "organization", "projects", "project")


def read(stream: BinaryIO, timezone: str) -> Iterator[Happening | Refused | Passed]:
    """Yield what each event says; times without a clock are those of *timezone*.

    Raises Unreadable for what is no such list.
    """
    clock = ZoneInfo(timezone)
    for number, (key, element) in enumerate(communecter.elements(trees.read(stream)), 1):
        yield _event(number, key, trees.branch(element), clock)


def _event(
    number: int, key: str, said: Mapping[str, Any], clock: ZoneInfo
) -> Happening | Refused | Passed:
    if communecter.is_person(said):
        return Passed.PERSON
    if communecter.is_closed(said):
        return Passed.WITHHELD
    if "startDate" not in said:
        return Passed.NOTHING
    name = trees.text(said.get("name"))
    key = communecter.id_of(said) or key
    if not name or not communecter.is_id(key):
        return Refused(number, "There is no name, or no id of Communecter.", name)
    try:
        starts_at = _moment(said["startDate"], clock)
        ends_at = _moment(said["endDate"], clock) if said.get("endDate") else None
        point = communecter.point_of(said)
    except (ValueError, OverflowError):
        return Refused(number, "startDate: This is no moment, or no point on Earth.", name)
    whole_days = said.get("allDay") in (True, "true")
    if whole_days:
        last = (ends_at or starts_at).astimezone(clock).date() + timedelta(days=1)
        starts_at = datetime.combine(starts_at.astimezone(clock).date(), datetime.min.time(), clock)
        ends_at = datetime.combine(last, datetime.min.time(), clock)
    if ends_at is not None and ends_at < starts_at:
        return Refused(number, "endDate: It ends before it begins.", name)
    address = trees.branch(said.get("address"))
    where = (address.get(part) for part in ("streetAddress", "postalCode", "addressLocality"))
    type_ = trees.text(said.get("type"))
    return Happening(
        line=number,
        key=key,
        uid=key,
        name=name,
        starts_at=starts_at,
        ends_at=ends_at,
        whole_days=whole_days,
        timezone=str(clock),
        text=trees.text(said.get("description")) or trees.text(said.get("shortDescription")),
        where=" ".join(filter(None, map(trees.text, where))),
        latitude=None if point is None else point[0],
        longitude=None if point is None else point[1],
        website=values.website(trees.text(said.get("url"))),
        tags=tuple(dict.fromkeys(filter(None, (type_, *trees.texts(said.get("tags")))))),
        organisers=_organisers(said),
    )


def _organisers(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of the organisations that organise it; of people none is read."""
    found = {
        **trees.branch(trees.branch(said.get("links")).get("organizer")),
        **trees.branch(said.get("organizer")),
    }
    return tuple(
        str(key)
        for key, each in found.items()
        if communecter.is_id(str(key)) and trees.text(trees.branch(each).get("type")) in _GROUPS
    )[:10]


def _moment(value: object, clock: ZoneInfo) -> datetime:
    """Return a moment: ISO 8601, or as MongoDB writes it (sec). Raises ValueError."""
    if isinstance(value, dict):
        seconds = value.get("sec", value.get("$date"))
        if isinstance(seconds, dict):
            seconds = seconds.get("$numberLong")
        told = float(trees.text(seconds))
        told /= 1_000 if "$date" in value else 1
        if not math.isfinite(told) or not 0 <= told < 7_258_118_400:  # the year 2200
            raise ValueError("this is not in our times")
        return datetime.fromtimestamp(told, UTC).astimezone(clock)
    moment = datetime.fromisoformat(trees.text(value))
    if not 1970 <= moment.year <= 2200:
        raise ValueError("this is not in our times")
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=clock)
