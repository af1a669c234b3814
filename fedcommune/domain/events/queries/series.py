"""SQL: what takes place again and again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fedcommune.database import Executor


@dataclass(frozen=True, slots=True)
class Series:
    """One row of ``commune.series``; *first_start* is on the clock of *zone*."""

    id: int
    organiser_id: int
    rule: str
    zone: str
    first_start: datetime
    made_until: datetime
    ended_at: datetime | None


async def insert(
    db: Executor,
    series_id: int,
    organiser_id: int,
    rule: str,
    zone: str,
    first_start: datetime,
    made_until_: datetime,
) -> None:
    """Keep that something takes place again and again."""
    await db.execute(
        """
        insert into commune.series (id, organiser_id, rule, timezone, first_start, made_until)
        values ($1, $2, $3, $4, $5, $6)
        """,
        series_id,
        organiser_id,
        rule,
        zone,
        first_start,
        made_until_,
    )


async def locked(db: Executor, series_id: int) -> Series | None:
    """Return a series, its row locked: who makes the next times does so alone."""
    row = await db.fetchrow(
        """
        select id, organiser_id, rule, timezone as zone, first_start, made_until, ended_at
        from commune.series
        where id = $1
        for update
        """,
        series_id,
    )
    return None if row is None else Series(**row)


async def due(db: Executor, before: datetime, *, limit: int = 50) -> list[int]:
    """Return the series of which the next times are to be made: made only until *before*."""
    rows = await db.fetch(
        """
        select id
        from commune.series
        where ended_at is null
          and made_until < $1
        order by made_until
        limit $2
        """,
        before,
        limit,
    )
    return [row["id"] for row in rows]


async def made_until(db: Executor, series_id: int, until: datetime) -> None:
    """Write how far there is an event for each time."""
    await db.execute("update commune.series set made_until = $2 where id = $1", series_id, until)


async def end(db: Executor, series_id: int, now: datetime) -> None:
    """Let nothing more come of a series."""
    await db.execute(
        "update commune.series set ended_at = $2 where id = $1 and ended_at is null",
        series_id,
        now,
    )
