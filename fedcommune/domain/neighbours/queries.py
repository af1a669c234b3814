"""SQL about the communes around."""

from __future__ import annotations

from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.neighbours.model import Neighbour

MOST: Final = 100


async def around(db: Executor, ours: int, epci: str) -> list[Neighbour]:
    """Return the communes that we, the actor *ours* of the grouping *epci*, know of.

    First those that we follow, then those of our grouping, then those that follow us, then
    those that somebody here follows, then the others. Nobody is asked: a commune is known as
    soon as anything of it arrived, be it because a neighbour passed it on.
    """
    rows = await db.fetch(
        """
        select commune.id, mine.state as follow,
            exists (
                select
                from commune.follow
                where follower_id = commune.id
                  and followed_id = $1
                  and state = 'accepted') as follows_us,
            $2 <> '' and coalesce(commune.details ->> 'epci', '') = $2 as same_grouping,
            (
                select count(*)
                from commune.account other
                where other.domain = commune.domain
                  and other.kind in ('association', 'business', 'authority', 'group', 'project')
                  and other.deleted_at is null) as actors,
            (
                select count(*)
                from commune.place
                join commune.account owner on owner.id = place.owner_id
                where owner.domain = commune.domain
                  and not place.local
                  and place.deleted_at is null) as places,
            news.posts, news.latest_at
        from commune.account commune
        left join commune.follow mine on mine.follower_id = $1 and mine.followed_id = commune.id
        cross join lateral (
            select count(*) as posts, max(recent.published_at) as latest_at
            from (
                select post.published_at
                from commune.account writer
                join commune.post on post.author_id = writer.id
                where writer.domain = commune.domain
                  and not writer.local
                  and post.deleted_at is null
                  and post.visibility in ('public', 'unlisted')
                limit 10000
            ) recent
        ) news
        where commune.kind = 'commune'
          and not commune.local
          and commune.suspended_at is null
          and commune.deleted_at is null
          and not exists (
              select
              from commune.host
              where host.name = commune.domain
                and host.policy = 'blocked')
        order by mine.state is null, same_grouping desc, follows_us desc,
            exists (
                select
                from commune.follow theirs
                join commune.account fan on fan.id = theirs.follower_id
                where theirs.followed_id = commune.id
                  and fan.local) desc,
            lower(commune.name), commune.id
        limit $3
        """,
        ours,
        epci,
        MOST,
    )
    known = await accounts.by_ids(db, [row["id"] for row in rows])
    return [
        Neighbour(
            account=known[row["id"]],
            follow=row["follow"],
            follows_us=row["follows_us"],
            same_grouping=row["same_grouping"],
            actors=row["actors"],
            places=row["places"],
            posts=row["posts"],
            latest_at=row["latest_at"],
        )
        for row in rows
    ]
