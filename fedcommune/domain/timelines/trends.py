"""SQL: what people here talk about these days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.posts.queries import COLUMNS
from fedcommune.domain.reading.model import Use
from fedcommune.domain.reading.tags import by_day, since
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.timelines.queries.rows import NO_BOOST, newest_first
from fedcommune.domain.visibility import MAY_MEET, MAY_SEE, Viewer

# So far back, and so many posts, are looked at.
_RECENT: Final = timedelta(days=3)
_LOOKED_AT: Final = 2_000


async def tags(db: Executor, now: datetime, *, limit: int = 10, skip: int = 0) -> list[str]:
    """Return the tags that most people here used in public posts in the last seven days."""
    rows = await db.fetch(
        """
        select hashtag.name
        from (
            select id, author_id
            from commune.post
            where local
              and visibility = 'public'
              and deleted_at is null
              and id > $1
              and not exists (
                  select from commune.account
                  where account.id = post.author_id and account.silenced_at is not null
              )
            order by id desc
            limit $2
        ) post
        join commune.hashtag on hashtag.post_id = post.id
        group by hashtag.name
        order by count(distinct post.author_id) desc, count(*) desc, hashtag.name
        limit $3
        offset $4
        """,
        since(now),
        _LOOKED_AT,
        limit,
        skip,
    )
    return [row["name"] for row in rows]


async def links(
    db: Executor, now: datetime, *, limit: int = 10, skip: int = 0
) -> list[tuple[str, list[Use]]]:
    """Return where most people here led to in public posts, and how often each day."""
    rows = await db.fetch(
        """
        with recent as (
            select id, author_id, published_at
            from commune.post
            where local
              and visibility = 'public'
              and deleted_at is null
              and id > $1
              and not exists (
                  select from commune.account
                  where account.id = post.author_id and account.silenced_at is not null
              )
            order by id desc
            limit $2
        ),
        top as (
            select post_link.url, row_number() over (
                order by count(distinct recent.author_id) desc, count(*) desc, post_link.url
            ) as place
            from recent
            join commune.post_link on post_link.post_id = recent.id
            group by post_link.url
        )
        select top.url, (recent.published_at at time zone 'UTC')::date as day,
               count(*)::integer as uses, count(distinct recent.author_id)::integer as accounts
        from top
        join commune.post_link on post_link.url = top.url
        join recent on recent.id = post_link.post_id
        where top.place > $4
          and top.place <= $4 + $3
        group by top.place, top.url, day
        order by top.place
        """,
        since(now),
        _LOOKED_AT,
        limit,
        skip,
    )
    uses = by_day(
        [(row["url"], Use(row["day"], row["uses"], row["accounts"])) for row in rows], now
    )
    return [(url, uses[url]) for url in dict.fromkeys(row["url"] for row in rows)]


async def posts(
    db: Executor, viewer: Viewer, now: datetime, *, limit: int = 20, skip: int = 0
) -> list[Entry]:
    """Return the public posts of these days that met with most interest, the liveliest first.

    Those of people who do not want to be found are left out.
    """
    rows = await db.fetch(
        f"""
        select {COLUMNS}, {NO_BOOST}
        from (
            select *
            from commune.post
            where visibility = 'public'
              and deleted_at is null
              and id > $2
            order by id desc
            limit $3
        ) post
        join commune.account writer on writer.id = post.author_id
        where writer.discoverable
          and post.likes_count + post.shares_count > 0
          and {MAY_MEET}
          and {MAY_SEE}
        order by post.likes_count + 2 * post.shares_count desc, post.id desc
        limit $4
        offset $5
        """,
        viewer.account_id,
        int((now - _RECENT).timestamp() * 1000) << 16,
        _LOOKED_AT,
        limit,
        skip,
    )
    order = {row["id"]: place for place, row in enumerate(rows)}
    return sorted(newest_first(rows), key=lambda entry: order[entry.post.id])
