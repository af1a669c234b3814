"""Opening hours in the words of the reader."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from babel.dates import format_time, get_day_names, get_month_names

from fedcommune import i18n
from fedcommune.domain.places import hours
from fedcommune.domain.places.hours import DAY, EVERY_DAY, Rule


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Hours:
    """When something is open: a line each for days and their times, or the text as it is.

    ``now`` is whether it is open now; None when that cannot be told.
    """

    lines: list[tuple[str, str]]
    text: str
    now: bool | None


def in_words(text: str, language: str, now: datetime, zone: str) -> Hours:
    """Return what the opening hours *text* means, read at *now* (UTC) in *zone*."""
    rules = hours.read(text)
    if not rules:
        return Hours([], text, None)
    lines = [(_when(rule, language), _times(rule, language)) for rule in rules]
    return Hours(lines, "", hours.is_open(rules, now.astimezone(ZoneInfo(zone))))


def in_a_line(text: str, language: str) -> str:
    """Return what the opening hours *text* means, in one line; *text* when nobody can tell."""
    rules = hours.read(text)
    if not rules:
        return text
    said = _("{days}: {times}")
    return " · ".join(
        i18n.translate(language, said, days=_when(each, language), times=_times(each, language))
        for each in rules
    )


def _when(rule: Rule, language: str) -> str:
    locale = i18n.locale(language)
    parts = []
    if rule.months:
        names = get_month_names("wide", locale=locale)
        parts.append(
            _names([each - 1 for each in rule.months], 12, language, lambda at: names[at + 1])
        )
    if rule.days == EVERY_DAY:
        parts.append(i18n.translate(language, _("every day")))
    elif rule.days:
        days = get_day_names("wide", locale=locale)
        parts.append(_names(rule.days, 7, language, lambda at: days[at]))
    if rule.holidays:
        parts.append(i18n.translate(language, _("public holidays")))
    return ", ".join(parts)


def _times(rule: Rule, language: str) -> str:
    if not rule.spans:
        return i18n.translate(language, _("not open"))
    if rule.spans == ((0, DAY),):
        return i18n.translate(language, _("day and night"))
    locale = i18n.locale(language)

    def said(minutes: int) -> str:
        hour, minute = divmod(minutes % DAY, 60)
        return format_time(time(hour, minute), "short", locale=locale)

    to = "\N{NO-BREAK SPACE}– "
    return ", ".join(f"{said(first)}{to}{said(last)}" for first, last in rule.spans)


def _names(found: Collection[int], size: int, language: str, name: Callable[[int], str]) -> str:
    """Return *found*, positions in a round of *size*, as ranges of names."""
    firsts = sorted(at for at in found if (at - 1) % size not in found)
    ranges = []
    for first in firsts:
        last = first
        while (last + 1) % size in found:
            last = (last + 1) % size
        if first == last:
            ranges.append(name(first))
        elif (first + 1) % size == last:
            ranges += [name(first), name(last)]
        else:
            ranges.append(
                i18n.translate(language, _("{first} to {last}"), first=name(first), last=name(last))
            )
    return ", ".join(ranges)
