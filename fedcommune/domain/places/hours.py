"""When a place is open: a part of what OpenStreetMap's opening_hours can say, understood.

Days and months, times of the day, public holidays, "24/7" and "off"; rules apart by semicolons,
of which the later ones count. Whatever says more than that is not guessed at: it stays text.
Source: OpenStreetMap wiki, Key:opening_hours/specification.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
EVERY_DAY: Final = frozenset(range(7))
DAY: Final = 24 * 60
_HOLIDAYS: Final = "PH"
_TIME: Final = r"(?:[01]?[0-9]|2[0-4]):[0-5][0-9]"
_SPAN: Final = re.compile(rf"({_TIME})\s*-\s*({_TIME})")
_RULE: Final = re.compile(
    r"(?P<months>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:[-,](?:Jan|Feb|Mar|Apr"
    r"|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))*)?:?\s*"
    r"(?P<days>(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:\s*[-,]\s*(?:Mo|Tu|We|Th|Fr|Sa|Su|PH))*)?:?\s*"
    rf"(?P<times>off|closed|24/7|{_TIME}\s*-\s*{_TIME}(?:\s*,\s*{_TIME}\s*-\s*{_TIME})*)"
)
# Of each year, by month and day: with those that move with Easter, what the law of France names.
_FIXED: Final = frozenset(
    {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)},
)
_AFTER_EASTER: Final = (1, 39, 50)


@dataclass(frozen=True, slots=True)
class Rule:
    """On these days of these months, open during *spans*; closed when there are none.

    Months count from 1, days from Monday, 0; no months are all of them. Spans are minutes of
    the day; one that ends after 24:00 goes on in the next.
    """

    days: frozenset[int]
    spans: tuple[tuple[int, int], ...]
    months: frozenset[int] = frozenset()
    holidays: bool = False

    def concerns(self, day: date) -> bool:
        return day.weekday() in self.days and (not self.months or day.month in self.months)


def read(text: str) -> tuple[Rule, ...]:
    """Return the rules that *text* says; none when any part of it is not understood."""
    rules = []
    for part in text.split(";"):
        if not part.strip():
            continue
        rule = _rule(part.strip())
        if rule is None:
            return ()
        rules.append(rule)
    return tuple(rules)


def is_open(rules: Sequence[Rule], now: datetime) -> bool | None:
    """Tell whether it is open at *now*, the time of its clocks; None when that cannot be told.

    It cannot without rules, nor on a public holiday of which they say nothing.
    """
    today, yesterday = now.date(), now.date() - timedelta(days=1)
    minute = now.hour * 60 + now.minute
    here, before = _spans(rules, today), _spans(rules, yesterday)
    if here is None or before is None:
        return None
    return any(first <= minute < last for first, last in here) or any(
        minute < last - DAY for _, last in before
    )


def is_holiday(day: date) -> bool:
    """Tell whether *day* is a public holiday everywhere in France (Code du travail, L3133-1)."""
    easter = _easter(day.year)
    return (day.month, day.day) in _FIXED or (day - easter).days in _AFTER_EASTER


def _spans(rules: Sequence[Rule], day: date) -> tuple[tuple[int, int], ...] | None:
    if not rules:
        return None
    if is_holiday(day):
        told = [rule for rule in rules if rule.holidays]
        if told:
            return told[-1].spans
        always = all(rule.days == EVERY_DAY and rule.spans == ((0, DAY),) for rule in rules)
        return ((0, DAY),) if always else None
    found: tuple[tuple[int, int], ...] = ()
    for rule in rules:
        if rule.concerns(day):
            found = rule.spans
    return found


def _rule(text: str) -> Rule | None:
    if text == "24/7":
        return Rule(EVERY_DAY, ((0, DAY),))
    said = _RULE.fullmatch(text)
    if said is None:
        return None
    named = said["days"] or ""
    parts = [part.strip() for part in named.split(",") if part.strip()]
    days = _among(DAYS, [part for part in parts if part != _HOLIDAYS])
    months = _among(MONTHS, (said["months"] or "").split(",") if said["months"] else [])
    spans = _times(said["times"])
    if days is None or months is None or spans is None:
        return None
    holidays = _HOLIDAYS in parts
    if not days and not holidays:
        days = EVERY_DAY
    return Rule(days, spans, frozenset(month + 1 for month in months), holidays)


def _among(names: Sequence[str], parts: Sequence[str]) -> frozenset[int] | None:
    """Return the positions that *parts* name, one by one or as ranges, around the end or not."""
    found: set[int] = set()
    for part in parts:
        first, _, last = (each.strip() for each in part.partition("-"))
        if first not in names or (last and last not in names):
            return None
        at, end = names.index(first), names.index(last or first)
        found.add(at)
        while at != end:
            at = (at + 1) % len(names)
            found.add(at)
    return frozenset(found)


def _times(text: str) -> tuple[tuple[int, int], ...] | None:
    if text in ("off", "closed"):
        return ()
    if text == "24/7":
        return ((0, DAY),)
    spans = []
    for first, last in _SPAN.findall(text):
        start, end = _minutes(first), _minutes(last)
        if start > DAY or end > DAY or start == end:
            return None
        spans.append((start, end if end > start else end + DAY))
    return tuple(spans)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _easter(year: int) -> date:
    """Return Easter Sunday (the anonymous Gregorian algorithm)."""
    century, rest = divmod(year, 100)
    leap, odd = divmod(century, 4)
    moon = (19 * (year % 19) + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sun = (32 + 2 * odd + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (year % 19 + 11 * moon + 22 * sun) // 451
    month, day = divmod(moon + sun - 7 * late + 114, 31)
    return date(year, month, day + 1)
