"""SQL on the outbox schema: lanes are woken, leased, and written back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from outbox.lanes import Dialect, Health
from outbox.ports import Executor


@dataclass(frozen=True, slots=True)
class LaneState:
    """What is written back of a leased lane; *released*: we are done with it for now."""

    host: str
    health: Health
    released: bool


async def ring(db: Executor, *, now: datetime) -> list[str]:
    """Turn what publishers have added into woken lanes; return the hosts."""
    rows = await db.fetch(
        """
        with rung as (
            delete from outbox.wake
             where key in (select key from outbox.wake order by key limit 5000
                              for update skip locked)
            returning host
        )
        insert into outbox.lane (host, woken)
        select distinct host, true from rung order by host
        on conflict (host) do update
        set woken = lane.paused_until is null or lane.paused_until <= $1,
            next_at = case when lane.paused_until > $1
                           then least(lane.next_at, lane.paused_until)
                           else lane.next_at end
        returning host
        """,
        now,
    )
    return [row["host"] for row in rows]


async def lease(
    db: Executor, *, owner: str, now: datetime, until: datetime, well: int, troubled: int
) -> dict[str, Health]:
    """Lease lanes that are due, those that waited longest first; return host → health.

    At most *well* of the hosts that answer and *troubled* of those that lately failed.
    """
    rows = await db.fetch(
        """
        with due as (
            select host from outbox.lane
             where (woken or next_at <= $2)
               and (paused_until is null or paused_until <= $2)
               and (lease_until is null or lease_until <= $2)
               and failures = 0 and unavailable_since is null
             order by served_at nulls first
             limit $4
               for update skip locked
        ), due_troubled as (
            select host from outbox.lane
             where (woken or next_at <= $2)
               and (paused_until is null or paused_until <= $2)
               and (lease_until is null or lease_until <= $2)
               and (failures > 0 or unavailable_since is not null)
             order by served_at nulls first
             limit $5
               for update skip locked
        )
        update outbox.lane
           set lease_until = $3, leased_by = $1, served_at = $2, woken = false,
               next_at = least(next_at, $2)
          from (select host from due union all select host from due_troubled) as leased
         where lane.host = leased.host
        returning lane.host, failures, paused_until, exhausted_on, unavailable_since, scheme,
                  media_type, learnt_at, last_success_at, last_failure_at, last_error
        """,
        owner,
        now,
        until,
        well,
        troubled,
    )
    return {row["host"]: _health(row) for row in rows}


async def renew(db: Executor, hosts: Sequence[str], *, owner: str, until: datetime) -> None:
    """Hold the lanes of *hosts* until then, as far as *owner* still has them."""
    await db.execute(
        """
        update outbox.lane set lease_until = $3
         where host in (
            select host from outbox.lane
             where host = any ($1::text[]) and leased_by = $2
             order by host
               for update)
        """,
        list(hosts),
        owner,
        until,
    )


async def settle(db: Executor, lanes: Sequence[LaneState], *, owner: str) -> None:
    """Write back the health of leased lanes, and release those we are done with.

    A lane that somebody else has leased meanwhile is left alone. The rows are locked in the
    order of their names, as :func:`ring` does, so that two workers never wait for each other
    in a circle. What is published while this runs is not lost: it leaves ``woken`` behind.
    """
    await db.execute(
        """
        with told as (
            select * from jsonb_to_recordset($1::jsonb) as told (
                host text, released boolean, failures int, paused_until timestamptz,
                exhausted_on date[], unavailable_since timestamptz, scheme text,
                media_type text, learnt_at timestamptz, last_success_at timestamptz,
                last_failure_at timestamptz, last_error text)
        ), held as (
            select lane.host from outbox.lane
             where lane.host in (select host from told) and lane.leased_by = $2
             order by lane.host
               for update
        )
        update outbox.lane
           set failures = told.failures,
               paused_until = told.paused_until,
               exhausted_on = told.exhausted_on,
               unavailable_since = told.unavailable_since,
               scheme = told.scheme,
               media_type = told.media_type,
               learnt_at = told.learnt_at,
               last_success_at = coalesce(told.last_success_at, lane.last_success_at),
               last_failure_at = coalesce(told.last_failure_at, lane.last_failure_at),
               last_error = told.last_error,
               lease_until = case when told.released then null else lane.lease_until end,
               leased_by = case when told.released then null else lane.leased_by end,
               next_at = case when not told.released then lane.next_at else (
                    select greatest(delivery.next_at, told.paused_until)
                      from outbox.delivery
                     where delivery.host = told.host
                       and not exists (
                        select from outbox.delivery as earlier
                         where earlier.ordering = delivery.ordering
                           and earlier.inbox = delivery.inbox
                           and earlier.key < delivery.key)
                     order by delivery.next_at, delivery.key
                     limit 1) end
          from told, held
         where lane.host = told.host and held.host = told.host
        """,
        orjson.dumps([_told(lane) for lane in lanes]).decode(),
        owner,
    )


async def next_due(db: Executor, *, now: datetime) -> datetime | None:
    """Return when there will be something to do; None when nothing waits."""
    moment: datetime | None = await db.fetchval(
        """
        select min(moment) from (
            select $1::timestamptz as moment where exists (select from outbox.wake)
            union all
            select greatest(case when woken then $1 else next_at end, paused_until, lease_until)
              from outbox.lane
             where woken or next_at is not null) as moments
        """,
        now,
    )
    return moment


def _health(row: Any) -> Health:
    scheme = row["scheme"]
    return Health(
        failures=row["failures"],
        paused_until=row["paused_until"],
        exhausted_on=tuple(row["exhausted_on"]),
        unavailable_since=row["unavailable_since"],
        dialect=None if scheme is None else Dialect(scheme, row["media_type"]),
        learnt_at=row["learnt_at"],
        last_success_at=row["last_success_at"],
        last_failure_at=row["last_failure_at"],
        last_error=row["last_error"],
    )


def _told(lane: LaneState) -> dict[str, Any]:
    health = lane.health
    return {
        "host": lane.host,
        "released": lane.released,
        "failures": health.failures,
        "paused_until": health.paused_until,
        "exhausted_on": health.exhausted_on,
        "unavailable_since": health.unavailable_since,
        "scheme": None if health.dialect is None else health.dialect.scheme,
        "media_type": None if health.dialect is None else health.dialect.media_type,
        "learnt_at": health.learnt_at,
        "last_success_at": health.last_success_at,
        "last_failure_at": health.last_failure_at,
        "last_error": health.last_error,
    }
