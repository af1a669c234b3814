"""SQL: what an account and those it follows wrote and boosted."""

from __future__ import annotations

from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.posts.model import FIRST_PAGE, Page
from fedcommune.domain.posts.queries import COLUMNS
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.timelines.queries.rows import BOOST, HEARD, NO_BOOST, newest_first
from fedcommune.domain.visibility import MAY_MEET, MAY_SEE

# Who is read by $1, and how. Nobody is asked twice whether they are still there.
FOLLOWED: Final = """
    select account.id, follow.boosts, follow.languages
    from commune.follow
    join commune.account on account.id = follow.followed_id
    where follow.follower_id = $1
      and follow.state = 'accepted'
      and account.suspended_at is null
      and account.deleted_at is null
      and not exists (
          select from commune.mute
          where mute.muter_id = $1
            and mute.muted_id = account.id
            and (mute.expires_at is null or mute.expires_at > now())
      )
      and not exists (
          select from commune.list
          join commune.list_member on list_member.list_id = list.id
          where list.account_id = $1
            and list.exclusive
            and list_member.account_id = account.id
      )
    union all
    select $1::bigint, true, null
"""


async def home(db: Executor, account_id: int, page: Page = FIRST_PAGE) -> list[Entry]:
    """Return what an account and those it follows wrote and boosted, as far as it may see.

    Public posts with a hashtag that it follows are among them. A post comes once: the
    boost of what stands there in its own place is left out, and of several boosts only
    the latest shows. Answers to people whom the account does not follow stay away, unless
    they are addressed to it; so does whom it muted, and who is read in a list of its own.
    *db* should be a connection for reading (``Database.reading``), which keeps the plan: to make
    it takes as long as the answer itself.
    """
    # A number between 1 and 40, said outright: of a limit that it does not know, PostgreSQL
    # expects a tenth of everything, and plans for that.
    order, limit = page.order, page.limit
    # One thread that each of the followed began is quickly found. As soon as there is a
    # page full of them, nothing beyond the last can be on this page: what everybody wrote
    # since then is little, however much they wrote before.
    beyond, bound, last = (">=", "min(id)", 0) if order == "desc" else ("<=", "max(id)", 2**63 - 1)
    rows = await db.fetch(
        f"""
        with followed as materialized (
            {FOLLOWED}
        ),
        edge as materialized (
            select case when count(*) = {limit} then {bound} else {last}::bigint end as id
            from (
                select begun.id
                from followed
                cross join lateral (
                    select post.id
                    from commune.post
                    where post.author_id = followed.id
                      and post.in_reply_to is null
                      and post.visibility in ('public', 'unlisted', 'followers')
                      and post.deleted_at is null
                      and (followed.languages is null or post.language is null
                          or post.language = any(followed.languages))
                      and post.id < $2
                      and post.id > $3
                    order by post.id {order}
                    limit 1
                ) begun
                order by begun.id {order}
                limit {limit}
            ) newest
        ),
        written as (
            select found.*
            from followed
            cross join lateral (
                select {COLUMNS}, {NO_BOOST}, post.id as entry_id
                from commune.post
                left join commune.post parent on parent.id = post.parent_id
                where post.author_id = followed.id
                  and (
                      post.in_reply_to is null
                      or parent.author_id in (select id from followed)
                      or exists (
                          select from commune.mention
                          where mention.post_id = post.id and mention.account_id = $1
                      )
                  )
                  and (followed.languages is null or post.language is null
                      or post.language = any(followed.languages))
                  and post.id < $2
                  and post.id > $3
                  and post.id {beyond} (select id from edge)
                  and {MAY_SEE}
                order by post.id {order}
                limit {limit}
            ) found
            order by entry_id {order}
            limit {limit}
        ),
        boosted as (
            select found.*
            from followed
            cross join lateral (
                select {COLUMNS}, {BOOST}, reaction.id as entry_id
                from commune.reaction
                join commune.post on post.id = reaction.post_id
                where followed.boosts
                  and reaction.kind = 'boost'
                  and reaction.account_id = followed.id
                  and reaction.visibility in ('public', 'unlisted', 'followers')
                  and post.author_id not in (select id from followed)
                  and not exists (
                      select from commune.reaction later
                      where later.post_id = reaction.post_id
                        and later.kind = 'boost'
                        and later.id > reaction.id
                        and later.account_id in (select id from followed where boosts)
                        and later.visibility in ('public', 'unlisted', 'followers')
                  )
                  and reaction.id < $2
                  and reaction.id > $3
                  and reaction.id {beyond} (select id from edge)
                  and {HEARD}
                  and {MAY_SEE}
                order by reaction.id {order}
                limit {limit}
            ) found
            order by entry_id {order}
            limit {limit}
        ),
        tagged as (
            select found.*
            from commune.followed_tag
            cross join lateral (
                select {COLUMNS}, {NO_BOOST}, post.id as entry_id
                from commune.hashtag
                join commune.post on post.id = hashtag.post_id
                where hashtag.name = followed_tag.name
                  and post.visibility = 'public'
                  and post.author_id not in (select id from followed)
                  and hashtag.post_id < $2
                  and hashtag.post_id > $3
                  and hashtag.post_id {beyond} (select id from edge)
                  and {HEARD}
                  and {MAY_MEET}
                  and {MAY_SEE}
                order by hashtag.post_id {order}
                limit {limit}
            ) found
            where followed_tag.account_id = $1
            order by entry_id {order}
            limit {limit}
        )
        select * from written
        union all
        select * from boosted
        union all
        (
            select distinct on (entry_id) *
            from tagged
            where not exists (select from boosted where boosted.id = tagged.id)
            order by entry_id
        )
        order by entry_id {order}
        limit {limit}
        """,
        account_id,
        page.ceiling,
        page.floor,
    )
    return newest_first(rows)
