"""SQL about lists. Whose list it is stands in every statement (SEC-VIS-11)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from fedcommune import identifiers
from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.lists.model import MAX_MEMBERS, PeopleList
from fedcommune.domain.mutes.model import NOT_MUTED
from fedcommune.domain.posts.model import FIRST_PAGE, Page
from fedcommune.domain.posts.queries import COLUMNS
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.timelines.queries.rows import BOOST, NO_BOOST, newest_first
from fedcommune.domain.visibility import MAY_SEE

_LIST: Final = """list.id, list.account_id, list.title, list.replies_policy as replies,
    list.exclusive"""


def _list(row: Any) -> PeopleList:
    return PeopleList(**row)


async def of_account(db: Executor, account_id: int) -> list[PeopleList]:
    """Return the lists of an account, oldest first."""
    rows = await db.fetch(
        f"select {_LIST} from commune.list where account_id = $1 order by id", account_id
    )
    return [_list(row) for row in rows]


async def with_member(db: Executor, account_id: int, member_id: int) -> list[PeopleList]:
    """Return those lists of an account that have this member."""
    rows = await db.fetch(
        f"""
        select {_LIST}
        from commune.list
        join commune.list_member on list_member.list_id = list.id
        where list.account_id = $1
          and list_member.account_id = $2
        order by list.id
        """,
        account_id,
        member_id,
    )
    return [_list(row) for row in rows]


async def by_id(db: Executor, account_id: int, list_id: int) -> PeopleList | None:
    row = await db.fetchrow(
        f"select {_LIST} from commune.list where account_id = $1 and id = $2", account_id, list_id
    )
    return None if row is None else _list(row)


async def count(db: Executor, account_id: int) -> int:
    """Return how many lists an account has, its row locked until the end."""
    await db.execute("select from commune.account where id = $1 for update", account_id)
    found = await db.fetchval("select count(*) from commune.list where account_id = $1", account_id)
    return int(found)


async def keep(db: Executor, made: PeopleList, now: datetime) -> None:
    """Store a list, or what changed of it."""
    await db.execute(
        """
        insert into commune.list (id, account_id, title, replies_policy, exclusive, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (id) do update
        set title = excluded.title,
            replies_policy = excluded.replies_policy,
            exclusive = excluded.exclusive
        where list.account_id = excluded.account_id
        """,
        made.id,
        made.account_id,
        made.title,
        made.replies,
        made.exclusive,
        now,
    )


async def remove(db: Executor, account_id: int, list_id: int) -> bool:
    """Remove a list; return whether there was one."""
    row = await db.fetchrow(
        "delete from commune.list where account_id = $1 and id = $2 returning id",
        account_id,
        list_id,
    )
    return row is not None


async def members(
    db: Executor, account_id: int, list_id: int, page: Page = FIRST_PAGE, *, all_: bool = False
) -> list[tuple[int, Account]]:
    """Return (cursor, member) of a list, the latest added first; all of them, or a page."""
    rows = await db.fetch(
        f"""
        select list_member.id as cursor, {accounts.COLUMNS}
        from commune.list
        join commune.list_member on list_member.list_id = list.id
        join commune.account on account.id = list_member.account_id
        where list.account_id = $1
          and list.id = $2
          and account.suspended_at is null
          and account.deleted_at is null
          and list_member.id < $3
          and list_member.id > $4
        order by list_member.id {page.order}
        limit $5
        """,
        account_id,
        list_id,
        page.ceiling,
        page.floor,
        MAX_MEMBERS if all_ else page.limit,
    )
    found = [(row["cursor"], accounts.of_row(row)) for row in rows]
    return sorted(found, key=lambda each: each[0], reverse=True)


async def count_members(db: Executor, list_id: int) -> int:
    """Return how many a list has, its row locked until the end."""
    await db.execute("select from commune.list where id = $1 for update", list_id)
    found = await db.fetchval(
        "select count(*) from commune.list_member where list_id = $1", list_id
    )
    return int(found)


async def followed_among(db: Executor, account_id: int, ids: Collection[int]) -> set[int]:
    """Return those of the accounts that *account_id* follows, asks to follow, or is."""
    rows = await db.fetch(
        """
        select followed_id as id
        from commune.follow
        where follower_id = $1
          and followed_id = any($2::bigint[])
        union
        select $1::bigint
        """,
        account_id,
        list(ids),
    )
    return {row["id"] for row in rows} & set(ids)


async def add(db: Executor, list_id: int, ids: Collection[int], now: datetime) -> None:
    await db.executemany(
        """
        insert into commune.list_member (id, list_id, account_id)
        values ($1, $2, $3)
        on conflict (list_id, account_id) do nothing
        """,
        [(identifiers.new(now), list_id, each) for each in ids],
    )


async def take_out(db: Executor, account_id: int, list_id: int, ids: Collection[int]) -> None:
    await db.execute(
        """
        delete from commune.list_member
        using commune.list
        where list.id = list_member.list_id
          and list.account_id = $1
          and list.id = $2
          and list_member.account_id = any($3::bigint[])
        """,
        account_id,
        list_id,
        list(ids),
    )


async def timeline(
    db: Executor, account_id: int, list_id: int, page: Page = FIRST_PAGE
) -> list[Entry]:
    """Return what the people of a list wrote and boosted, as far as its owner may see it.

    People whom the owner no longer follows, or who follow with boosts switched off, are read
    as the owner reads them at home. A post comes once: of several boosts the latest shows.
    """
    order = page.order
    rows = await db.fetch(
        f"""
        with chosen as materialized (
            select list.replies_policy, member.account_id as id,
                   coalesce(follow.boosts, true) as boosts
            from commune.list
            join commune.list_member member on member.list_id = list.id
            left join commune.follow
              on follow.follower_id = $1 and follow.followed_id = member.account_id
            where list.id = $5
              and list.account_id = $1
              and (follow.state = 'accepted' or member.account_id = $1)
        ),
        written as (
            select found.*
            from chosen
            cross join lateral (
                select {COLUMNS}, {NO_BOOST}, post.id as entry_id
                from commune.post
                left join commune.post parent on parent.id = post.parent_id
                where post.author_id = chosen.id
                  and (
                      post.in_reply_to is null
                      or parent.author_id = post.author_id
                      or (
                          chosen.replies_policy <> 'none'
                          and (
                              parent.author_id = $1
                              or parent.author_id in (select id from chosen)
                              or (
                                  chosen.replies_policy = 'followed'
                                  and exists (
                                      select from commune.follow
                                      where follower_id = $1
                                        and followed_id = parent.author_id
                                        and state = 'accepted'
                                  )
                              )
                          )
                      )
                  )
                  and post.id < $2
                  and post.id > $3
                  and {NOT_MUTED}
                  and {MAY_SEE}
                order by post.id {order}
                limit $4
            ) found
        ),
        boosted as (
            select found.*
            from chosen
            cross join lateral (
                select {COLUMNS}, {BOOST}, reaction.id as entry_id
                from commune.reaction
                join commune.post on post.id = reaction.post_id
                where chosen.boosts
                  and reaction.kind = 'boost'
                  and reaction.account_id = chosen.id
                  and post.author_id not in (select id from chosen)
                  and not exists (
                      select from commune.reaction later
                      where later.post_id = reaction.post_id
                        and later.kind = 'boost'
                        and later.id > reaction.id
                        and later.account_id in (select id from chosen)
                  )
                  and reaction.id < $2
                  and reaction.id > $3
                  and {NOT_MUTED}
                  and {MAY_SEE}
                order by reaction.id {order}
                limit $4
            ) found
        )
        select * from written
        union all
        select * from boosted
        order by entry_id {order}
        limit $4
        """,
        account_id,
        page.ceiling,
        page.floor,
        page.limit,
        list_id,
    )
    return newest_first(rows)
