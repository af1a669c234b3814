"""SQL on the inbox schema: whose turn it is, and what became of what they said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, cast

from federation import documents
from inbox.authenticate import How
from inbox.ports import Executor

LEASE: Final = timedelta(seconds=60)
MOST_LANES: Final = 64
MOST_OF_A_LANE: Final = 16
# Of one lane at a time; a single longer activity comes alone.
MOST_BYTES_OF_A_LANE: Final = 256 * 1024
MOST_UNHEARD: Final = 1_000
_MOST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """One activity whose turn has come, leased to us; times are aware, in UTC."""

    seq: int
    id: str
    lane_id: int
    sender: str
    host: str
    type: str
    how: How
    about: frozenset[str]
    body: bytes
    received_at: datetime
    tries: int
    faults: int


@dataclass(frozen=True, slots=True)
class Postponed:
    """What must wait, until when, and how often that happened."""

    seq: int
    until: datetime
    tries: int
    faults: int
    reason: str


@dataclass(slots=True)
class Settlement:
    """What became of the activities of one transaction, to be written before it commits."""

    done: list[Waiting] = field(default_factory=list)
    ignored: list[tuple[Waiting, str]] = field(default_factory=list)
    refused: list[tuple[Waiting, str]] = field(default_factory=list)
    failed: list[tuple[Waiting, str]] = field(default_factory=list)
    postponed: list[Postponed] = field(default_factory=list)
    unheard: dict[tuple[str, str], int] = field(default_factory=dict)


async def lease(
    db: Executor, token: int, now: datetime, *, lanes: int = MOST_LANES
) -> dict[int, list[Waiting]]:
    """Lease up to *lanes* lanes for a minute under *token*; return what is due in each, in order.

    What is about the same thing as an earlier, postponed activity of its lane is held back.
    """
    rows = await db.fetch(
        """
        with turn as (
            select id
            from inbox.lane
            where ready_at <= $2 and (leased_until is null or leased_until <= $2)
            order by ready_at
            limit $4
            for no key update skip locked
        ), leased as (
            update inbox.lane
            set lease = $1, leased_until = $3
            from turn
            where lane.id = turn.id
            returning lane.id, lane.sender, lane.host, lane.ready_at
        )
        select w.seq, w.id, leased.id as lane_id, leased.sender, leased.host, w.type, w.how,
            w.about, w.body, w.received_at, w.tries, w.faults
        from leased
        left join lateral (
            select due.*, sum(octet_length(due.body)) over (order by due.seq) as bytes,
                row_number() over (order by due.seq) as place
            from (
                select *
                from inbox.waiting
                where lane_id = leased.id
                    and (postponed_until is null or postponed_until <= $2)
                    and not exists (
                        select 1
                        from inbox.waiting as earlier
                        where earlier.lane_id = leased.id
                            and earlier.postponed_until > $2
                            and earlier.seq < waiting.seq
                            and earlier.about && waiting.about
                    )
                order by seq
                limit $5
            ) as due
        ) as w on w.place = 1 or w.bytes <= $6
        order by leased.ready_at, leased.id, w.seq
        """,
        token,
        now,
        now + LEASE,
        lanes,
        MOST_OF_A_LANE,
        MOST_BYTES_OF_A_LANE,
    )
    due: dict[int, list[Waiting]] = {}
    for row in rows:
        items = due.setdefault(row["lane_id"], [])
        if row["seq"] is not None:
            items.append(
                Waiting(
                    seq=row["seq"],
                    id=row["id"],
                    lane_id=row["lane_id"],
                    sender=row["sender"],
                    host=row["host"],
                    type=row["type"],
                    how=cast(How, row["how"]),
                    about=frozenset(row["about"]),
                    body=row["body"],
                    received_at=row["received_at"],
                    tries=row["tries"],
                    faults=row["faults"],
                )
            )
    return due


async def hold(db: Executor, token: int, seqs: Collection[int]) -> set[int]:
    """Lock those activities; return the ones that still wait and are still leased to us.

    In the transaction of their handlers: whoever leased the lane after us finds them locked,
    passes them by, and never sees them once we have committed.
    """
    rows = await db.fetch(
        """
        select waiting.seq
        from inbox.waiting
        join inbox.lane on lane.id = waiting.lane_id
        where waiting.seq = any($1::bigint[]) and lane.lease = $2
        for update of waiting skip locked
        """,
        list(seqs),
        token,
    )
    return {row["seq"] for row in rows}


async def settle(db: Executor, settlement: Settlement, now: datetime) -> None:
    """Write what became of each activity, in the transaction of their handlers."""
    remarked = [
        *((item.id, "ignored", reason) for item, reason in settlement.ignored),
        *((item.id, "refused", reason) for item, reason in settlement.refused),
        *((item.id, "failed", reason) for item, reason in settlement.failed),
    ]
    if settlement.failed:
        await db.execute(
            """
            insert into inbox.failed
                (id, lane_id, type, how, about, body, received_at, failed_at, reason)
            select w.id, w.lane_id, w.type, w.how, w.about, w.body, w.received_at, $3, t.reason
            from unnest($1::bigint[], $2::text[]) as t (seq, reason)
            join inbox.waiting as w on w.seq = t.seq
            on conflict (id) do nothing
            """,
            [item.seq for item, _ in settlement.failed],
            [readable(reason) for _, reason in settlement.failed],
            now,
        )
    if remarked:
        await db.execute(
            """
            update inbox.received
            set outcome = t.outcome, reason = t.reason
            from unnest($1::text[], $2::text[], $3::text[]) as t (id, outcome, reason)
            where received.id = t.id
            """,
            [id_ for id_, _, _ in remarked],
            [outcome for _, outcome, _ in remarked],
            [readable(reason) for _, _, reason in remarked],
        )
    if settlement.postponed:
        await db.execute(
            """
            update inbox.waiting
            set postponed_until = t.until, tries = t.tries, faults = t.faults, reason = t.reason
            from unnest($1::bigint[], $2::timestamptz[], $3::int[], $4::int[], $5::text[])
                as t (seq, until, tries, faults, reason)
            where waiting.seq = t.seq
            """,
            [each.seq for each in settlement.postponed],
            [each.until for each in settlement.postponed],
            [each.tries for each in settlement.postponed],
            [each.faults for each in settlement.postponed],
            [readable(each.reason) for each in settlement.postponed],
        )
    closed = [item.seq for item in settlement.done]
    for part in (settlement.ignored, settlement.refused, settlement.failed):
        closed += [item.seq for item, _ in part]
    if closed:
        await db.execute("delete from inbox.waiting where seq = any($1::bigint[])", closed)
    if settlement.unheard:
        await _count_unheard(db, settlement.unheard, now)


async def rest(db: Executor, token: int, lane_ids: Collection[int], now: datetime) -> None:
    """Give those lanes back, in a transaction: asleep, ready later, or ready again at once.

    Whoever adds an activity holds a key-share lock on the lane through the foreign key, so
    taking the row lock first proves that nobody is adding: what the second statement does
    not see will wake the lane itself.
    """
    locked = await db.fetch(
        """
        select id
        from inbox.lane
        where id = any($1::bigint[]) and lease = $2
        order by id
        for update
        """,
        list(lane_ids),
        token,
    )
    await db.execute(
        """
        with next as (
            select lane.id, case
                when exists (
                    select 1
                    from inbox.waiting
                    where lane_id = lane.id
                        and (postponed_until is null or postponed_until <= $2)
                        and not exists (
                            select 1
                            from inbox.waiting as earlier
                            where earlier.lane_id = lane.id
                                and earlier.postponed_until > $2
                                and earlier.seq < waiting.seq
                                and earlier.about && waiting.about
                        )
                ) then $2
                else (
                    select min(postponed_until)
                    from inbox.waiting
                    where lane_id = lane.id and postponed_until > $2
                )
            end as ready_at
            from inbox.lane
            where id = any($1::bigint[])
        )
        update inbox.lane
        set lease = null, leased_until = null, ready_at = next.ready_at
        from next
        where lane.id = next.id
        """,
        [row["id"] for row in locked],
        now,
    )


async def put_off(db: Executor, token: int, lane_ids: Collection[int], until: datetime) -> None:
    """Give those lanes back, to be leased again at *until*."""
    await db.execute(
        """
        update inbox.lane
        set lease = null, leased_until = null, ready_at = $3
        where id = any($1::bigint[]) and lease = $2
        """,
        list(lane_ids),
        token,
        until,
    )


async def _count_unheard(
    db: Executor, unheard: Mapping[tuple[str, str], int], now: datetime
) -> None:
    pairs = sorted(unheard)
    await db.execute(
        """
        insert into inbox.unheard as u (activity_type, object_type, times, last_at)
        select t.activity_type, t.object_type, t.times, $4
        from unnest($1::text[], $2::text[], $3::bigint[]) as t (activity_type, object_type, times)
        where (select count(*) from inbox.unheard) < $5
            or exists (
                select 1
                from inbox.unheard as k
                where k.activity_type = t.activity_type and k.object_type = t.object_type
            )
        order by t.activity_type, t.object_type
        on conflict (activity_type, object_type)
        do update set times = u.times + excluded.times, last_at = excluded.last_at
        """,
        [activity_type for activity_type, _ in pairs],
        [object_type for _, object_type in pairs],
        [unheard[pair] for pair in pairs],
        now,
        MOST_UNHEARD,
    )


def readable(reason: str) -> str:
    """Return *reason* as the database takes it and a person reads it: no NUL, not endless."""
    return documents.clean(reason)[:_MOST_REASON]
