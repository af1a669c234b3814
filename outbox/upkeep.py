"""What waits for whom since when; retry, drop, revive, forget: for commands and pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from outbox.ports import Executor

State = Literal["well", "troubled", "paused", "unavailable"]


@dataclass(frozen=True, slots=True)
class HostStatus:
    """How one host stands. *oldest*: when the oldest waiting activity was published."""

    host: str
    waiting: int
    oldest: datetime | None
    next_attempt: datetime | None
    failures: int
    state: State
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_error: str | None


async def status(db: Executor, *, now: datetime | None = None) -> list[HostStatus]:
    """Return each host for which something waits or that is not well, by name.

    *now* is aware, the present when it is not given.
    """
    rows = await db.fetch(
        """
        select coalesce(waiting.host, lane.host) as host,
               coalesce(waiting.count, 0) as waiting,
               waiting.oldest,
               greatest(waiting.next_at, lane.paused_until) as next_attempt,
               coalesce(lane.failures, 0) as failures,
               case when lane.unavailable_since is not null then 'unavailable'
                    when lane.paused_until > $1 then 'paused'
                    when lane.failures > 0 then 'troubled'
                    else 'well' end as state,
               lane.last_success_at, lane.last_failure_at, lane.last_error
          from (select delivery.host, count(*)::int as count,
                       min(activity.created_at) as oldest, min(delivery.next_at) as next_at
                  from outbox.delivery
                  join outbox.activity on activity.key = delivery.activity
                 group by delivery.host) as waiting
          full join outbox.lane on lane.host = waiting.host
         where waiting.host is not null
            or lane.failures > 0
            or lane.paused_until > $1
            or lane.unavailable_since is not null
         order by 1
        """,
        now or _present(),
    )
    return [
        HostStatus(**{**row, "next_attempt": row["next_attempt"] if row["waiting"] else None})
        for row in rows
    ]


async def pending(db: Executor) -> int:
    """Return how many deliveries wait, those under way included."""
    waiting: int = await db.fetchval("select count(*) from outbox.delivery")
    return waiting


async def unavailable(db: Executor, *, since: datetime | None = None) -> list[str]:
    """Return the hosts to which nothing is brought any more, by name (W-DEL-04).

    With *since* (aware): those for whom that began at or before that moment.
    """
    rows = await db.fetch(
        """
        select host
          from outbox.lane
         where unavailable_since is not null
           and ($1::timestamptz is null or unavailable_since <= $1)
         order by host
        """,
        since,
    )
    return [row["host"] for row in rows]


async def retry(db: Executor, host: str | None = None, *, now: datetime | None = None) -> int:
    """Make everything that waits for *host* (None: for anybody) due; return how many.

    Pauses end; a breaker that was open lets one through to see.
    """
    made_due = await db.execute(
        """
        update outbox.delivery set next_at = least(next_at, $2)
         where $1::text is null or host = $1
        """,
        host,
        now or _present(),
    )
    await db.execute(
        """
        update outbox.lane set paused_until = null
         where ($1::text is null or host = $1) and paused_until is not null
        """,
        host,
    )
    await db.execute(
        """
        insert into outbox.wake (host)
        select distinct host from outbox.delivery where $1::text is null or host = $1
        """,
        host,
    )
    await db.execute("notify outbox")
    return _count(made_due)


async def drop(db: Executor, which: str) -> int:
    """Drop what waits of one activity (its id) or for one host (its authority); say how many."""
    if "://" not in which:
        return await _drop(db, "", which)
    return await _drop(db, which, "")


async def drop_host(db: Executor, host: str) -> int:
    """Drop what waits for *host* and every host below it, whatever the port (SEC-MOD-01).

    ``evil.example`` also means ``a.evil.example``, never ``notevil.example``. A *host* with a
    port means exactly that one. Returns how many deliveries were dropped.
    """
    dropped = await db.execute(
        """
        delete from outbox.delivery
         where host = $1
            or (strpos($1, ':') = 0
                and (split_part(host, ':', 1) = $1
                     or right(split_part(host, ':', 1), length($1) + 1) = '.' || $1))
        """,
        host,
    )
    return _count(dropped)


async def revive(db: Executor, host: str, *, now: datetime | None = None) -> None:
    """Believe in *host* again: it has just sent us something verified (W-DEL-04).

    Unavailable becomes available. An open breaker lets one request through at once, unless
    the last failure is less than a minute old. Costs one look when there is nothing to do.
    """
    revived = await db.fetchval(
        """
        update outbox.lane
           set unavailable_since = null, exhausted_on = '{}', paused_until = null
         where host = $1
           and (unavailable_since is not null
                or exhausted_on <> '{}'
                or (failures > 0 and paused_until is not null))
           and (last_failure_at is null or last_failure_at <= $2)
        returning host
        """,
        host,
        (now or _present()) - timedelta(minutes=1),
    )
    if revived is not None:
        await db.execute("insert into outbox.wake (host) values ($1)", host)
        await db.execute("notify outbox")


async def forget(db: Executor, object_id: str) -> None:
    """Drop every body about *object_id*, and its deliveries, except its Delete.

    For what was deleted: neither the address of an old activity nor a late delivery may
    bring it back.
    """
    await db.execute(
        "delete from outbox.activity where object_id = $1 and type <> 'Delete'", object_id
    )


async def gone_inboxes(db: Executor) -> list[str]:
    """Return the inboxes that answered 410, the oldest first, to be confirmed (W-DEL-02)."""
    rows = await db.fetch("select inbox from outbox.gone order by at, inbox")
    return [row["inbox"] for row in rows]


async def forget_gone(db: Executor, inboxes: Collection[str]) -> None:
    """Take *inboxes* off the list: their actors have been looked at."""
    await db.execute("delete from outbox.gone where inbox = any ($1::text[])", list(inboxes))


async def prune(db: Executor, *, public_before: datetime, now: datetime | None = None) -> int:
    """Remove what nobody needs: return how many activities.

    Delivered public activities older than *public_before*, private ones that nothing waits
    for any more, lanes that are well and idle for 30 days.
    """
    now = now or _present()
    removed = await db.execute(
        """
        delete from outbox.activity
         where created_at < case when public then $1::timestamptz else $2::timestamptz end
           and not exists (select from outbox.delivery where delivery.activity = activity.key)
        """,
        public_before,
        now - timedelta(hours=1),
    )
    await db.execute(
        """
        delete from outbox.lane
         where not woken
           and served_at < $1
           and lease_until is null
           and unavailable_since is null
           and (paused_until is null or paused_until < $1)
           and not exists (select from outbox.delivery where delivery.host = lane.host)
        """,
        now - timedelta(days=30),
    )
    return _count(removed)


async def _drop(db: Executor, activity_id: str, host: str) -> int:
    dropped = await db.execute(
        """
        delete from outbox.delivery
         using outbox.activity
         where activity.key = delivery.activity
           and (activity.id = $1 or delivery.host = $2)
        """,
        activity_id,
        host,
    )
    return _count(dropped)


def _count(tag: str) -> int:
    return int(tag.rpartition(" ")[2])


def _present() -> datetime:
    return datetime.now(UTC)
