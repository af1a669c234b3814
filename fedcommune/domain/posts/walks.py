"""SQL: threads of strangers that are being completed, because somebody reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from fedcommune import identifiers
from fedcommune.database import Executor, Transaction

# A thread that was completed is not looked at again for so long.
REST: Final = timedelta(minutes=15)
# So long it is known how a walk ended.
KEPT: Final = timedelta(days=1)

_COLUMNS: Final = "id, post_id, found, begun_at, finished_at"


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk through the thread around a post; ``found`` is how many posts it brought."""

    id: int
    post_id: int
    found: int
    begun_at: datetime
    finished_at: datetime | None


def _walk(row: Any) -> Walk | None:
    return None if row is None else Walk(**row)


async def begin(tx: Transaction, post_id: int) -> Walk | None:
    """Return the walk from a post that is under way, begun now unless one just ended.

    However many read at once, there is one walk (single flight). None: it ended lately.
    """
    found = _walk(
        await tx.db.fetchrow(
            f"""
            insert into commune.thread_walk as kept (id, post_id, begun_at)
            values ($1, $2, $3)
            on conflict (post_id) do update
            set id = case when kept.finished_at is null then kept.id else excluded.id end,
                found = case when kept.finished_at is null then kept.found else 0 end,
                begun_at = case when kept.finished_at is null
                    then kept.begun_at else excluded.begun_at end,
                finished_at = null
            where kept.finished_at is null
               or kept.finished_at < $4
            returning {_COLUMNS}
            """,
            identifiers.new(tx.now),
            post_id,
            tx.now,
            tx.now - REST,
        )
    )
    if found is not None:
        await tx.db.execute("notify threads")
    return found


async def by_id(db: Executor, walk_id: int) -> Walk | None:
    return _walk(
        await db.fetchrow(f"select {_COLUMNS} from commune.thread_walk where id = $1", walk_id)
    )


async def next_(db: Executor, now: datetime) -> Walk | None:
    """Return the walk that waited longest, leased for two minutes."""
    return _walk(
        await db.fetchrow(
            f"""
            update commune.thread_walk
            set leased_until = $1::timestamptz + interval '2 minutes'
            where id = (
                select id
                from commune.thread_walk
                where finished_at is null
                  and (leased_until is null or leased_until <= $1)
                order by begun_at
                limit 1
                for update skip locked
            )
            returning {_COLUMNS}
            """,
            now,
        )
    )


async def progress(db: Executor, walk_id: int, found: int) -> None:
    """Write down how many posts a walk brought until now."""
    await db.execute("update commune.thread_walk set found = $2 where id = $1", walk_id, found)


async def finish(db: Executor, walk_id: int, now: datetime) -> None:
    """End a walk, and forget those that ended long ago."""
    await db.execute(
        "update commune.thread_walk set finished_at = $2, leased_until = null where id = $1",
        walk_id,
        now,
    )
    await db.execute("delete from commune.thread_walk where finished_at < $1", now - KEPT)
