"""When something takes place again: the part of RRULE that people use (RFC 5545, 3.3.10).

``FREQ`` (DAILY, WEEKLY, MONTHLY, YEARLY), ``INTERVAL``, ``COUNT``, ``UNTIL``, ``BYDAY`` (with a
position in a month: 2SA, -1FR) and ``BYMONTHDAY``. Everything is counted on the clock of the
place: a market at six stays at six when the clocks change.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from fedcommune.errors import Invalid

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
FREQUENCIES: Final[tuple[Frequency, ...]] = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MAX_COUNT: Final = 1_000
MAX_INTERVAL: Final = 100
# So many days, weeks, months or years are looked through for the next time (SEC-PAR-06).
MAX_STEPS: Final = 5_000
_BYDAY: Final = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL: Final = re.compile(r"(\d{8})(T\d{6}Z?)?", re.ASCII)


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Rule:
    """When it takes place again. *by_day* are (position in the month or 0, weekday)."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | None = None
    by_day: tuple[tuple[int, int], ...] = ()
    by_month_day: tuple[int, ...] = ()

    def __str__(self) -> str:
        parts = [f"FREQ={self.frequency}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.by_day:
            days = (f"{position or ''}{DAYS[day]}" for position, day in self.by_day)
            parts.append(f"BYDAY={','.join(days)}")
        if self.by_month_day:
            parts.append(f"BYMONTHDAY={','.join(str(day) for day in self.by_month_day)}")
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until:%Y%m%d}")
        return ";".join(parts)


def read(text: str) -> Rule:
    """Return the rule that *text* is. Raises :class:`Invalid` for what is not understood.

    A rule that is only half understood is refused: it would put people on the wrong day.
    """
    parts: dict[str, str] = {}
    for part in text.strip().removeprefix("RRULE:").upper().split(";"):
        name, sign, value = part.partition("=")
        if not sign or name in parts or not value:
            raise _not_understood()
        parts[name] = value
    wanted = parts.pop("FREQ", "")
    frequency = next((each for each in FREQUENCIES if each == wanted), None)
    parts.pop("WKST", None)
    if frequency is None:
        raise _not_understood()
    rule = Rule(
        frequency,
        _number(parts.pop("INTERVAL", "1"), MAX_INTERVAL),
        _number(parts.pop("COUNT"), MAX_COUNT) if "COUNT" in parts else None,
        _day(parts.pop("UNTIL")) if "UNTIL" in parts else None,
        tuple(_weekday(each, frequency) for each in _list(parts.pop("BYDAY", ""))),
        tuple(_month_day(each, frequency) for each in _list(parts.pop("BYMONTHDAY", ""))),
    )
    if parts or (rule.by_day and rule.by_month_day) or (rule.count and rule.until):
        raise _not_understood()
    return rule


def occurrences(rule: Rule, first: datetime) -> Iterator[datetime]:
    """Yield the times of *rule* on a clock without a zone, from *first* on, in their order.

    *first* always counts as one of them (RFC 5545, 3.8.5.3). It ends after ``MAX_STEPS`` steps
    without a time, so that no rule keeps anybody busy.
    """
    for given, day in enumerate(_days(rule, first.date())):
        if rule.until is not None and day > rule.until:
            return
        if rule.count is not None and given >= rule.count:
            return
        yield datetime.combine(day, first.time())


def between(
    rule: Rule, first: datetime, zone: str, after: datetime, until: datetime, *, limit: int
) -> list[datetime]:
    """Return the moments (UTC) of *rule* later than *after* and not later than *until*.

    *first* is on the clock of *zone*; at most *limit* are returned.
    """
    found: list[datetime] = []
    for local in occurrences(rule, first):
        moment = at(local, zone)
        if moment > until or len(found) >= limit:
            break
        if moment > after:
            found.append(moment)
    return found


def at(local: datetime, zone: str) -> datetime:
    """Return the moment (UTC) at which the clock of *zone* shows *local*.

    An hour that is left out in spring is taken an hour later, one that comes twice in autumn
    the first time, as RFC 5545 has it (3.3.5).
    """
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def on_clock(moment: datetime, zone: str) -> datetime:
    """Return what the clock of *zone* shows at *moment*, without a zone."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _days(rule: Rule, first: date) -> Iterator[date]:
    last: date | None = None
    empty = 0
    for candidates in _periods(rule, first):
        fresh = [day for day in candidates if day >= first and (last is None or day > last)]
        if last is None and first not in fresh:
            fresh.insert(0, first)
        empty = 0 if fresh else empty + 1
        if empty > MAX_STEPS:
            return
        for day in fresh:
            last = day
            yield day


def _periods(rule: Rule, first: date) -> Iterator[list[date]]:
    """Yield, for each day, week, month or year in turn, its days, sorted."""
    step = 0
    while True:
        try:
            yield sorted(_of_period(rule, first, step * rule.interval))
        except (ValueError, OverflowError):
            return
        step += 1


def _of_period(rule: Rule, first: date, step: int) -> set[date]:
    match rule.frequency:
        case "DAILY":
            day = first + timedelta(days=step)
            allowed = {weekday for _, weekday in rule.by_day}
            return {day} if not allowed or day.weekday() in allowed else set()
        case "WEEKLY":
            monday = first - timedelta(days=first.weekday()) + timedelta(weeks=step)
            weekdays = [weekday for _, weekday in rule.by_day] or [first.weekday()]
            return {monday + timedelta(days=weekday) for weekday in weekdays}
        case "MONTHLY":
            months = first.year * 12 + first.month - 1 + step
            return _of_month(rule, first, months // 12, months % 12 + 1)
        case "YEARLY":
            return _of_month(rule, first, first.year + step, first.month)


def _of_month(rule: Rule, first: date, year: int, month: int) -> set[date]:
    length = calendar.monthrange(year, month)[1]
    if not rule.by_day:
        wanted = rule.by_month_day or (first.day,)
        days = (day if day > 0 else length + 1 + day for day in wanted)
        return {date(year, month, day) for day in days if 1 <= day <= length}
    found: set[date] = set()
    for position, weekday in rule.by_day:
        days_ = [
            date(year, month, day)
            for day in range(1, length + 1)
            if date(year, month, day).weekday() == weekday
        ]
        if position == 0:
            found.update(days_)
        elif abs(position) <= len(days_):
            found.add(days_[position - 1 if position > 0 else position])
    return found


def _list(text: str) -> list[str]:
    return list(dict.fromkeys(text.split(",")))[:31] if text else []


def _number(text: str, limit: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 0 < int(text) <= limit):
        raise _not_understood()
    return int(text)


def _day(text: str) -> date:
    match = _UNTIL.fullmatch(text)
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError:
        raise _not_understood() from None


def _weekday(text: str, frequency: str) -> tuple[int, int]:
    match = _BYDAY.fullmatch(text)
    if match is None or (match[1] and frequency not in ("MONTHLY", "YEARLY")):
        raise _not_understood()
    return int(match[1] or 0), DAYS.index(match[2])


def _month_day(text: str, frequency: str) -> int:
    number = _number(text.removeprefix("-"), 31)
    if frequency not in ("MONTHLY", "YEARLY"):
        raise _not_understood()
    return -number if text.startswith("-") else number


def _not_understood() -> Invalid:
    return Invalid(
        "rule",
        _("This rule is not understood: write for instance FREQ=WEEKLY;BYDAY=SA;COUNT=10."),
    )
