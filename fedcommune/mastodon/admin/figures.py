"""Figures for those who look after the place: measures, dimensions, who stays."""

from __future__ import annotations

import platform
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Final

from msgspec import Struct

import fedcommune
from fedcommune.domain.accounts.roles import Permission
from fedcommune.domain.moderation import figures
from fedcommune.domain.moderation.figures import MEASURES, Share
from fedcommune.errors import Invalid
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.json import moment

LONGEST: Final = timedelta(days=3 * 366)
MOST: Final = 100
_SHARES: Final = {
    "languages": figures.languages,
    "sources": figures.sources,
    "servers": figures.servers,
}


class Datum(Struct, frozen=True, kw_only=True):
    """One day of a measure."""

    date: str
    value: str


class Measure(Struct, frozen=True, kw_only=True):
    """How often something happened, in all, before, and day by day."""

    key: str
    unit: str | None = None
    total: str
    human_value: str | None = None
    previous_total: str | None
    data: list[Datum]


class DimensionDatum(Struct, frozen=True, kw_only=True):
    """How often one of several comes up."""

    key: str
    human_key: str
    value: str
    unit: str | None = None
    human_value: str | None = None


class Dimension(Struct, frozen=True, kw_only=True):
    """What comes up, the most frequent first."""

    key: str
    data: list[DimensionDatum]


class CohortDatum(Struct, frozen=True, kw_only=True):
    """How many of a cohort were still there in one period."""

    date: str
    rate: float
    value: str


class Cohort(Struct, frozen=True, kw_only=True):
    """Who came in one period, and how many of them stayed."""

    period: str
    frequency: str
    data: list[CohortDatum]


async def measures(call: Call) -> Answer:
    """``POST /api/v1/admin/measures``; keys that nobody counts here are left out."""
    since, until = _span(call)
    found = []
    for key in call.params.texts("keys")[:MOST]:
        measure = MEASURES.get(key)
        if measure is None:
            continue
        about = _about(call, key)
        days = await measure(call.db, since, until, about)
        before = await measure(call.db, since - (until - since), since, about)
        found.append(
            Measure(
                key=key,
                total=str(sum(days.values())),
                previous_total=str(sum(before.values())),
                data=[
                    Datum(date=_at(day), value=str(days.get(day, 0)))
                    for day in _each_day(since, until)
                ],
            )
        )
    return found


def _about(call: Call, key: str) -> str:
    """Return the hashtag or the domain that a measure is about."""
    said = call.params.group(key)
    return (said.text("id") or said.text("domain")).strip().removeprefix("#").lower()


async def dimensions(call: Call) -> Answer:
    """``POST /api/v1/admin/dimensions``; keys that nobody counts here are left out."""
    since, until = _span(call)
    limit = max(1, min(call.params.number("limit") or 10, MOST))
    found = []
    for key in call.params.texts("keys")[:MOST]:
        if key in _SHARES:
            shares = await _SHARES[key](call.db, since, until, limit)
            found.append(Dimension(key=key, data=[_share(each) for each in shares]))
        elif key == "space_usage":
            size = await figures.space(call.db)
            found.append(Dimension(key=key, data=[_size("postgresql", "PostgreSQL", size)]))
        elif key == "software_versions":
            versions = {
                "fedcommune": fedcommune.__version__,
                "python": platform.python_version(),
                "postgresql": await figures.version(call.db),
            }
            found.append(Dimension(key=key, data=[_text(*each) for each in versions.items()]))
    return found


def _share(found: Share) -> DimensionDatum:
    return DimensionDatum(key=found.key, human_key=found.key, value=str(found.value))


def _size(key: str, name: str, size: int) -> DimensionDatum:
    return DimensionDatum(
        key=key,
        human_key=name,
        value=str(size),
        unit="bytes",
        human_value=f"{size / 1024**2:.1f} MiB",
    )


def _text(key: str, value: str) -> DimensionDatum:
    return DimensionDatum(key=key, human_key=key, value=value, human_value=value)


async def retention(call: Call) -> Answer:
    """``POST /api/v1/admin/retention``: of those who came, who wrote afterwards."""
    since, until = _span(call)
    frequency = call.params.text("frequency", "day")
    if frequency not in ("day", "month"):
        raise Invalid("frequency", "Choose day or month.")
    if frequency == "day" and until - since > timedelta(days=62):
        raise Invalid("end_at", "Day by day, ask for two months at most.")
    rows = await figures.retention(call.db, since, until, by_month=frequency == "month")
    return [
        Cohort(
            period=_at(began),
            frequency=frequency,
            data=[
                CohortDatum(
                    date=_at(each.on), rate=each.stayed / each.joined, value=str(each.stayed)
                )
                for each in members
            ],
        )
        for began, members in groupby(rows, key=lambda each: each.began)
    ]


def _span(call: Call) -> tuple[datetime, datetime]:
    """Return the beginning of the first day and the end of the last one."""
    first, last = _day(call, "start_at"), _day(call, "end_at")
    since = datetime.combine(first, time(), UTC)
    until = datetime.combine(last, time(), UTC) + timedelta(days=1)
    if not since < until <= since + LONGEST:
        raise Invalid("end_at", "Ask for one day at least, and for three years at most.")
    return since, until


def _day(call: Call, name: str) -> date:
    text = call.params.required(name)
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise Invalid(name, f"{name} must be a date like 2026-11-23.") from None


def _each_day(since: datetime, until: datetime) -> list[date]:
    return [(since + timedelta(days=number)).date() for number in range((until - since).days)]


def _at(day: date) -> str:
    return moment(datetime.combine(day, time(), UTC))


def _asks(word: str, handler: Any) -> Endpoint:
    return Endpoint(
        "POST",
        f"/api/v1/admin/{word}",
        handler,
        "admin:read",
        permission=Permission.VIEW_DASHBOARD,
    )


ENDPOINTS: Final = (
    _asks("measures", measures),
    _asks("dimensions", dimensions),
    _asks("retention", retention),
)
