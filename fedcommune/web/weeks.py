"""Weeks and months of the agenda: what takes place on which day, as much as finds room."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from babel.dates import get_day_names
from starlette.requests import Request

from fedcommune import i18n
from fedcommune.database import Executor
from fedcommune.domain.directory import queries as directory
from fedcommune.domain.events.queries.agenda import Wanted
from fedcommune.domain.events.queries.days import Glance, of_days
from fedcommune.domain.posts import sentences
from fedcommune.domain.posts.occasions import OFF
from fedcommune.web.pages import commune_of, now_of, pages_of

if TYPE_CHECKING:
    from fedcommune.web.agenda import Shown

# In a day of a month, of a week; the list has the rest.
IN_MONTH: Final = 5
IN_WEEK: Final = 40
View = Literal["list", "week", "month"]


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


STATUSES: Final = {
    "cancelled": _("Cancelled"),
    "postponed": _("Postponed"),
    "rescheduled": _("New date"),
    "tentative": _("To be confirmed"),
    "moved online": _("Online"),
}


@dataclass(frozen=True, slots=True)
class Brief:
    """An event as a day of a week or a month shows it."""

    name: str
    page: str
    hour: str
    status: str
    commune: str
    off: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One day; of a month, perhaps *outside*, and with *more* than it has room for."""

    day: date
    name: str
    label: str
    events: Sequence[Shown | Brief]
    today: bool = False
    outside: bool = False
    more: bool = False


async def days_of(
    request: Request, db: Executor, view: View, chosen: date, wanted: Wanted
) -> tuple[list[Day], str, date, date]:
    """Return the days of the week or month of *chosen*, its title, and the days to turn to."""
    zone = ZoneInfo(commune_of(request).instance.timezone)
    language = pages_of(request).language(request)
    first, last, before, after, title = _span(view, chosen, language)
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    room = IN_MONTH if view == "month" else IN_WEEK
    found = await of_days(db, wanted, span, limit=room)
    others = {each.domain for events in found.values() for each in events if not each.local}
    communes = await directory.communes(db, others)
    names = get_day_names("wide", locale=i18n.locale(language))
    today = now_of(request).astimezone(zone).date()
    said = {status: pages_of(request).say(request, name) for status, name in STATUSES.items()}
    days = [
        Day(
            day,
            names[day.weekday()],
            label(day, language),
            [_brief(each, language, communes, said) for each in found.get(day, [])[:room]],
            today=day == today,
            outside=view == "month" and day.month != chosen.month,
            more=len(found.get(day, [])) > room,
        )
        for day in span
    ]
    return days, title, before, after


def _span(view: View, day: date, language: str) -> tuple[date, date, date, date, str]:
    """Return the first and the last day that are shown, where to turn to, and a title."""
    if view == "week":
        monday = day - timedelta(days=day.weekday())
        sunday = monday + timedelta(days=6)
        pattern = "d" if monday.month == sunday.month else "d MMMM"
        title = f"{i18n.day(monday, pattern, language)} – {i18n.day(sunday, 'long', language)}"
        week = timedelta(days=7)
        return monday, sunday, monday - week, monday + week, title
    first = day.replace(day=1)
    last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    before, after = (first - timedelta(days=1)).replace(day=1), last + timedelta(days=1)
    title = _first(i18n.day(first, "MMMM y", language))
    monday = first - timedelta(days=first.weekday())
    return monday, last + timedelta(days=6 - last.weekday()), before, after, title


def _brief(
    glance: Glance, language: str, communes: Mapping[str, str], statuses: Mapping[str, str]
) -> Brief:
    return Brief(
        glance.name,
        f"/events/{glance.post_id}",
        "" if glance.whole_days else sentences.hour(glance.start, language),
        statuses.get(glance.status, ""),
        "" if glance.local else communes.get(glance.domain, glance.domain),
        glance.status in OFF,
    )


def label(day: date, language: str) -> str:
    """Return a day as it stands above what takes place on it."""
    pattern = "EEEE d MMMM" if language != "en" else "EEEE, d MMMM"
    return _first(i18n.day(day, pattern, language))


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]
