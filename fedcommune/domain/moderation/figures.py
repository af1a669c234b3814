"""SQL: how the place does, day by day (UTC), for those who look after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from fedcommune.database import Executor

# What happened on each day between two moments; the text is a hashtag or a domain.
Days: TypeAlias = dict[date, int]
Measure: TypeAlias = Callable[[Executor, datetime, datetime, str], Awaitable[Days]]


@dataclass(frozen=True, slots=True)
class Share:
    """How often something comes up."""

    key: str
    value: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """Of *joined* people who came in the period that begins at *began*, *stayed* wrote in *on*."""

    began: date
    on: date
    joined: int
    stayed: int


def _days(rows: Collection[Any]) -> Days:
    return {row["day"]: row["number"] for row in rows}


async def active_users(db: Executor, since: datetime, until: datetime, about: str) -> Days:
    """Citizens who wrote: nobody notes down who only reads."""
    rows = await db.fetch(
        """
        select post.published_at::date as day, count(distinct post.author_id)::integer as number
        from commune.post
        join commune.citizen on citizen.account_id = post.author_id
        where post.published_at >= $1 and post.published_at < $2
        group by day
        """,
        since,
        until,
    )
    return _days(rows)


async def new_users(db: Executor, since: datetime, until: datetime, about: str) -> Days:
    rows = await db.fetch(
        """
        select created_at::date as day, count(*)::integer as number
        from commune.citizen
        where created_at >= $1 and created_at < $2
        group by day
        """,
        since,
        until,
    )
    return _days(rows)


async def interactions(db: Executor, since: datetime, until: datetime, about: str) -> Days:
    """Likes and boosts of our posts, and answers to them; what our feeds pass on does not count."""
    rows = await db.fetch(
        """
        select day, count(*)::integer as number
        from (
            select reaction.created_at::date as day
            from commune.reaction
            join commune.post on post.id = reaction.post_id
            join commune.account on account.id = reaction.account_id
            where post.local
              and not (account.local and account.kind in ('commune', 'feed', 'square'))
              and reaction.created_at >= $1 and reaction.created_at < $2
            union all
            select post.published_at::date
            from commune.post
            join commune.post parent on parent.id = post.parent_id
            where parent.local and post.published_at >= $1 and post.published_at < $2
        ) happened
        group by day
        """,
        since,
        until,
    )
    return _days(rows)


async def opened_reports(db: Executor, since: datetime, until: datetime, about: str) -> Days:
    rows = await db.fetch(
        """
        select created_at::date as day, count(*)::integer as number
        from commune.report
        where created_at >= $1 and created_at < $2
        group by day
        """,
        since,
        until,
    )
    return _days(rows)


async def resolved_reports(db: Executor, since: datetime, until: datetime, about: str) -> Days:
    rows = await db.fetch(
        """
        select closed_at::date as day, count(*)::integer as number
        from commune.report
        where closed_at >= $1 and closed_at < $2
        group by day
        """,
        since,
        until,
    )
    return _days(rows)


async def tag_uses(db: Executor, since: datetime, until: datetime, about: str) -> Days:
    rows = await db.fetch(
        """
        select post.published_at::date as day, count(*)::integer as number
        from commune.hashtag
        join commune.post on post.id = hashtag.post_id
        where hashtag.name = $3 and post.published_at >= $1 and post.published_at < $2
        group by day
        """,
        since,
        until,
        about,
    )
    return _days(rows)


async def tag_accounts(db: Executor, since: datetime, until: datetime, about: str) -> Days:
    rows = await db.fetch(
        """
        select post.published_at::date as day, count(distinct post.author_id)::integer as number
        from commune.hashtag
        join commune.post on post.id = hashtag.post_id
        where hashtag.name = $3 and post.published_at >= $1 and post.published_at < $2
        group by day
        """,
        since,
        until,
        about,
    )
    return _days(rows)


async def instance_accounts(db: Executor, since: datetime, until: datetime, about: str) -> Days:
    rows = await db.fetch(
        """
        select created_at::date as day, count(*)::integer as number
        from commune.account
        where not local and domain = $3 and created_at >= $1 and created_at < $2
        group by day
        """,
        since,
        until,
        about,
    )
    return _days(rows)


async def instance_statuses(db: Executor, since: datetime, until: datetime, about: str) -> Days:
    rows = await db.fetch(
        """
        select post.published_at::date as day, count(*)::integer as number
        from commune.post
        join commune.account on account.id = post.author_id
        where not post.local and account.domain = $3
          and post.published_at >= $1 and post.published_at < $2
        group by day
        """,
        since,
        until,
        about,
    )
    return _days(rows)


async def instance_reports(db: Executor, since: datetime, until: datetime, about: str) -> Days:
    rows = await db.fetch(
        """
        select report.created_at::date as day, count(*)::integer as number
        from commune.report
        join commune.account on account.id = report.account_id
        where not account.local and account.domain = $3
          and report.created_at >= $1 and report.created_at < $2
        group by day
        """,
        since,
        until,
        about,
    )
    return _days(rows)


MEASURES: Final[Mapping[str, Measure]] = {
    "active_users": active_users,
    "new_users": new_users,
    "interactions": interactions,
    "opened_reports": opened_reports,
    "resolved_reports": resolved_reports,
    "tag_accounts": tag_accounts,
    "tag_uses": tag_uses,
    "instance_accounts": instance_accounts,
    "instance_statuses": instance_statuses,
    "instance_reports": instance_reports,
}


async def languages(db: Executor, since: datetime, until: datetime, limit: int) -> list[Share]:
    """The languages that our people write in."""
    rows = await db.fetch(
        """
        select coalesce(language, 'und') as key, count(*)::integer as value
        from commune.post
        where local and published_at >= $1 and published_at < $2
        group by key
        order by value desc, key
        limit $3
        """,
        since,
        until,
        limit,
    )
    return [Share(**row) for row in rows]


async def sources(db: Executor, since: datetime, until: datetime, limit: int) -> list[Share]:
    """The programs that our people write with; an empty key is the commune itself."""
    rows = await db.fetch(
        """
        select coalesce(application, '') as key, count(*)::integer as value
        from commune.post
        where local and published_at >= $1 and published_at < $2
        group by key
        order by value desc, key
        limit $3
        """,
        since,
        until,
        limit,
    )
    return [Share(**row) for row in rows]


async def servers(db: Executor, since: datetime, until: datetime, limit: int) -> list[Share]:
    """The servers that most of what we know comes from."""
    rows = await db.fetch(
        """
        select account.domain as key, count(*)::integer as value
        from commune.post
        join commune.account on account.id = post.author_id
        where post.published_at >= $1 and post.published_at < $2
        group by key
        order by value desc, key
        limit $3
        """,
        since,
        until,
        limit,
    )
    return [Share(**row) for row in rows]


async def space(db: Executor) -> int:
    """Return how many bytes the database takes."""
    return int(await db.fetchval("select pg_database_size(current_database())"))


async def version(db: Executor) -> str:
    """Return the version of PostgreSQL."""
    return str(await db.fetchval("select current_setting('server_version')"))


async def retention(
    db: Executor, since: datetime, until: datetime, *, by_month: bool
) -> list[Cohort]:
    """Return of those who joined in each day, or month, how many wrote in each that followed."""
    rows = await db.fetch(
        """
        with came as (
            select account_id, date_trunc(case when $3 then 'month' else 'day' end, created_at)
                       as began
            from commune.citizen
            where created_at >= $1 and created_at < $2
        ),
        periods as (
            select generate_series(
                date_trunc(case when $3 then 'month' else 'day' end, $1::timestamptz),
                $2::timestamptz - interval '1 microsecond',
                case when $3 then interval '1 month' else interval '1 day' end
            ) as period
        )
        select came.began::date as began, periods.period::date as "on",
               count(*)::integer as joined,
               count(*) filter (where exists (
                   select from commune.post
                   where post.author_id = came.account_id
                     and post.published_at >= periods.period
                     and post.published_at < periods.period
                         + case when $3 then interval '1 month' else interval '1 day' end
               ))::integer as stayed
        from came
        join periods on periods.period >= came.began
        group by came.began, periods.period
        order by came.began, periods.period
        """,
        since,
        until,
        by_month,
    )
    return [Cohort(**row) for row in rows]
