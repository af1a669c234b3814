"""SQL about notices: who gives them, which last, of which people are still to be told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from fedcommune.database import Executor
from fedcommune.domain.notices.model import Told
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.notices import COLUMNS, of_row
from fedcommune.domain.posts.official import Notice
from fedcommune.domain.visibility import ANYONE


async def entrust(db: Executor, account_id: int, now: datetime) -> None:
    """Let an account give notices; twice is once."""
    await db.execute(
        """
        insert into commune.office (account_id, entrusted_at)
        values ($1, $2)
        on conflict (account_id) do nothing
        """,
        account_id,
        now,
    )


async def withdraw(db: Executor, account_id: int) -> bool:
    """Let an account give no more notices; return whether it could."""
    found = await db.fetchval(
        "delete from commune.office where account_id = $1 returning account_id", account_id
    )
    return found is not None


async def entrusted(db: Executor, account_ids: Collection[int]) -> set[int]:
    """Return those of *account_ids* that may give notices: living local authorities."""
    rows = await db.fetch(
        """
        select account.id
        from commune.office
        join commune.account on account.id = office.account_id
        where account.id = any($1::bigint[])
          and account.kind = 'authority'
          and account.local
          and account.suspended_at is null
          and account.deleted_at is null
          and account.moved_to is null
        """,
        list(account_ids),
    )
    return {row["id"] for row in rows}


async def offices(db: Executor) -> list[int]:
    """Return the accounts that were entrusted with giving notices."""
    rows = await db.fetch("select account_id from commune.office order by account_id")
    return [row["account_id"] for row in rows]


async def current(db: Executor, now: datetime, *, limit: int = 20) -> list[Told]:
    """Return our notices that last at *now*: the gravest first, of those the newest."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.notice
        join commune.post on post.id = notice.post_id
        where notice.lifted_at is null
          and (notice.ends_at is null or notice.ends_at > $1)
          and post.local
        order by array_position(array['danger', 'attention', 'info'], notice.severity),
                 notice.post_id desc
        limit $2
        """,
        now,
        limit,
    )
    return await _told(db, [of_row(row) for row in rows])


async def latest(db: Executor, *, limit: int = 50) -> list[Told]:
    """Return our latest notices, over or not, newest first."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.notice
        join commune.post on post.id = notice.post_id
        where post.local
        order by notice.post_id desc
        limit $1
        """,
        limit,
    )
    return await _told(db, [of_row(row) for row in rows])


async def given(
    db: Executor, since: datetime, until: datetime, now: datetime, *, limit: int
) -> list[Told]:
    """Return our notices given from *since* to *until* that last at *now*, newest first."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.notice
        join commune.post on post.id = notice.post_id
        where notice.lifted_at is null
          and (notice.ends_at is null or notice.ends_at > $3)
          and post.local
          and post.published_at >= $1
          and post.published_at < $2
        order by notice.post_id desc
        limit $4
        """,
        since,
        until,
        now,
        limit,
    )
    return await _told(db, [of_row(row) for row in rows])


async def locked(db: Executor, post_id: int) -> Notice | None:
    """Return a notice of ours, its row locked until the end of the transaction."""
    row = await db.fetchrow(
        f"""
        select {COLUMNS}
        from commune.notice
        join commune.post on post.id = notice.post_id
        where notice.post_id = $1
          and post.local
        for update of notice
        """,
        post_id,
    )
    return None if row is None else of_row(row)


async def lift(db: Executor, post_id: int, now: datetime) -> None:
    """Let a notice be over; nobody is told of it any more."""
    await db.execute(
        "update commune.notice set lifted_at = $2, told_up_to = null where post_id = $1",
        post_id,
        now,
    )


async def over(db: Executor, now: datetime, *, limit: int = 20) -> list[int]:
    """Return the notices of ours whose date has come and that nobody took off yet."""
    rows = await db.fetch(
        """
        select notice.post_id
        from commune.notice
        join commune.post on post.id = notice.post_id
        where notice.lifted_at is null
          and notice.ends_at <= $1
          and post.local
        order by notice.ends_at
        limit $2
        """,
        now,
        limit,
    )
    return [row["post_id"] for row in rows]


async def untold(db: Executor, *, limit: int = 20) -> list[int]:
    """Return the notices of which not everybody here was told yet."""
    rows = await db.fetch(
        "select post_id from commune.notice where told_up_to is not null order by post_id limit $1",
        limit,
    )
    return [row["post_id"] for row in rows]


async def claim(db: Executor, post_id: int) -> int | None:
    """Return up to whom people were told of a notice; None when somebody else is telling it."""
    found = await db.fetchval(
        """
        select told_up_to
        from commune.notice
        where post_id = $1
          and told_up_to is not null
        for update skip locked
        """,
        post_id,
    )
    return None if found is None else int(found)


async def told(db: Executor, post_id: int, up_to: int | None) -> None:
    """Note up to whom people were told; None: everybody was."""
    await db.execute("update commune.notice set told_up_to = $2 where post_id = $1", post_id, up_to)


async def _told(db: Executor, found: list[Notice]) -> list[Told]:
    """Return those that anybody may read, in their order."""
    by_id = await posts.by_ids(db, ANYONE, [each.post_id for each in found])
    return [Told(each, by_id[each.post_id]) for each in found if each.post_id in by_id]
