"""SQL: on which lists something has just come up, of all that are read just now."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.mutes.model import NOT_MUTED
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.timelines.queries.live import of_each
from fedcommune.domain.visibility import MAY_SEE

_SEES: Final = of_each(MAY_SEE)
_READS: Final = of_each(NOT_MUTED)


async def showing(db: Executor, entry: Entry, list_ids: Collection[int]) -> set[int]:
    """Return those of the lists whose timeline shows *entry*, by the rules of that timeline."""
    if entry.boost is not None:
        return await _showing_boost(db, entry.id, list_ids)
    rows = await db.fetch(
        f"""
        with chosen as (
            select list.id, list.account_id as owner_id, list.replies_policy,
                   member.account_id as member_id
            from commune.list
            join commune.list_member member on member.list_id = list.id
            left join commune.follow
              on follow.follower_id = list.account_id and follow.followed_id = member.account_id
            where list.id = any($1::bigint[])
              and (follow.state = 'accepted' or member.account_id = list.account_id)
        )
        select chosen.id
        from chosen
        join commune.account reader on reader.id = chosen.owner_id
        join commune.post on post.author_id = chosen.member_id
        left join commune.post parent on parent.id = post.parent_id
        where post.id = $2
          and (
              post.in_reply_to is null
              or parent.author_id = post.author_id
              or (
                  chosen.replies_policy <> 'none'
                  and (
                      parent.author_id = reader.id
                      or exists (
                          select from chosen answered
                          where answered.id = chosen.id
                            and answered.member_id = parent.author_id
                      )
                      or (
                          chosen.replies_policy = 'followed'
                          and exists (
                              select from commune.follow
                              where follower_id = reader.id
                                and followed_id = parent.author_id
                                and state = 'accepted'
                          )
                      )
                  )
              )
          )
          and {_READS}
          and {_SEES}
        """,
        list(list_ids),
        entry.post.id,
    )
    return {row["id"] for row in rows}


async def _showing_boost(db: Executor, boost_id: int, list_ids: Collection[int]) -> set[int]:
    rows = await db.fetch(
        f"""
        select list.id
        from commune.list
        join commune.list_member member on member.list_id = list.id
        join commune.account reader on reader.id = list.account_id
        left join commune.follow
          on follow.follower_id = reader.id and follow.followed_id = member.account_id
        join commune.reaction on reaction.account_id = member.account_id
        join commune.post on post.id = reaction.post_id
        where list.id = any($1::bigint[])
          and reaction.id = $2
          and reaction.kind = 'boost'
          and (follow.state = 'accepted' or member.account_id = reader.id)
          and coalesce(follow.boosts, true)
          and not exists (
              select from commune.list_member writer
              left join commune.follow read
                on read.follower_id = reader.id and read.followed_id = writer.account_id
              where writer.list_id = list.id
                and writer.account_id = post.author_id
                and (read.state = 'accepted' or writer.account_id = reader.id)
          )
          and {_READS}
          and {_SEES}
        """,
        list(list_ids),
        boost_id,
    )
    return {row["id"] for row in rows}
