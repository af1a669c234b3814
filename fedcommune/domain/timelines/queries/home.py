"""SQL: what an account and those it follows wrote and boosted."""

from __future__ import annotations

from typing import Any, Final

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


# How many posts, of whomever, are looked through before each of the followed is asked for theirs.
NEAR: Final = 300
# Who did not find their page among those looks for so many pages where they found it.
AGAIN: Final = 30
_REMEMBERED: Final = 10_000
_in_vain: Final[dict[int, int]] = {}


def _is_read(account: str, rule: str = "true") -> str:
    """Whether $1 reads *account*, a column, under a *rule* about how.

    ``offset 0`` says to look it up for each row, and not for everybody at once.
    """
    return f"exists (select from ({FOLLOWED}) read where read.id = {account} and {rule} offset 0)"


def _tagged(page: Page, unread: str) -> str:
    """The newest public posts with ``followed_tag``, by those whom $1 does not read by name.

    *unread* says so of ``post.author_id``; nothing is beyond the ``edge`` of the page.
    """
    return f"""
        select {COLUMNS}, {NO_BOOST}, post.id as entry_id
        from commune.hashtag
        join commune.post on post.id = hashtag.post_id
        where hashtag.name = followed_tag.name
          and post.visibility = 'public'
          and {unread}
          and hashtag.post_id < $2
          and hashtag.post_id > $3
          and hashtag.post_id {">=" if page.order == "desc" else "<="} (select id from edge)
          and {HEARD}
          and {MAY_MEET}
          and {MAY_SEE}
        order by hashtag.post_id {page.order}
        limit {page.limit}
    """


# What carries several of the hashtags comes once, and not beside its boost.
_BOOSTED_AND_TAGGED: Final = """
    select * from boosted
    union all
    (
        select distinct on (entry_id) *
        from tagged
        where not exists (select from boosted where boosted.id = tagged.id)
        order by entry_id
    )
"""


async def home(db: Executor, account_id: int, page: Page = FIRST_PAGE) -> list[Entry]:
    """Return what an account and those it follows wrote and boosted, as far as it may see.

    Public posts with a hashtag that it follows are among them. A post comes once: the
    boost of what stands there in its own place is left out, and of several boosts only
    the latest shows. Answers to people whom the account does not follow stay away, unless
    they are addressed to it; so does whom it muted, and who is read in a list of its own.
    *db* should be a connection for reading (``Database.reading``), which keeps the plans: to
    make them takes longer than the answer itself.
    """
    # Who follows many finds a page of them among the latest posts, whoever wrote those; who
    # follows few does not, and is asked for again after some pages. Both find the same.
    left = _in_vain.get(account_id, 0)
    rows = None if left else await near(db, account_id, page)
    if rows is None:
        if account_id not in _in_vain and len(_in_vain) == _REMEMBERED:
            _in_vain.clear()
        _in_vain[account_id] = left - 1 if left else AGAIN
        rows = await far(db, account_id, page)
    return newest_first(rows)


async def near(db: Executor, account_id: int, page: Page) -> list[Any] | None:
    """Return the page if it is found among few posts; None when one has to look further."""
    order, limit = page.order, page.limit
    # With a page of posts, nothing beyond the last of them is on it. With less than a page,
    # it is known whether all that there is was looked through, or else nothing.
    beyond, bound, last = (
        (">=", "min(entry_id)", 0) if order == "desc" else ("<=", "max(entry_id)", 2**63 - 1)
    )
    rows = await db.fetch(
        f"""
        with written as materialized (
            select {COLUMNS}, {NO_BOOST}, post.id as entry_id
            from (
                select *
                from commune.post
                where id < $2
                  and id > $3
                order by id {order}
                limit {NEAR}
            ) post
            cross join lateral (
                select read.languages
                from ({FOLLOWED}) read
                where read.id = post.author_id
                limit 1
            ) author
            left join commune.post parent on parent.id = post.parent_id
            where (
                  post.in_reply_to is null
                  or {_is_read("parent.author_id")}
                  or exists (
                      select from commune.mention
                      where mention.post_id = post.id and mention.account_id = $1
                  )
              )
              and (author.languages is null or post.language is null
                  or post.language = any(author.languages))
              and {MAY_SEE}
            order by post.id {order}
            limit {limit}
        ),
        edge as materialized (
            select case
                       when count(*) = {limit} then {bound}
                       when (
                           select count(*)
                           from (
                               select from commune.post where id < $2 and id > $3 limit {NEAR}
                           ) known
                       ) < {NEAR} then {last}::bigint
                   end as id
            from written
        ),
        boosted as materialized (
            select {COLUMNS}, {BOOST}, reaction.id as entry_id
            from commune.reaction
            join commune.post on post.id = reaction.post_id
            cross join lateral (
                select
                from ({FOLLOWED}) read
                where read.id = reaction.account_id
                  and read.boosts
                limit 1
            ) booster
            where reaction.kind = 'boost'
              and reaction.visibility in ('public', 'unlisted', 'followers')
              and reaction.id < $2
              and reaction.id > $3
              and reaction.id {beyond} (select id from edge)
              and not {_is_read("post.author_id")}
              and not exists (
                  select from commune.reaction later
                  where later.post_id = reaction.post_id
                    and later.kind = 'boost'
                    and later.id > reaction.id
                    and later.visibility in ('public', 'unlisted', 'followers')
                    and {_is_read("later.account_id", "read.boosts")}
                  offset 0
              )
              and {HEARD}
              and {MAY_SEE}
            order by reaction.id {order}
            limit {limit}
        ),
        tagged as (
            select found.*
            from commune.followed_tag
            cross join lateral (
                {_tagged(page, f"not {_is_read('post.author_id')}")}
            ) found
            where followed_tag.account_id = $1
        )
        select * from written where (select id from edge) is not null
        union all
        {_BOOSTED_AND_TAGGED}
        order by entry_id {order}
        limit {limit}
        """,
        account_id,
        page.ceiling,
        page.floor,
    )
    # Nothing at all was found: because there is nothing, or because it is further away.
    return rows if rows or await _few(db, page) else None


async def _few(db: Executor, page: Page) -> bool:
    """Tell whether all posts there are between the ends of *page* are looked through at once."""
    known = await db.fetchval(
        f"""
        select count(*)
        from (select from commune.post where id < $1 and id > $2 limit {NEAR}) known
        """,
        page.ceiling,
        page.floor,
    )
    return int(known) < NEAR


async def far(db: Executor, account_id: int, page: Page) -> list[Any]:
    """Return the page, asking for each of those who are followed."""
    # A number between 1 and 40, said outright: of a limit that it does not know, PostgreSQL
    # expects a tenth of everything, and plans for that.
    order, limit = page.order, page.limit
    # One thread that each of the followed began is quickly found. As soon as there is a
    # page full of them, nothing beyond the last can be on this page: what everybody wrote
    # since then is little, however much they wrote before.
    beyond, bound, last = (">=", "min(id)", 0) if order == "desc" else ("<=", "max(id)", 2**63 - 1)
    return await db.fetch(
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
                {_tagged(page, "post.author_id not in (select id from followed)")}
            ) found
            where followed_tag.account_id = $1
            order by entry_id {order}
            limit {limit}
        )
        select * from written
        union all
        {_BOOSTED_AND_TAGGED}
        order by entry_id {order}
        limit {limit}
        """,
        account_id,
        page.ceiling,
        page.floor,
    )
