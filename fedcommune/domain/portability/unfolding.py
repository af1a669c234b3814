"""What takes place again and again, a time at a time: rules, times left out, added and moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from fedcommune.domain.events import recurrence
from fedcommune.domain.portability.model import Passed, Refused, Unreadable
from fedcommune.domain.portability.readers.calendars import Happening
from fedcommune.domain.posts.occasions import LONGEST, zones
from fedcommune.errors import Invalid

# What repeats is spelled out so far ahead; a later import brings the rest.
AHEAD: Final = timedelta(days=180)
MAX_TIMES: Final = 100
MOST: Final = 20_000
Told = Happening | Refused | Passed


def zone_of(happening: Happening, timezone: str) -> str:
    """Return the IANA name of the clock of an event; that of the commune when it is none."""
    known = happening.timezone in zones() and happening.timezone not in ("UTC", "Etc/UTC")
    return happening.timezone if known else timezone


def unfold(rows: Iterable[Told], *, timezone: str, now: datetime) -> Iterator[Told]:
    """Yield *rows* in their order, each time of what repeats as a row of its own.

    Its key says which time it is. What is said of one time alone (RECURRENCE-ID) stands for it;
    times that were left out come as cancelled, because they may have been announced before. A
    rule that is only half understood is refused: it would put people on the wrong day. Raises
    Unreadable for far more times than a commune has.
    """
    for number, row in enumerate(_unfolded(list(rows), timezone, now)):
        if number >= MOST:
            raise Unreadable(f"At most {MOST} times in one file: take only what is to come.")
        yield row


def _unfolded(rows: list[Told], timezone: str, now: datetime) -> Iterator[Told]:
    alone = {
        (row.uid, row.instead_of.astimezone(UTC)): row
        for row in rows
        if isinstance(row, Happening) and row.instead_of is not None
    }
    given: set[tuple[str, datetime]] = set()
    for row in rows:
        if not isinstance(row, Happening) or row.instead_of is not None:
            continue
        if row.rule or row.also_at:
            given |= {(row.uid, moment) for moment in _moments(row, timezone, now)}
    for row in rows:
        if isinstance(row, Happening) and (row.rule or row.also_at) and row.instead_of is None:
            yield from _times(row, alone, timezone, now)
        elif isinstance(row, Happening) and row.instead_of is not None:
            moment = row.instead_of.astimezone(UTC)
            if (row.uid, moment) not in given:
                yield _one(row, moment)
        else:
            yield row


def _times(
    row: Happening, alone: dict[tuple[str, datetime], Happening], timezone: str, now: datetime
) -> Iterator[Told]:
    try:
        recurrence.read(row.rule) if row.rule else None
    except Invalid as error:
        yield Refused(row.line, f"RRULE: {error}", row.name)
        return
    lasts = None if row.ends_at is None else row.ends_at - row.starts_at
    left_out = {each.astimezone(UTC) for each in row.except_at}
    for moment in _moments(row, timezone, now):
        other = alone.get((row.uid, moment))
        if other is not None:
            yield _one(other, moment)
            continue
        moved = replace(
            row,
            starts_at=moment,
            ends_at=None if lasts is None else moment + lasts,
            cancelled=row.cancelled or moment in left_out,
        )
        yield _one(moved, moment)


def _moments(row: Happening, timezone: str, now: datetime) -> list[datetime]:
    """Return when it takes place (UTC) in the months to come; nothing for an odd rule."""
    first, until = row.starts_at.astimezone(UTC), now + AHEAD
    found = {each.astimezone(UTC) for each in row.also_at} | {first}
    if row.rule:
        zone = zone_of(row, timezone)
        try:
            rule = recurrence.read(row.rule)
        except Invalid:
            return []
        local = recurrence.on_clock(first, zone)
        found |= set(recurrence.between(rule, local, zone, now - LONGEST, until, limit=MAX_TIMES))
    return sorted(each for each in found if now - LONGEST < each <= until)[:MAX_TIMES]


def _one(row: Happening, moment: datetime) -> Happening:
    """Return one time of a series under a key of its own."""
    return replace(
        row,
        key=f"{row.uid}#{moment:%Y%m%dT%H%M%SZ}",
        instead_of=moment,
        except_at=(),
        also_at=(),
    )
