"""SQL: what was done through an outbox, what is in an inbox."""

from __future__ import annotations

from typing import Any, Final

import orjson

from fedcommune.database import Executor
from fedcommune.domain.boxes.model import Done
from fedcommune.domain.posts.queries import COLUMNS
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.timelines.queries.rows import HEARD, NO_BOOST, newest_first
from fedcommune.domain.visibility import MAY_SEE

_COLUMNS: Final = "done.id, done.account_id, done.activity_id, done.type, done.body, done.done_at"


def _done(row: Any) -> Done:
    return Done(
        row["id"],
        row["account_id"],
        row["activity_id"],
        row["type"],
        orjson.loads(row["body"]),
        row["done_at"],
    )


async def insert(db: Executor, done: Done) -> None:
    """Keep an activity; one that is kept already stays as it is."""
    await db.execute(
        """
        insert into commune.done (id, account_id, activity_id, type, body, done_at)
        values ($1, $2, $3, $4, $5::jsonb, $6)
        on conflict (activity_id) do nothing
        """,
        done.id,
        done.account_id,
        done.activity_id,
        done.type,
        orjson.dumps(done.document).decode(),
        done.done_at,
    )


async def by_activity(db: Executor, account_id: int, activity_id: str) -> Done | None:
    """Return what *account_id* did under this id; nobody else's (SEC-VIS-11)."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from commune.done
        where activity_id = $2
          and account_id = $1
        """,
        account_id,
        activity_id,
    )
    return None if row is None else _done(row)


async def beside_posts(db: Executor, account_id: int, *, ceiling: int, limit: int) -> list[Done]:
    """Return what an account did, newest first, but for its posts and boosts.

    Those are in its timeline, however they were written.
    """
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.done
        where account_id = $1
          and id < $2
          and type not in ('Create', 'Announce')
        order by id desc
        limit $3
        """,
        account_id,
        ceiling,
        limit,
    )
    return [_done(row) for row in rows]


async def addressed(db: Executor, account_id: int, *, ceiling: int, limit: int) -> list[Entry]:
    """Return the posts of others that name an account, or are for it, newest first.

    Whom it muted stays away, as everywhere.
    """
    rows = await db.fetch(
        f"""
        select {COLUMNS}, {NO_BOOST}
        from commune.mention
        join commune.post on post.id = mention.post_id
        where mention.account_id = $1
          and mention.post_id < $2
          and post.author_id <> $1
          and {HEARD}
          and {MAY_SEE}
        order by mention.post_id desc
        limit $3
        """,
        account_id,
        ceiling,
        limit,
    )
    return newest_first(rows)


async def count_own(db: Executor, account_id: int) -> int:
    """Return how many entries an account's outbox has for that account itself."""
    count = await db.fetchval(
        """
        select (
            select count(*)
            from commune.post
            where author_id = $1
              and deleted_at is null
        ) + (
            select count(*)
            from commune.reaction
            join commune.post on post.id = reaction.post_id
            where reaction.account_id = $1
              and reaction.kind = 'boost'
              and post.deleted_at is null
        ) + (
            select count(*)
            from commune.done
            where account_id = $1
              and type not in ('Create', 'Announce')
        )
        """,
        account_id,
    )
    return int(count)
