"""Look into the inbox, try again, forget: for the command line and the administrators' pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from inbox.ports import Connection, Executor

KEEP_REASONS: Final = timedelta(days=30)
KEEP_FAILED: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class HostStatus:
    """How much of one server waits, and how much our own code failed to handle."""

    host: str
    waiting: int
    failed: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Unheard:
    """What others say that nobody here understands; *object_type* is empty for a mere id."""

    activity_type: str
    object_type: str
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """The inbox in numbers; times are aware, in UTC.

    ``waiting`` counts what its turn will come to, ``postponed`` those of them that were tried
    and must wait until ``next_at`` at least. ``outcomes`` counts what was received and is
    closed: done, ignored, refused, failed, dropped; reasons are kept for 30 days.
    """

    waiting: int
    postponed: int
    oldest: datetime | None
    next_at: datetime | None
    outcomes: dict[str, int]
    hosts: list[HostStatus]
    unheard: list[Unheard]


@dataclass(frozen=True, slots=True)
class Entry:
    """One activity that waits or has failed."""

    id: str
    type: str
    sender: str
    state: str
    received_at: datetime
    tries: int
    faults: int
    again_at: datetime | None
    reason: str


async def status(db: Executor, *, hosts: int = 20) -> Status:
    """Return the inbox in numbers, with the *hosts* of which most waits."""
    waiting = await db.fetchrow(
        """
        select count(*) as waiting, count(postponed_until) as postponed,
            min(received_at) as oldest, min(postponed_until) as next_at
        from inbox.waiting
        """
    )
    outcomes = await db.fetch(
        """
        select coalesce(received.outcome, 'done') as outcome, count(*) as times
        from inbox.received
        where not exists (select 1 from inbox.waiting where waiting.id = received.id)
        group by 1
        order by 1
        """
    )
    per_host = await db.fetch(
        """
        select lane.host, count(*) filter (where not t.failed) as waiting,
            count(*) filter (where t.failed) as failed,
            min(t.received_at) filter (where not t.failed) as oldest
        from (
            select lane_id, received_at, false as failed from inbox.waiting
            union all
            select lane_id, received_at, true from inbox.failed
        ) as t
        join inbox.lane on lane.id = t.lane_id
        group by lane.host
        order by count(*) desc, lane.host
        limit $1
        """,
        hosts,
    )
    unheard = await db.fetch(
        """
        select activity_type, object_type, times, last_at
        from inbox.unheard
        order by times desc, activity_type, object_type
        limit 50
        """
    )
    assert waiting is not None, "an aggregate always has a row"
    return Status(
        waiting=waiting["waiting"],
        postponed=waiting["postponed"],
        oldest=waiting["oldest"],
        next_at=waiting["next_at"],
        outcomes={row["outcome"]: row["times"] for row in outcomes},
        hosts=[HostStatus(**row) for row in per_host],
        unheard=[Unheard(**row) for row in unheard],
    )


async def entries(db: Executor, *, host: str | None = None, limit: int = 100) -> list[Entry]:
    """Return what waits or has failed, the oldest first, of *host* (an authority) or of all."""
    rows = await db.fetch(
        """
        select t.id, t.type, lane.sender, t.state, t.received_at, t.tries, t.faults, t.again_at,
            t.reason
        from (
            select id, lane_id, type, received_at, tries, faults, postponed_until as again_at,
                coalesce(reason, '') as reason,
                case when postponed_until is null then 'waiting' else 'postponed' end as state
            from inbox.waiting
            union all
            select id, lane_id, type, received_at, 0, 3, null, reason, 'failed'
            from inbox.failed
        ) as t
        join inbox.lane on lane.id = t.lane_id
        where $1::text is null or lane.host = $1
        order by t.received_at, t.id
        limit $2
        """,
        host,
        limit,
    )
    return [Entry(**row) for row in rows]


async def retry(db: Connection, activity_id: str | None, now: datetime) -> int:
    """Try again what is postponed or failed: one activity, or all; return how many.

    Their lanes wake, and so do the workers.
    """
    async with db.transaction():
        woken = await db.fetch(
            """
            update inbox.waiting
            set postponed_until = null, tries = 0, faults = 0
            where postponed_until is not null and ($1::text is null or id = $1)
            returning lane_id
            """,
            activity_id,
        )
        revived = await db.fetch(
            """
            with revived as (
                delete from inbox.failed
                where $1::text is null or id = $1
                returning *
            ), remarked as (
                update inbox.received
                set outcome = null, reason = null
                from revived
                where received.id = revived.id
            )
            insert into inbox.waiting (id, lane_id, type, how, about, body, received_at)
            select id, lane_id, type, how, about, body, $2
            from revived
            order by lane_id, received_at
            on conflict (id) do nothing
            returning lane_id
            """,
            activity_id,
            now,
        )
        await _wake(db, [row["lane_id"] for row in woken + revived], now)
    return len(woken) + len(revived)


async def drop(db: Connection, *, activity_id: str | None = None, host: str | None = None) -> int:
    """Forget what waits or failed: one activity, or all of *host* (an authority); how many.

    Their ids stay: sent again, they are not received again. Raises ValueError unless exactly
    one of the two is given.
    """
    if (activity_id is None) == (host is None):
        raise ValueError("Name one activity or one host to drop.")
    return await _close(
        db, "dropped", "Dropped by an administrator.", activity_id=activity_id, host=host
    )


async def refuse_host(db: Connection, host: str) -> int:
    """Refuse what waits from *host* and from every domain below it; return how many.

    *host* is an authority as the block list has it. Source: SEC-MOD-01.
    """
    return await _close(
        db, "refused", "The server of the sender is blocked.", host=host, below=True
    )


async def compact(db: Executor, now: datetime) -> int:
    """Forget reasons older than 30 days, and bodies that failed 90 days ago; return how many.

    The ids stay for all time, with the time of their arrival and a word about the outcome.
    """
    forgotten = await db.fetchval(
        """
        with old as (
            update inbox.received
            set reason = null
            where reason is not null and received_at < $1
            returning 1
        )
        select count(*) from old
        """,
        now - KEEP_REASONS,
    )
    buried = await db.fetchval(
        """
        with old as (
            delete from inbox.failed
            where failed_at < $1
            returning 1
        )
        select count(*) from old
        """,
        now - KEEP_FAILED,
    )
    return int(forgotten) + int(buried)


async def _close(
    db: Connection,
    outcome: str,
    reason: str,
    *,
    activity_id: str | None = None,
    host: str | None = None,
    below: bool = False,
) -> int:
    async with db.transaction():
        rows = await db.fetch(
            """
            with lanes as (
                select id
                from inbox.lane
                where $1::text is null
                    or host = $1
                    or ($2 and right(split_part(host, ':', 1), length($1) + 1) = '.' || $1)
                    or ($2 and split_part(host, ':', 1) = $1)
            ), taken as (
                delete from inbox.waiting
                using lanes
                where lane_id = lanes.id and ($3::text is null or waiting.id = $3)
                returning waiting.id
            ), buried as (
                delete from inbox.failed
                using lanes
                where lane_id = lanes.id and ($3::text is null or failed.id = $3)
                returning failed.id
            )
            select id from taken
            union
            select id from buried
            """,
            host,
            below,
            activity_id,
        )
        await db.execute(
            """
            update inbox.received
            set outcome = $2, reason = $3
            where id = any($1::text[])
            """,
            [row["id"] for row in rows],
            outcome,
            reason,
        )
    return len(rows)


async def _wake(db: Executor, lane_ids: list[int], now: datetime) -> None:
    await db.execute(
        """
        with asleep as (
            select id
            from inbox.lane
            where id = any($1::bigint[]) and (ready_at is null or ready_at > $2)
            order by id
            for no key update
        )
        update inbox.lane
        set ready_at = $2
        from asleep
        where lane.id = asleep.id
        """,
        lane_ids,
        now,
    )
    await db.execute("select pg_notify('inbox', '')")
