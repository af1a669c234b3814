"""SQL on the outbox schema: what was said, and to whom it must still be brought."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from outbox.ports import Executor


@dataclass(frozen=True, slots=True)
class Said:
    """One activity as it is sent: exactly these bytes, signed by that actor."""

    key: int
    actor_id: str
    kind: str
    public: bool
    body: bytes
    created_at: datetime

    @property
    def deletes(self) -> bool:
        return self.kind == "Delete"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One activity on its way to one inbox, *attempts* times in vain so far."""

    key: int
    activity: int
    host: str
    inbox: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Postponed:
    """A delivery to be tried again at *next_at*."""

    key: int
    attempts: int
    next_at: datetime


async def add(
    db: Executor,
    *,
    activity_id: str,
    kind: str,
    actor_id: str,
    object_id: str | None,
    public: bool,
    body: bytes,
    inboxes: Sequence[tuple[str, str]],
    ordering: str | None,
    now: datetime,
) -> None:
    """Keep one activity and its deliveries to *inboxes* (host, inbox), and tell the workers.

    No lane is locked: a transaction that publishes never waits for a delivery, nor the
    reverse.
    """
    await db.execute(
        """
        with said as (
            insert into outbox.activity
                (id, type, actor_id, object_id, public, body, created_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (id) where public do update set id = excluded.id
            returning key
        ), queued as (
            insert into outbox.delivery (activity, host, inbox, ordering, next_at)
            select said.key, wanted.host, wanted.inbox, $8, $7
              from said, unnest($9::text[], $10::text[]) with ordinality
                   as wanted (host, inbox, place)
             where not exists (
                select from outbox.lane
                 where lane.host = wanted.host
                   and lane.unavailable_since is not null
                   and lane.paused_until > $7)
             order by wanted.place
            on conflict (activity, inbox) do nothing
            returning host
        )
        insert into outbox.wake (host)
        select distinct host from queued
        """,
        activity_id,
        kind,
        actor_id,
        object_id,
        public,
        body,
        now,
        ordering,
        [host for host, _ in inboxes],
        [inbox for _, inbox in inboxes],
    )
    if inboxes:
        await db.execute("notify outbox")


async def public_activity(db: Executor, activity_id: str) -> bytes | None:
    """Return one of our public activities as it was sent; None if there is none."""
    body: bytes | None = await db.fetchval(
        "select body from outbox.activity where id = $1 and public", activity_id
    )
    return body


async def due(
    db: Executor,
    lanes: Iterable[tuple[str, int]],
    *,
    but: Collection[int],
    now: datetime,
) -> list[Delivery]:
    """Return what is due for each of *lanes* (host, how many at most), the oldest first.

    Without those of the keys *but*, which are under way, and without those that wait for an
    earlier one of the same order to the same inbox (W-DEL-01).
    """
    wanted = list(lanes)
    rows = await db.fetch(
        """
        select d.key, d.activity, d.host, d.inbox, d.attempts
          from unnest($1::text[], $2::int[]) as lane (host, room)
         cross join lateral (
            select key, activity, host, inbox, attempts
              from outbox.delivery
             where delivery.host = lane.host
               and delivery.next_at <= $3
               and delivery.key <> all ($4::bigint[])
               and not exists (
                select from outbox.delivery as earlier
                 where earlier.ordering = delivery.ordering
                   and earlier.inbox = delivery.inbox
                   and earlier.key < delivery.key)
             order by delivery.next_at, delivery.key
             limit lane.room) as d
        """,
        [host for host, _ in wanted],
        [room for _, room in wanted],
        now,
        list(but),
    )
    return [Delivery(**row) for row in rows]


async def said(db: Executor, keys: Collection[int]) -> dict[int, Said]:
    """Return the activities of *keys*; one that was forgotten meanwhile is missing."""
    rows = await db.fetch(
        """
        select key, actor_id, type as kind, public, body, created_at
          from outbox.activity
         where key = any ($1::bigint[])
        """,
        list(keys),
    )
    return {row["key"]: Said(**row) for row in rows}


async def finish(db: Executor, keys: Collection[int]) -> None:
    """Remove deliveries of which nothing more is to be done."""
    await db.execute("delete from outbox.delivery where key = any ($1::bigint[])", list(keys))


async def drop_host(db: Executor, host: str) -> None:
    """Remove everything that waits for the lane *host*."""
    await db.execute("delete from outbox.delivery where host = $1", host)


async def clear(db: Executor, activities: Collection[int]) -> None:
    """Remove those of *activities* that are not public and wait for no inbox any more."""
    await db.execute(
        """
        delete from outbox.activity
         where key = any ($1::bigint[])
           and not public
           and not exists (select from outbox.delivery where delivery.activity = activity.key)
        """,
        list(activities),
    )


async def postpone(db: Executor, postponed: Sequence[Postponed]) -> None:
    """Write down when to try again."""
    await db.execute(
        """
        update outbox.delivery
           set attempts = later.attempts, next_at = later.next_at
          from unnest($1::bigint[], $2::int[], $3::timestamptz[])
               as later (key, attempts, next_at)
         where delivery.key = later.key
        """,
        [one.key for one in postponed],
        [one.attempts for one in postponed],
        [one.next_at for one in postponed],
    )


async def give_up_old(
    db: Executor, host: str, *, before: datetime, deletes_before: datetime
) -> bool:
    """Remove what waits for *host* since before the given times; tell whether there was any."""
    removed = await db.execute(
        """
        delete from outbox.delivery
         using outbox.activity
         where delivery.host = $1
           and activity.key = delivery.activity
           and activity.created_at <
               case when activity.type = 'Delete' then $3::timestamptz else $2::timestamptz end
        """,
        host,
        before,
        deletes_before,
    )
    return removed != "DELETE 0"


async def report_gone(db: Executor, inboxes: Sequence[tuple[str, str]], *, now: datetime) -> None:
    """Note the inboxes (host, inbox) that answered 410."""
    await db.execute(
        """
        insert into outbox.gone (host, inbox, at)
        select host, inbox, $3 from unnest($1::text[], $2::text[]) as gone (host, inbox)
        on conflict (inbox) do nothing
        """,
        [host for host, _ in inboxes],
        [inbox for _, inbox in inboxes],
        now,
    )
