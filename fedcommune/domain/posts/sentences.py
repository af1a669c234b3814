"""An event in one sentence, for those who show nothing else of it (W-EVT-04, product 8.3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from fedcommune.domain.posts.occasions import Occasion
from fedcommune.i18n import day, town, translate


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


_OFF = {
    "cancelled": _("Cancelled."),
    "postponed": _("Postponed."),
    "tentative": _("To be confirmed."),
    "rescheduled": _("At another time than first said."),
    "moved online": _("Now online."),
}
# From one hour to another: no line begins with the dash.
_TO = "\N{NO-BREAK SPACE}– "


def sentence(occasion: Occasion, language: str, *, home: str = "") -> str:
    """Return how it stands, the day, the hours, the place and the price, in *language*.

    The clock is that of the place; it is named when it is another than that of *home*.
    """
    parts = []
    if occasion.status in _OFF:
        parts.append(translate(language, _OFF[occasion.status]))
    where = occasion.where
    if occasion.online_url is not None:
        where = ", ".join(part for part in (where, translate(language, _("online"))) if part)
    facts = [when(occasion, language)]
    if home and occasion.zone != home:
        facts.append(translate(language, _("{zone} time"), zone=town(occasion.zone, language)))
    if where:
        facts.append(where)
    parts.append(f"{', '.join(facts)}.")
    if occasion.price:
        parts.append(f"{occasion.price.rstrip('.')}.")
    return " ".join(parts)


def when(occasion: Occasion, language: str) -> str:
    """Return the day and the hours: "Samedi 12 décembre 2026, 18 h – 22 h"."""
    start, end = occasion.local_start, occasion.local_end
    if occasion.is_all_day:
        assert end is not None, "what takes whole days ends"
        last = end - timedelta(days=1)
        if last.date() == start.date():
            return _first(_day(start, language))
        return f"{_first(_day(start, language))}{_TO}{_day(last, language)}"
    begins = f"{_first(_day(start, language))}, {hour(start, language)}"
    if end is None or end == start:
        return begins
    # A night belongs to the day on which it began.
    if end.date() == start.date() or end - start < timedelta(hours=12):
        return f"{begins}{_TO}{hour(end, language)}"
    return f"{begins}{_TO}{_day(end, language)}, {hour(end, language)}"


def hours(occasion: Occasion, language: str) -> str:
    """Return the hours alone, for those who see the day elsewhere; empty for whole days."""
    start, end = occasion.local_start, occasion.local_end
    if occasion.is_all_day:
        return ""
    begins = hour(start, language)
    if end is None or end == start or end - start >= timedelta(hours=12):
        return begins
    return f"{begins}{_TO}{hour(end, language)}"


def hour(moment: datetime, language: str) -> str:
    """Return an hour as it is said, on one line: "18 h", "18 h 30"; "18:30" elsewhere."""
    if language == "en":
        return f"{moment:%H:%M}"
    said = f"{moment.hour}\N{NO-BREAK SPACE}h"
    return f"{said}\N{NO-BREAK SPACE}{moment.minute:02}" if moment.minute else said


def _day(moment: datetime, language: str) -> str:
    pattern = "EEEE d MMMM y" if language != "en" else "EEEE, d MMMM y"
    return day(moment.date(), pattern, language)


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]
