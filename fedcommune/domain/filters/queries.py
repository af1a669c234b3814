"""SQL about filters. Whose filter it is stands in every statement (SEC-VIS-11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import orjson

from fedcommune.database import Executor
from fedcommune.domain.filters.model import Filter, HeldPost, Keyword

_SELECT: Final = """
    select filter.id, filter.account_id, filter.title, filter.contexts, filter.action,
           filter.expires_at,
           (
               select jsonb_agg(jsonb_build_array(id, keyword, whole_word) order by id)
               from commune.filter_keyword
               where filter_id = filter.id
           ) as keywords,
           (
               select jsonb_agg(jsonb_build_array(id, post_id) order by id)
               from commune.filter_post
               where filter_id = filter.id
           ) as posts
    from commune.filter
"""


def _filter(row: Any) -> Filter:
    return Filter(
        **{
            **row,
            "contexts": tuple(row["contexts"]),
            "keywords": tuple(Keyword(*each) for each in orjson.loads(row["keywords"] or "[]")),
            "posts": tuple(HeldPost(*each) for each in orjson.loads(row["posts"] or "[]")),
        }
    )


async def of_account(
    db: Executor, account_id: int, *, living_at: datetime | None = None
) -> list[Filter]:
    """Return the filters of an account, oldest first; with *living_at*, those in force then."""
    rows = await db.fetch(
        f"""
        {_SELECT}
        where filter.account_id = $1
          and ($2::timestamptz is null or filter.expires_at is null or filter.expires_at > $2)
        order by filter.id
        """,
        account_id,
        living_at,
    )
    return [_filter(row) for row in rows]


async def by_id(db: Executor, account_id: int, filter_id: int) -> Filter | None:
    row = await db.fetchrow(
        f"{_SELECT} where filter.account_id = $1 and filter.id = $2", account_id, filter_id
    )
    return None if row is None else _filter(row)


async def of_keyword(db: Executor, account_id: int, keyword_id: int) -> Filter | None:
    """Return the filter that has this keyword."""
    row = await db.fetchrow(
        f"""
        {_SELECT}
        where filter.account_id = $1
          and filter.id = (select filter_id from commune.filter_keyword where id = $2)
        """,
        account_id,
        keyword_id,
    )
    return None if row is None else _filter(row)


async def of_held_post(db: Executor, account_id: int, held_id: int) -> Filter | None:
    """Return the filter that holds a post back by this entry."""
    row = await db.fetchrow(
        f"""
        {_SELECT}
        where filter.account_id = $1
          and filter.id = (select filter_id from commune.filter_post where id = $2)
        """,
        account_id,
        held_id,
    )
    return None if row is None else _filter(row)


async def count(db: Executor, account_id: int) -> int:
    """Return how many filters an account has, its row locked until the end."""
    await db.execute("select from commune.account where id = $1 for update", account_id)
    found = await db.fetchval(
        "select count(*) from commune.filter where account_id = $1", account_id
    )
    return int(found)


async def lock(db: Executor, account_id: int) -> None:
    """Let nobody else change the filters of an account before this transaction ends."""
    await db.execute("select from commune.account where id = $1 for update", account_id)


async def keep(db: Executor, made: Filter, now: datetime) -> None:
    """Store a filter, or what changed of it; its keywords and posts are stored by themselves."""
    await db.execute(
        """
        insert into commune.filter (
            id, account_id, title, contexts, action, expires_at, created_at
        )
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (id) do update
        set title = excluded.title,
            contexts = excluded.contexts,
            action = excluded.action,
            expires_at = excluded.expires_at
        where filter.account_id = excluded.account_id
        """,
        made.id,
        made.account_id,
        made.title,
        list(made.contexts),
        made.action,
        made.expires_at,
        now,
    )


async def remove(db: Executor, account_id: int, filter_id: int) -> bool:
    """Remove a filter with all it has; return whether there was one."""
    row = await db.fetchrow(
        "delete from commune.filter where account_id = $1 and id = $2 returning id",
        account_id,
        filter_id,
    )
    return row is not None


async def keep_keyword(db: Executor, filter_id: int, keyword: Keyword) -> None:
    await db.execute(
        """
        insert into commune.filter_keyword (id, filter_id, keyword, whole_word)
        values ($1, $2, $3, $4)
        on conflict (id) do update
        set keyword = excluded.keyword,
            whole_word = excluded.whole_word
        where filter_keyword.filter_id = excluded.filter_id
        """,
        keyword.id,
        filter_id,
        keyword.keyword,
        keyword.whole_word,
    )


async def remove_keyword(db: Executor, filter_id: int, keyword_id: int) -> None:
    await db.execute(
        "delete from commune.filter_keyword where filter_id = $1 and id = $2",
        filter_id,
        keyword_id,
    )


async def hold_post(db: Executor, id_: int, filter_id: int, post_id: int) -> None:
    await db.execute(
        """
        insert into commune.filter_post (id, filter_id, post_id)
        values ($1, $2, $3)
        on conflict (filter_id, post_id) do nothing
        """,
        id_,
        filter_id,
        post_id,
    )


async def release_post(db: Executor, filter_id: int, held_id: int) -> None:
    await db.execute(
        "delete from commune.filter_post where filter_id = $1 and id = $2", filter_id, held_id
    )
