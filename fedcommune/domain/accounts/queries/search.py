"""SQL: actors by name, and how much each is followed and says."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account, Tally
from fedcommune.domain.accounts.queries.people import COLUMNS, of_row

_NOTHING: Final = Tally()


async def search(
    db: Executor,
    viewer_id: int | None,
    text: str,
    *,
    limit: int = 40,
    skip: int = 0,
    following: bool = False,
) -> list[Account]:
    """Return actors whose user name begins with *text*, or whose name has its words.

    *text* may be a whole handle, or the beginning of one. Whom *viewer_id* follows comes
    first, then ours, then who is followed most. The suspended, the deleted, and who
    stands on the other side of a block are left out; with *following*, all whom the viewer
    does not follow. People who do not want to be found, and those who are limited, are found
    by their whole handle.
    """
    username, _, domain = text.strip().removeprefix("@").partition("@")
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.account
        left join commune.tally on tally.account_id = account.id
        left join commune.follow
          on follow.follower_id = $1::bigint
         and follow.followed_id = account.id
         and follow.state = 'accepted'
        where account.suspended_at is null
          and account.deleted_at is null
          and (
              (
                  lower(account.username) like $2
                  and starts_with(account.domain, $3)
              )
              or ($3 = '' and commune.words(account.name || ' ' || account.username)
                  @@ commune.wanted($4))
          )
          and (
              account.discoverable
              or follow.id is not null
              or lower(account.username) = lower($5)
          )
          and (not $6 or follow.id is not null)
          and (
              follow.id is not null
              or lower(account.username || '@' || account.domain) = lower(ltrim($4, '@'))
              or not commune.is_limited(account)
          )
          and not exists (
              select from commune.block
              where (blocker_id = account.id and blocked_id = $1::bigint)
                 or (blocker_id = $1::bigint and blocked_id = account.id)
          )
        order by lower(account.username) = lower($5) desc, follow.id is not null desc,
            account.local desc, coalesce(tally.followers, 0) desc, account.id
        limit $7
        offset $8
        """,
        viewer_id,
        _literally(username.lower()) + "%",
        domain.lower(),
        text,
        username,
        following,
        limit,
        skip,
    )
    return [of_row(row) for row in rows]


def _literally(text: str) -> str:
    """Return *text* as a pattern of ``like`` that means exactly it."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# The numbers of a row of commune.account, which is joined with its commune.tally, if any.
NUMBERS: Final = """
    coalesce(tally.followers, 0) as followers, coalesce(tally.following, 0) as following,
    coalesce(tally.posts, 0) as posts, tally.last_post_at,
    commune.is_limited(account) as is_limited,
    exists (
        select from commune.personal_fact fact
        where fact.account_id = account.id
          and fact.name <> 'links'
          and fact.value <> ''
    ) as tells
"""


async def tallies(db: Executor, account_ids: Collection[int]) -> dict[int, Tally]:
    """Return for each of the accounts how many follow it, how many it follows, what it wrote."""
    rows = await db.fetch(
        f"""
        select account.id as account_id, {NUMBERS}
        from commune.account
        left join commune.tally on tally.account_id = account.id
        where account.id = any($1::bigint[])
        """,
        list(account_ids),
    )
    found = {row["account_id"]: tally_of(row) for row in rows}
    return {account_id: found.get(account_id, _NOTHING) for account_id in account_ids}


async def tallied(db: Executor, account_ids: Collection[int]) -> dict[int, tuple[Account, Tally]]:
    """Return the accounts of these ids with their numbers, by id; unknown ids are left out."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}, {NUMBERS}
        from commune.account
        left join commune.tally on tally.account_id = account.id
        where account.id = any($1::bigint[])
        """,
        list(account_ids),
    )
    return {row["id"]: (of_row(row), tally_of(row)) for row in rows}


def tally_of(row: Any) -> Tally:
    """Make a Tally of a row that holds :data:`NUMBERS`."""
    return Tally(
        row["followers"],
        row["following"],
        row["posts"],
        row["last_post_at"],
        row["is_limited"],
        row["tells"],
    )
