"""SQL: one entry by its id, a post or a boost."""

from __future__ import annotations

from collections.abc import Collection

from fedcommune.database import Executor
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.queries import COLUMNS
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.timelines.queries.rows import BOOST, entry
from fedcommune.domain.visibility import MAY_SEE, Viewer


async def by_ids(db: Executor, viewer: Viewer, ids: Collection[int]) -> dict[int, Entry]:
    """Return those of the posts and boosts of these ids that *viewer* may see, by id."""
    found = {
        post_id: Entry(post_id, post)
        for post_id, post in (await posts.by_ids(db, viewer, ids)).items()
    }
    rest = [each for each in ids if each not in found]
    if rest:
        found |= await _boosts(db, viewer, rest)
    return found


async def by_id(db: Executor, viewer: Viewer, id_: int) -> Entry | None:
    """Return the post or boost of this id, if *viewer* may see it."""
    return (await by_ids(db, viewer, [id_])).get(id_)


async def boost_of(db: Executor, account_id: int, post_id: int) -> Entry | None:
    """Return an account's own boost of a post."""
    boost_id = await db.fetchval(
        """
        select id
        from commune.reaction
        where kind = 'boost'
          and account_id = $1
          and post_id = $2
        """,
        account_id,
        post_id,
    )
    if boost_id is None:
        return None
    return (await _boosts(db, Viewer(account_id), [boost_id])).get(boost_id)


async def _boosts(db: Executor, viewer: Viewer, ids: Collection[int]) -> dict[int, Entry]:
    """Return boosts that *viewer* is told of: of what they may see, by whom they may hear."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}, {BOOST}
        from commune.reaction
        join commune.post on post.id = reaction.post_id
        join commune.account booster on booster.id = reaction.account_id
        where reaction.id = any($2::bigint[])
          and reaction.kind = 'boost'
          and booster.suspended_at is null
          and booster.deleted_at is null
          and (
              reaction.visibility in ('public', 'unlisted')
              or reaction.account_id = $1::bigint
              or exists (
                  select from commune.follow
                  where follow.follower_id = $1::bigint
                    and follow.followed_id = reaction.account_id
                    and follow.state = 'accepted'
              )
          )
          and not exists (
              select from commune.block
              where (blocker_id = reaction.account_id and blocked_id = $1::bigint)
                 or (blocker_id = $1::bigint and blocked_id = reaction.account_id)
          )
          and {MAY_SEE}
        """,
        viewer.account_id,
        list(ids),
    )
    return {row["boost_id"]: entry(row) for row in rows}
