"""SQL: home, the commune, everything known, a tag, and what one account tells the world."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.posts.model import FIRST_PAGE, Page
from fedcommune.domain.posts.queries import COLUMNS, of_row
from fedcommune.domain.timelines.model import Boost, Entry
from fedcommune.domain.visibility import MAY_SEE, Viewer, Visibility

_BOOST: Final = """
    reaction.id as boost_id, reaction.account_id as boost_account_id,
    reaction.activity_id as boost_activity_id, reaction.visibility as boost_visibility,
    reaction.created_at as boost_created_at
"""
_NO_BOOST: Final = """
    null::bigint as boost_id, null::bigint as boost_account_id, null::text as boost_activity_id,
    null::text as boost_visibility, null::timestamptz as boost_created_at
"""


def _entry(row: Any) -> Entry:
    post = of_row(row)
    if row["boost_id"] is None:
        return Entry(post.id, post)
    boost = Boost(
        id=row["boost_id"],
        account_id=row["boost_account_id"],
        activity_id=row["boost_activity_id"],
        visibility=Visibility(row["boost_visibility"]),
        created_at=row["boost_created_at"],
    )
    return Entry(boost.id, post, boost)


def _newest_first(rows: Iterable[Any]) -> list[Entry]:
    return sorted((_entry(row) for row in rows), key=lambda entry: entry.id, reverse=True)


async def home(db: Executor, account_id: int, page: Page = FIRST_PAGE) -> list[Entry]:
    """Return what an account and those it follows wrote and boosted, as far as it may see.

    A post comes once: the boost of what stands there in its own place is left out, and
    of several boosts only the latest shows. Answers to people whom the account does not
    follow stay away, unless they are addressed to it.
    """
    rows = await db.fetch(
        f"""
        with followed as (
            select followed_id as id
            from commune.follow
            where follower_id = $1
              and state = 'accepted'
            union
            select $1::bigint
        ),
        written as (
            select {COLUMNS}, {_NO_BOOST}, post.id as entry_id
            from commune.post
            left join commune.post parent on parent.id = post.parent_id
            where post.author_id in (select id from followed)
              and (
                  post.in_reply_to is null
                  or parent.author_id in (select id from followed)
                  or exists (
                      select from commune.mention
                      where mention.post_id = post.id and mention.account_id = $1
                  )
              )
              and ($2::bigint is null or post.id < $2)
              and ($3::bigint is null or post.id > $3)
              and {MAY_SEE}
            order by post.id {page.order}
            limit $4
        ),
        boosted as (
            select {COLUMNS}, {_BOOST}, reaction.id as entry_id
            from commune.reaction
            join commune.post on post.id = reaction.post_id
            join commune.account booster on booster.id = reaction.account_id
            where reaction.kind = 'boost'
              and reaction.account_id in (select id from followed)
              and reaction.visibility in ('public', 'unlisted', 'followers')
              and booster.suspended_at is null
              and booster.deleted_at is null
              and post.author_id not in (select id from followed)
              and not exists (
                  select from commune.reaction later
                  where later.post_id = reaction.post_id
                    and later.kind = 'boost'
                    and later.id > reaction.id
                    and later.account_id in (select id from followed)
                    and later.visibility in ('public', 'unlisted', 'followers')
              )
              and ($2::bigint is null or reaction.id < $2)
              and ($3::bigint is null or reaction.id > $3)
              and {MAY_SEE}
            order by reaction.id {page.order}
            limit $4
        )
        select * from written
        union all
        select * from boosted
        order by entry_id {page.order}
        limit $4
        """,
        account_id,
        page.below,
        page.above,
        page.limit,
    )
    return _newest_first(rows)


async def public(
    db: Executor, viewer: Viewer, page: Page = FIRST_PAGE, *, local: bool | None = None
) -> list[Entry]:
    """Return the public posts: everything known here, only ours, or only those of others.

    Answers to other people stay in their threads.
    """
    rows = await db.fetch(
        f"""
        select {COLUMNS}, {_NO_BOOST}
        from commune.post
        left join commune.post parent on parent.id = post.parent_id
        where post.visibility = 'public'
          and ($2::bigint is null or post.id < $2)
          and ($3::bigint is null or post.id > $3)
          and ($5::boolean is null or post.local = $5)
          and (post.in_reply_to is null or parent.author_id = post.author_id)
          and {MAY_SEE}
        order by post.id {page.order}
        limit $4
        """,
        viewer.account_id,
        page.below,
        page.above,
        page.limit,
        local,
    )
    return _newest_first(rows)


async def tag(
    db: Executor, viewer: Viewer, name: str, page: Page = FIRST_PAGE, *, local: bool | None = None
) -> list[Entry]:
    """Return the public posts that carry the hashtag *name* (lower case, no sharp sign)."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}, {_NO_BOOST}
        from commune.hashtag
        join commune.post on post.id = hashtag.post_id
        where hashtag.name = $5
          and post.visibility = 'public'
          and ($2::bigint is null or post.id < $2)
          and ($3::bigint is null or post.id > $3)
          and ($6::boolean is null or post.local = $6)
          and {MAY_SEE}
        order by post.id {page.order}
        limit $4
        """,
        viewer.account_id,
        page.below,
        page.above,
        page.limit,
        name,
        local,
    )
    return _newest_first(rows)


async def of_account(
    db: Executor, viewer: Viewer, account_id: int, page: Page = FIRST_PAGE
) -> list[Entry]:
    """Return what an account wrote and boosted, as far as *viewer* may see it."""
    rows = await db.fetch(
        f"""
        with told as (
            select {COLUMNS}, {_NO_BOOST}, post.id as entry_id
            from commune.post
            where post.author_id = $5
              and ($2::bigint is null or post.id < $2)
              and ($3::bigint is null or post.id > $3)
              and {MAY_SEE}
            order by post.id {page.order}
            limit $4
        ),
        boosted as (
            select {COLUMNS}, {_BOOST}, reaction.id as entry_id
            from commune.reaction
            join commune.post on post.id = reaction.post_id
            where reaction.kind = 'boost'
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
              and ($2::bigint is null or reaction.id < $2)
              and ($3::bigint is null or reaction.id > $3)
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
        page.below,
        page.above,
        page.limit,
        account_id,
    )
    return _newest_first(rows)


async def outbox(db: Executor, account_id: int, page: Page = FIRST_PAGE) -> list[Entry]:
    """Return what the outbox of an account shows to anybody: public posts and public boosts.

    Nothing else stands there, whoever asks (W-DOC-09, SEC-VIS-08).
    """
    rows = await db.fetch(
        f"""
        with told as (
            select {COLUMNS}, {_NO_BOOST}, post.id as entry_id
            from commune.post
            where post.author_id = $5
              and post.visibility in ('public', 'unlisted')
              and ($2::bigint is null or post.id < $2)
              and ($3::bigint is null or post.id > $3)
              and {MAY_SEE}
            order by post.id {page.order}
            limit $4
        ),
        boosted as (
            select {COLUMNS}, {_BOOST}, reaction.id as entry_id
            from commune.reaction
            join commune.post on post.id = reaction.post_id
            where reaction.kind = 'boost'
              and reaction.account_id = $5
              and reaction.visibility in ('public', 'unlisted')
              and post.visibility in ('public', 'unlisted')
              and ($2::bigint is null or reaction.id < $2)
              and ($3::bigint is null or reaction.id > $3)
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
        page.below,
        page.above,
        page.limit,
        account_id,
    )
    return _newest_first(rows)


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
