"""SQL: hashtags that somebody follows or shows, and how much each is used."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from fedcommune import identifiers
from fedcommune.database import Executor
from fedcommune.domain.posts.model import FIRST_PAGE, Page
from fedcommune.domain.reading.model import DAYS, FeaturedTag, Use


async def follow(db: Executor, account_id: int, name: str, now: datetime) -> None:
    await db.execute(
        """
        insert into commune.followed_tag (id, account_id, name, created_at)
        values ($1, $2, $3, $4)
        on conflict (account_id, name) do nothing
        """,
        identifiers.new(now),
        account_id,
        name,
        now,
    )


async def unfollow(db: Executor, account_id: int, name: str) -> None:
    await db.execute(
        "delete from commune.followed_tag where account_id = $1 and name = $2", account_id, name
    )


async def count_followed(db: Executor, account_id: int) -> int:
    """Return how many tags an account follows, its row locked until the end."""
    await db.execute("select from commune.account where id = $1 for update", account_id)
    found = await db.fetchval(
        "select count(*) from commune.followed_tag where account_id = $1", account_id
    )
    return int(found)


async def followed(db: Executor, account_id: int, page: Page = FIRST_PAGE) -> list[tuple[int, str]]:
    """Return (cursor, name) of the tags that an account follows, the latest first."""
    rows = await db.fetch(
        f"""
        select id, name
        from commune.followed_tag
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
    return sorted(((row["id"], row["name"]) for row in rows), reverse=True)


async def follows_among(db: Executor, account_id: int | None, names: Collection[str]) -> set[str]:
    """Return those of the tags that an account follows."""
    rows = await db.fetch(
        """
        select name
        from commune.followed_tag
        where account_id = $1::bigint
          and name = any($2::text[])
        """,
        account_id,
        list(names),
    )
    return {row["name"] for row in rows}


async def feature(db: Executor, account_id: int, name: str, now: datetime) -> None:
    await db.execute(
        """
        insert into commune.featured_tag (id, account_id, name, created_at)
        values ($1, $2, $3, $4)
        on conflict (account_id, name) do nothing
        """,
        identifiers.new(now),
        account_id,
        name,
        now,
    )


async def unfeature(
    db: Executor, account_id: int, *, name: str | None = None, id_: int | None = None
) -> bool:
    """Take a tag from a profile, by its name or its id; return whether it was there."""
    row = await db.fetchrow(
        """
        delete from commune.featured_tag
        where account_id = $1
          and (name = $2::text or id = $3::bigint)
        returning id
        """,
        account_id,
        name,
        id_,
    )
    return row is not None


async def featured(db: Executor, account_id: int) -> list[FeaturedTag]:
    """Return the tags that an account shows, with how often its open posts carry them."""
    rows = await db.fetch(
        """
        select featured_tag.id, featured_tag.name,
               count(post.id)::integer as uses, max(post.published_at) as last_used_at
        from commune.featured_tag
        left join commune.hashtag on hashtag.name = featured_tag.name
        left join commune.post
          on post.id = hashtag.post_id
         and post.author_id = featured_tag.account_id
         and post.visibility in ('public', 'unlisted')
         and post.deleted_at is null
        where featured_tag.account_id = $1
        group by featured_tag.id
        order by uses desc, featured_tag.id
        """,
        account_id,
    )
    return [FeaturedTag(**row) for row in rows]


async def often_used(db: Executor, account_id: int, *, limit: int = 10) -> list[str]:
    """Return the tags that an account uses most in its open posts, and does not show yet."""
    rows = await db.fetch(
        """
        select hashtag.name
        from commune.post
        join commune.hashtag on hashtag.post_id = post.id
        where post.author_id = $1
          and post.visibility in ('public', 'unlisted')
          and post.deleted_at is null
          and hashtag.name not in (
              select name from commune.featured_tag where account_id = $1
          )
        group by hashtag.name
        order by count(*) desc, hashtag.name
        limit $2
        """,
        account_id,
        limit,
    )
    return [row["name"] for row in rows]


async def known_like(db: Executor, beginning: str, *, limit: int = 20, skip: int = 0) -> list[str]:
    """Return tags of public posts that begin so, those used most first."""
    rows = await db.fetch(
        """
        select hashtag.name
        from commune.hashtag
        join commune.post on post.id = hashtag.post_id
        where starts_with(hashtag.name, $1)
          and post.visibility = 'public'
          and post.deleted_at is null
        group by hashtag.name
        order by hashtag.name = $1 desc, count(*) desc, hashtag.name
        limit $2
        offset $3
        """,
        beginning,
        limit,
        skip,
    )
    return [row["name"] for row in rows]


async def uses(db: Executor, names: Collection[str], now: datetime) -> dict[str, list[Use]]:
    """Return for each tag how it was used in public posts, today first, seven days in all."""
    rows = await db.fetch(
        """
        select hashtag.name, (post.published_at at time zone 'UTC')::date as day,
               count(*)::integer as uses, count(distinct post.author_id)::integer as accounts
        from commune.hashtag
        join commune.post on post.id = hashtag.post_id
        where hashtag.name = any($1::text[])
          and hashtag.post_id > $2
          and post.visibility = 'public'
          and post.deleted_at is null
        group by hashtag.name, day
        """,
        list(names),
        since(now),
    )
    return by_day(
        [(row["name"], Use(row["day"], row["uses"], row["accounts"])) for row in rows], now
    )


def since(now: datetime) -> int:
    """Return the smallest id of what is looked at: the last seven days, today included."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - timedelta(days=DAYS - 1)).timestamp() * 1000) << 16


def by_day(found: Collection[tuple[str, Use]], now: datetime) -> dict[str, list[Use]]:
    """Return the uses of each name, for each of the seven days, today first."""
    known = {(name, use.day): use for name, use in found}
    return {
        name: [known.get((name, none.day), none) for none in unused(now)]
        for name in {name for name, _ in found}
    }


def unused(now: datetime) -> list[Use]:
    """Return seven days without any use, today first."""
    return [Use(now.date() - timedelta(days=back), 0, 0) for back in range(DAYS)]
