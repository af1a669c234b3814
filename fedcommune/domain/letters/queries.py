"""SQL: what people want letters about, and what no letter was written of yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from fedcommune.database import Executor
from fedcommune.domain.letters.model import USUAL, Pace, Subject


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a letter goes to; ``open`` when they may be written to at all."""

    account_id: int
    email: str
    language: str
    open: bool
    rested_since: datetime | None


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A notification that no letter was written of; ``pace`` is the letter that it waits for."""

    notification_id: int
    pace: Pace | None


async def wishes(db: Executor, account_id: int) -> dict[Subject, Pace]:
    """Return how soon somebody wants to read about what, everything that they may choose."""
    rows = await db.fetch(
        "select subject, pace from commune.letter_wish where account_id = $1", account_id
    )
    chosen = {row["subject"]: Pace(row["pace"]) for row in rows}
    return {subject: chosen.get(subject, usual) for subject, usual in USUAL.items()}


async def wish(db: Executor, account_id: int, wishes: Mapping[Subject, Pace]) -> None:
    """Keep what somebody chose."""
    await db.execute(
        """
        insert into commune.letter_wish (account_id, subject, pace)
        select $1, chosen.subject, chosen.pace
        from unnest($2::text[], $3::text[]) as chosen (subject, pace)
        on conflict (account_id, subject) do update set pace = excluded.pace
        """,
        account_id,
        [subject.value for subject in wishes],
        [pace.value for pace in wishes.values()],
    )


async def readers_due(db: Executor, now: datetime, *, limit: int = 50) -> list[int]:
    """Return those of whom something is due to be looked at, the longest due first."""
    rows = await db.fetch(
        """
        select account_id
        from commune.unwritten
        where due_at <= $1
        group by account_id
        order by min(due_at)
        limit $2
        """,
        now,
        limit,
    )
    return [row["account_id"] for row in rows]


async def hold(db: Executor, account_id: int) -> Reader | None:
    """Return a reader whom nobody else writes to until the end of the transaction."""
    row = await db.fetchrow(
        """
        select citizen.account_id, citizen.email, citizen.language,
               citizen.confirmed_at is not null and citizen.approved_at is not null
                   and citizen.disabled_at is null and account.suspended_at is null
                   and account.deleted_at is null as open,
               (
                   select written_at from commune.letter_rest
                   where letter_rest.account_id = citizen.account_id
               ) as rested_since
        from commune.citizen
        join commune.account on account.id = citizen.account_id
        where citizen.account_id = $1
        for no key update of citizen skip locked
        """,
        account_id,
    )
    return None if row is None else Reader(**row)


async def due(db: Executor, account_id: int, now: datetime, *, limit: int = 500) -> list[Unwritten]:
    """Return what is due of one reader, the oldest first."""
    rows = await db.fetch(
        """
        select notification_id, pace
        from commune.unwritten
        where account_id = $1
          and due_at <= $2
        order by notification_id
        limit $3
        """,
        account_id,
        now,
        limit,
    )
    return [
        Unwritten(row["notification_id"], None if row["pace"] is None else Pace(row["pace"]))
        for row in rows
    ]


async def written(db: Executor, notification_ids: Collection[int]) -> None:
    """Forget what a letter was written of, or what none is to be written of."""
    await db.execute(
        "delete from commune.unwritten where notification_id = any($1::bigint[])",
        list(notification_ids),
    )


async def postpone(
    db: Executor, notification_ids: Collection[int], pace: Pace | None, due_at: datetime
) -> None:
    """Let these wait for the letter of *pace*, or for a letter at once."""
    await db.execute(
        """
        update commune.unwritten
        set pace = $2, due_at = $3
        where notification_id = any($1::bigint[])
        """,
        list(notification_ids),
        pace,
        due_at,
    )


async def postpone_reader(db: Executor, account_id: int, now: datetime, until: datetime) -> None:
    """Let everything of a reader that is due wait until then: writing to them failed."""
    await db.execute(
        "update commune.unwritten set due_at = $3 where account_id = $1 and due_at <= $2",
        account_id,
        now,
        until,
    )


async def rest(db: Executor, account_id: int, now: datetime) -> None:
    """Note that somebody was written to at once just now."""
    await db.execute(
        """
        insert into commune.letter_rest (account_id, written_at)
        values ($1, $2)
        on conflict (account_id) do update set written_at = excluded.written_at
        """,
        account_id,
        now,
    )
