"""SQL: how far somebody read, and which request was made before."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from fedcommune.database import Executor
from fedcommune.domain.reading.model import SAME_REQUEST, Marker, Timeline


async def markers(
    db: Executor, account_id: int, timelines: Collection[Timeline]
) -> dict[Timeline, Marker]:
    """Return how far an account read each of the *timelines*."""
    rows = await db.fetch(
        """
        select timeline, last_read_id, version, updated_at
        from commune.marker
        where account_id = $1
          and timeline = any($2::text[])
        """,
        account_id,
        list(timelines),
    )
    return {
        Timeline(row["timeline"]): Marker(**{**row, "timeline": Timeline(row["timeline"])})
        for row in rows
    }


async def move(
    db: Executor, account_id: int, timeline: Timeline, last_read_id: int, now: datetime
) -> Marker:
    """Let a marker stand at *last_read_id*."""
    row = await db.fetchrow(
        """
        insert into commune.marker (account_id, timeline, last_read_id, updated_at)
        values ($1, $2, $3, $4)
        on conflict (account_id, timeline) do update
        set last_read_id = excluded.last_read_id,
            version = marker.version + 1,
            updated_at = excluded.updated_at
        returning timeline, last_read_id, version, updated_at
        """,
        account_id,
        timeline,
        last_read_id,
        now,
    )
    assert row is not None, "an upsert returns its row"
    return Marker(**{**row, "timeline": Timeline(row["timeline"])})


async def made_before(db: Executor, account_id: int, key: str, now: datetime) -> int | None:
    """Return what the same request made within the last hour; others wait for this one to end.

    Call it in the transaction that makes it: two that come together make it once.
    """
    await db.execute(
        "select pg_advisory_xact_lock(hashtextextended($1, $2))", f"once {key}", account_id
    )
    found: int | None = await db.fetchval(
        """
        select result_id
        from commune.idempotency
        where account_id = $1
          and key = $2
          and created_at > $3
        """,
        account_id,
        key,
        now - SAME_REQUEST,
    )
    return found


async def remember_made(
    db: Executor, account_id: int, key: str, result_id: int, now: datetime
) -> None:
    """Remember what a request made, and forget those of more than an hour ago."""
    await db.execute(
        "delete from commune.idempotency where created_at <= $1 and account_id = $2",
        now - SAME_REQUEST,
        account_id,
    )
    await db.execute(
        """
        insert into commune.idempotency (account_id, key, result_id, created_at)
        values ($1, $2, $3, $4)
        on conflict (account_id, key) do update
        set result_id = excluded.result_id,
            created_at = excluded.created_at
        """,
        account_id,
        key,
        result_id,
        now,
    )
