"""SQL: calendars that events are taken from, and what came of each reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fedcommune.database import Executor

# Of each calendar so many readings are remembered.
KEPT: Final = 50


@dataclass(frozen=True, slots=True)
class Calendar:
    """One row of ``commune.calendar``."""

    id: int
    account_id: int
    url: str
    every: timedelta
    due_at: datetime
    failures: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Pull:
    """What came of one reading; *problem* is empty when all went well."""

    id: int
    calendar_id: int
    pulled_at: datetime
    added: int
    changed: int
    cancelled: int
    skipped: int
    problem: str


async def insert(db: Executor, calendar: Calendar) -> bool:
    """Keep a calendar; return whether it is new."""
    row = await db.fetchrow(
        """
        insert into commune.calendar (id, account_id, url, every, due_at, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (account_id, url) do nothing
        returning id
        """,
        calendar.id,
        calendar.account_id,
        calendar.url,
        calendar.every,
        calendar.due_at,
        calendar.created_at,
    )
    return row is not None


async def delete(db: Executor, account_id: int, calendar_id: int) -> bool:
    """Forget a calendar; return whether there was one."""
    row = await db.fetchrow(
        "delete from commune.calendar where account_id = $1 and id = $2 returning id",
        account_id,
        calendar_id,
    )
    return row is not None


async def of_account(db: Executor, account_id: int) -> list[Calendar]:
    """Return the calendars of one actor, the first first."""
    rows = await db.fetch(
        """
        select id, account_id, url, every, due_at, failures, created_at
        from commune.calendar
        where account_id = $1
        order by id
        """,
        account_id,
    )
    return [Calendar(**row) for row in rows]


async def taken(
    db: Executor, now: datetime, until: datetime, calendar_id: int | None = None
) -> Calendar | None:
    """Return the calendar that is due first, or that one, which nobody else reads *until* then."""
    row = await db.fetchrow(
        """
        update commune.calendar
        set due_at = $2
        where id = (
            select id
            from commune.calendar
            where case when $3::bigint is null then due_at <= $1 else id = $3 end
            order by due_at, id
            limit 1
            for update skip locked
        )
        returning id, account_id, url, every, due_at, failures, created_at
        """,
        now,
        until,
        calendar_id,
    )
    return None if row is None else Calendar(**row)


async def postpone(db: Executor, calendar_id: int, due_at: datetime, *, failures: int) -> None:
    """Read a calendar again then."""
    await db.execute(
        "update commune.calendar set due_at = $2, failures = $3 where id = $1",
        calendar_id,
        due_at,
        failures,
    )


async def items(db: Executor, calendar_id: int) -> dict[tuple[str, str], tuple[int, bytes]]:
    """Return what became of the things in a calendar: (post, digest), by UID and time."""
    rows = await db.fetch(
        """
        select uid, recurrence, post_id, digest
        from commune.calendar_item
        where calendar_id = $1
        """,
        calendar_id,
    )
    return {(row["uid"], row["recurrence"]): (row["post_id"], row["digest"]) for row in rows}


async def keep(
    db: Executor, calendar_id: int, key: tuple[str, str], post_id: int, digest: bytes
) -> None:
    """Write down which event a thing in a calendar has become, and what it said."""
    uid, recurrence = key
    await db.execute(
        """
        insert into commune.calendar_item (calendar_id, uid, recurrence, post_id, digest)
        values ($1, $2, $3, $4, $5)
        on conflict (calendar_id, uid, recurrence) do update
        set post_id = excluded.post_id, digest = excluded.digest
        """,
        calendar_id,
        uid,
        recurrence,
        post_id,
        digest,
    )


async def log(db: Executor, pull: Pull) -> None:
    """Remember what came of a reading, and forget those long ago."""
    await db.execute(
        """
        insert into commune.calendar_pull (id, calendar_id, pulled_at, added, changed, cancelled,
            skipped, problem)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        pull.id,
        pull.calendar_id,
        pull.pulled_at,
        pull.added,
        pull.changed,
        pull.cancelled,
        pull.skipped,
        pull.problem,
    )
    await db.execute(
        """
        delete from commune.calendar_pull
        where calendar_id = $1
          and id not in (
              select id from commune.calendar_pull
              where calendar_id = $1
              order by id desc
              limit $2
          )
        """,
        pull.calendar_id,
        KEPT,
    )


async def pulls(db: Executor, calendar_id: int, *, limit: int = 10) -> list[Pull]:
    """Return what came of the last readings, the latest first."""
    rows = await db.fetch(
        """
        select id, calendar_id, pulled_at, added, changed, cancelled, skipped, problem
        from commune.calendar_pull
        where calendar_id = $1
        order by id desc
        limit $2
        """,
        calendar_id,
        limit,
    )
    return [Pull(**row) for row in rows]
