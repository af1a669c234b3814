"""SQL: what takes place on which day, as a calendar shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.events.queries.agenda import Wanted
from fedcommune.domain.posts.occasions import clock, whole_days

MAX_DAYS: Final = 42
MAX_A_DAY: Final = 60


@dataclass(frozen=True, slots=True)
class Glance:
    """As much of an event as finds room in a day. *start* is on the clock of its place."""

    post_id: int
    name: str
    start: datetime
    whole_days: bool
    status: str
    local: bool
    domain: str


# Of one day: what began before and lasts, and what begins, so much that one sees whether there
# is more. The clock is that of the place, and the small hours are of the evening before.
_SUCH: Final = """
    ($2 = '' or category = $2)
    and ($3 = '' or domain = $3)
    and ($4 = '' or tags @> array[$4])"""
_OF_DAYS: Final = f"""
    with lasting as materialized (
        select first_day, last_day, starts_at, post_id
        from (
            select *
            from commune.agenda
            where lasts
              and until >= ($1::date[])[1]::timestamptz - interval '1 day'
            offset 0
        ) agenda
        where {_SUCH}
    )
    select day, event.post_id, event.name, event.starts_at, event.ends_at, event.timezone,
        event.status, event.local, event.domain
    from unnest($1::date[]) day
    cross join lateral (
        (
            select starts_at, post_id
            from (
                select *
                from commune.agenda
                where first_day = day
                order by starts_at, post_id
                offset 0
            ) agenda
            where {_SUCH}
            order by starts_at, post_id
            limit $5::bigint + 1
        )
        union all
        (
            select starts_at, post_id
            from lasting
            where first_day < day
              and last_day >= day
        )
        order by starts_at, post_id
        limit $5::bigint + 1
    ) found
    cross join lateral (
        select event.*, author.local, author.domain
        from commune.event
        join commune.post on post.id = event.post_id
        join commune.account author on author.id = post.author_id
        where event.post_id = found.post_id
          and post.visibility = 'public'
          and post.deleted_at is null
          and author.suspended_at is null
          and author.deleted_at is null
        limit 1
    ) event
    order by day, event.starts_at, event.post_id
"""


async def of_days(
    db: Executor, wanted: Wanted, days: Sequence[date], *, limit: int
) -> Mapping[date, list[Glance]]:
    """Return what is *wanted* on each of *days*, the first of them first.

    At most *limit* things of each, and one more when there are more. Of *wanted* count category,
    server and tag. What lasts stands on each of its days. Only what everybody may see, as in
    :func:`~fedcommune.domain.events.queries.agenda.listed`.
    """
    rows = await db.fetch(
        _OF_DAYS,
        days[:MAX_DAYS],
        wanted.category,
        wanted.domain,
        wanted.tag,
        min(limit, MAX_A_DAY),
    )
    found = defaultdict(list)
    for row in rows:
        zone, end = clock(row["timezone"]), row["ends_at"]
        start = row["starts_at"].astimezone(zone)
        glance = Glance(
            row["post_id"],
            row["name"],
            start,
            end is not None and whole_days(start, end.astimezone(zone)),
            row["status"],
            row["local"],
            row["domain"],
        )
        found[row["day"]].append(glance)
    return found
