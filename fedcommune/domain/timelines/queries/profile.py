"""SQL: what one account tells, to whom asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.posts.model import FIRST_PAGE, Page
from fedcommune.domain.posts.queries import COLUMNS
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.timelines.queries.rows import BOOST, HAS_MEDIA, NO_BOOST, newest_first
from fedcommune.domain.visibility import MAY_SEE, Viewer


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of what an account tells: all of it, unless something says otherwise."""

    replies: bool = True
    boosts: bool = True
    only_media: bool = False
    tag: str | None = None


EVERYTHING: Final = Wanted()


async def of_account(
    db: Executor,
    viewer: Viewer,
    account_id: int,
    page: Page = FIRST_PAGE,
    wanted: Wanted = EVERYTHING,
) -> list[Entry]:
    """Return what an account wrote and boosted, as far as *viewer* may see it.

    Without replies, what continues a thread of one's own stays. Boosts have no media and
    no tags of their own: asked for those, they are left out.
    """
    rows = await db.fetch(
        f"""
        with told as (
            select {COLUMNS}, {NO_BOOST}, post.id as entry_id
            from commune.post
            left join commune.post parent on parent.id = post.parent_id
            where post.author_id = $5
              and post.id < $2
              and post.id > $3
              and ($6 or post.in_reply_to is null or parent.author_id = post.author_id)
              and (not $8 or {HAS_MEDIA})
              and (
                  $9::text is null
                  or exists (
                      select from commune.hashtag
                      where hashtag.post_id = post.id and hashtag.name = $9
                  )
              )
              and {MAY_SEE}
            order by post.id {page.order}
            limit $4
        ),
        boosted as (
            select {COLUMNS}, {BOOST}, reaction.id as entry_id
            from commune.reaction
            join commune.post on post.id = reaction.post_id
            where $7
              and not $8
              and $9::text is null
              and reaction.kind = 'boost'
              and reaction.account_id = $5
              and (
                  reaction.visibility in ('public', 'unlisted')
                  or reaction.account_id = $1::bigint
                  or exists (
                      select from commune.follow
                      where follower_id = $1::bigint
                        and followed_id = $5
                        and state = 'accepted'
                  )
              )
              and not exists (
                  select from commune.block
                  where (blocker_id = $5 and blocked_id = $1::bigint)
                     or (blocker_id = $1::bigint and blocked_id = $5)
              )
              and reaction.id < $2
              and reaction.id > $3
              and {MAY_SEE}
            order by reaction.id {page.order}
            limit $4
        )
        select * from told
        union all
        select * from boosted
        order by entry_id {page.order}
        limit $4
        """,
        viewer.account_id,
        page.ceiling,
        page.floor,
        page.limit,
        account_id,
        wanted.replies,
        wanted.boosts,
        wanted.only_media,
        wanted.tag,
    )
    return newest_first(rows)


async def outbox(db: Executor, account_id: int, page: Page = FIRST_PAGE) -> list[Entry]:
    """Return what the outbox of an account shows to anybody: public posts and public boosts.

    Nothing else stands there, whoever asks (W-DOC-09, SEC-VIS-08).
    """
    rows = await db.fetch(
        f"""
        with told as (
            select {COLUMNS}, {NO_BOOST}, post.id as entry_id
            from commune.post
            where post.author_id = $5
              and post.visibility in ('public', 'unlisted')
              and post.id < $2
              and post.id > $3
              and {MAY_SEE}
            order by post.id {page.order}
            limit $4
        ),
        boosted as (
            select {COLUMNS}, {BOOST}, reaction.id as entry_id
            from commune.reaction
            join commune.post on post.id = reaction.post_id
            where reaction.kind = 'boost'
              and reaction.account_id = $5
              and reaction.visibility in ('public', 'unlisted')
              and post.visibility in ('public', 'unlisted')
              and reaction.id < $2
              and reaction.id > $3
              and {MAY_SEE}
            order by reaction.id {page.order}
            limit $4
        )
        select * from told
        union all
        select * from boosted
        order by entry_id {page.order}
        limit $4
        """,
        None,
        page.ceiling,
        page.floor,
        page.limit,
        account_id,
    )
    return newest_first(rows)


async def count_outbox(db: Executor, account_id: int) -> int:
    """Return how many entries the whole outbox has."""
    count = await db.fetchval(
        f"""
        select (
            select count(*)
            from commune.post
            where post.author_id = $2
              and post.visibility in ('public', 'unlisted')
              and {MAY_SEE}
        ) + (
            select count(*)
            from commune.reaction
            join commune.post on post.id = reaction.post_id
            where reaction.kind = 'boost'
              and reaction.account_id = $2
              and reaction.visibility in ('public', 'unlisted')
              and post.visibility in ('public', 'unlisted')
              and {MAY_SEE}
        )
        """,
        None,
        account_id,
    )
    return int(count)
