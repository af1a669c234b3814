"""SQL: posts that wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.posts.model import FIRST_PAGE, Page
from fedcommune.domain.scheduled.model import Scheduled, packed, unpacked

_COLUMNS: Final = """
    id, account_id, planned_by, draft, mentioned, due_at, created_at, failures
"""
BATCH: Final = 20


def _of_row(row: Any) -> Scheduled:
    values = {name: row[name] for name in Scheduled.__slots__}
    values["draft"] = unpacked(row["draft"])
    values["mentioned"] = tuple(row["mentioned"])
    return Scheduled(**values)


async def hold(db: Executor, account_id: int) -> None:
    """Let nobody else plan for this account before this transaction ends."""
    await db.execute(
        "select pg_advisory_xact_lock(hashtextextended('planning', $1::bigint))", account_id
    )


async def count(db: Executor, account_id: int) -> int:
    """Return how many posts of an account wait."""
    found = await db.fetchval(
        "select count(*) from commune.scheduled_post where account_id = $1", account_id
    )
    return int(found)


async def count_between(
    db: Executor, account_id: int, begins: datetime, ends: datetime, *, but: int = 0
) -> int:
    """Return how many posts of an account, *but* one, are planned from one moment to another."""
    found = await db.fetchval(
        """
        select count(*)
        from commune.scheduled_post
        where account_id = $1
          and due_at >= $2
          and due_at < $3
          and id <> $4
        """,
        account_id,
        begins,
        ends,
        but,
    )
    return int(found)


async def insert(db: Executor, planned: Scheduled) -> None:
    await db.execute(
        """
        insert into commune.scheduled_post (id, account_id, planned_by, draft, mentioned, due_at,
            retry_at, created_at)
        values ($1, $2, $3, $4::text::jsonb, $5, $6, $6, $7)
        """,
        planned.id,
        planned.account_id,
        planned.planned_by,
        packed(planned.draft),
        list(planned.mentioned),
        planned.due_at,
        planned.created_at,
    )


async def media(db: Executor) -> list[int]:
    """Return the pictures, films and sounds that wait for a planned post."""
    rows = await db.fetch(
        """
        select media.id::bigint as id
        from commune.scheduled_post
        cross join lateral jsonb_array_elements_text(
            case jsonb_typeof(draft -> 'media') when 'array' then draft -> 'media' else '[]' end
        ) as media (id)
        """
    )
    return [row["id"] for row in rows]


async def soonest(db: Executor, account_id: int, *, limit: int) -> list[Scheduled]:
    """Return what an account planned, what comes first first."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.scheduled_post
        where account_id = $1
        order by due_at, id
        limit $2
        """,
        account_id,
        limit,
    )
    return [_of_row(row) for row in rows]


async def of_account(db: Executor, account_id: int, page: Page = FIRST_PAGE) -> list[Scheduled]:
    """Return what an account planned, the latest planned first."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.scheduled_post
        where account_id = $1
          and id < $2
          and id > $3
        order by id {page.order}
        limit $4
        """,
        account_id,
        page.ceiling,
        page.floor,
        page.limit,
    )
    return sorted((_of_row(row) for row in rows), key=lambda each: each.id, reverse=True)


async def one(db: Executor, account_id: int, planned_id: int) -> Scheduled | None:
    """Return what an account planned; None for what is another's."""
    row = await db.fetchrow(
        f"select {_COLUMNS} from commune.scheduled_post where id = $1 and account_id = $2",
        planned_id,
        account_id,
    )
    return None if row is None else _of_row(row)


async def move(db: Executor, account_id: int, planned_id: int, due_at: datetime) -> bool:
    """Plan it for another moment; return whether it was there."""
    row = await db.fetchrow(
        """
        update commune.scheduled_post
        set due_at = $3, retry_at = $3, failures = 0
        where id = $1
          and account_id = $2
        returning id
        """,
        planned_id,
        account_id,
        due_at,
    )
    return row is not None


async def rewrite(db: Executor, planned: Scheduled) -> bool:
    """Store what it says and whom it names; return whether it was there."""
    row = await db.fetchrow(
        """
        update commune.scheduled_post
        set draft = $3::text::jsonb, mentioned = $4, retry_at = due_at, failures = 0
        where id = $1
          and account_id = $2
        returning id
        """,
        planned.id,
        planned.account_id,
        packed(planned.draft),
        list(planned.mentioned),
    )
    return row is not None


async def delete(db: Executor, planned_id: int, account_id: int | None = None) -> bool:
    """Forget a plan, of *account_id* alone when that is given; return whether it was there."""
    row = await db.fetchrow(
        """
        delete from commune.scheduled_post
        where id = $1
          and ($2::bigint is null or account_id = $2)
        returning id
        """,
        planned_id,
        account_id,
    )
    return row is not None


async def due(db: Executor, now: datetime) -> list[int]:
    """Return what is to be published now, the longest waiting first."""
    rows = await db.fetch(
        """
        select id
        from commune.scheduled_post
        where retry_at <= $1
        order by retry_at, id
        limit $2
        """,
        now,
        BATCH,
    )
    return [row["id"] for row in rows]


async def taken(db: Executor, planned_id: int, now: datetime) -> Scheduled | None:
    """Return what is due, its row locked; None when it is not, or somebody else is at it."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from commune.scheduled_post
        where id = $1
          and retry_at <= $2
        for update skip locked
        """,
        planned_id,
        now,
    )
    return None if row is None else _of_row(row)


async def postpone(db: Executor, planned_id: int, until: datetime) -> None:
    """Try it again at *until*, for it failed."""
    await db.execute(
        """
        update commune.scheduled_post
        set failures = failures + 1, retry_at = $2
        where id = $1
        """,
        planned_id,
        until,
    )
