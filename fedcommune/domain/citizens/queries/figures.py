"""SQL about how lively the place is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fedcommune.database import Executor


@dataclass(frozen=True, slots=True)
class Week:
    """One week, from Monday *begins_at* (UTC): posts, citizens who wrote, citizens who joined."""

    begins_at: datetime
    posts: int
    authors: int
    joined: int


async def weeks(db: Executor, now: datetime, *, number: int) -> list[Week]:
    """Return the last *number* weeks, this one first."""
    rows = await db.fetch(
        """
        with week as (
            select begins_at, begins_at + interval '1 week' as ends_at
            from generate_series(
                date_trunc('week', $1::timestamptz, 'UTC') - ($2::integer - 1) * interval '1 week',
                date_trunc('week', $1::timestamptz, 'UTC'),
                interval '1 week'
            ) as begins_at
        )
        select week.begins_at, written.posts, written.authors, arrived.joined
        from week
        cross join lateral (
            select count(*) as posts,
                   count(distinct post.author_id) filter (where citizen.account_id is not null)
                       as authors
            from commune.post
            left join commune.citizen on citizen.account_id = post.author_id
            where post.local
              and post.visibility in ('public', 'unlisted')
              and post.deleted_at is null
              and post.published_at >= week.begins_at
              and post.published_at < week.ends_at
        ) as written
        cross join lateral (
            select count(*) as joined
            from commune.citizen
            where citizen.created_at >= week.begins_at
              and citizen.created_at < week.ends_at
        ) as arrived
        order by week.begins_at desc
        """,
        now,
        number,
    )
    return [Week(**row) for row in rows]
