"""SQL: pages of people: followers, followed, asking, blocked, recommended, suggested."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, Literal, TypeAlias

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.visibility import Viewer

# (cursor, account), the latest first.
People: TypeAlias = list[tuple[int, Account]]
Order: TypeAlias = Literal["asc", "desc"]

# Whom a commune shows around: its people and organisations, never strangers (SEC-GDP).
SHOWN_AROUND: Final = (
    Kind.CITIZEN,
    Kind.ASSOCIATION,
    Kind.BUSINESS,
    Kind.AUTHORITY,
    Kind.GROUP,
    Kind.PROJECT,
)
# Whom its directory lists besides: the commune itself, and what is said by subject.
LISTED: Final = (*SHOWN_AROUND, Kind.COMMUNE, Kind.FEED, Kind.SQUARE)
_SEEN: Final = """
    account.suspended_at is null
    and account.deleted_at is null
    and not exists (
        select from commune.block
        where blocker_id = account.id and blocked_id = $1::bigint
    )
"""


def _people(rows: Collection[Any]) -> People:
    found = [(row["cursor"], accounts.of_row(row)) for row in rows]
    return sorted(found, key=lambda each: each[0], reverse=True)


async def followers(
    db: Executor,
    viewer: Viewer,
    account_id: int,
    *,
    ceiling: int,
    floor: int,
    order: Order,
    limit: int,
    requested: bool = False,
) -> People:
    """Return who follows an account, or asks to; who blocks the viewer is left out."""
    rows = await db.fetch(
        f"""
        select follow.id as cursor, {accounts.COLUMNS}
        from commune.follow
        join commune.account on account.id = follow.follower_id
        where follow.followed_id = $2
          and follow.state = case when $6 then 'requested' else 'accepted' end
          and follow.id < $3
          and follow.id > $4
          and {_SEEN}
        order by follow.id {order}
        limit $5
        """,
        viewer.account_id,
        account_id,
        ceiling,
        floor,
        limit,
        requested,
    )
    return _people(rows)


async def following(
    db: Executor,
    viewer: Viewer,
    account_id: int,
    *,
    ceiling: int,
    floor: int,
    order: Order,
    limit: int,
) -> People:
    """Return whom an account follows; who blocks the viewer is left out."""
    rows = await db.fetch(
        f"""
        select follow.id as cursor, {accounts.COLUMNS}
        from commune.follow
        join commune.account on account.id = follow.followed_id
        where follow.follower_id = $2
          and follow.state = 'accepted'
          and follow.id < $3
          and follow.id > $4
          and {_SEEN}
        order by follow.id {order}
        limit $5
        """,
        viewer.account_id,
        account_id,
        ceiling,
        floor,
        limit,
    )
    return _people(rows)


async def blocked(
    db: Executor, account_id: int, *, ceiling: int, floor: int, order: Order, limit: int
) -> People:
    """Return whom an account blocks, by their ids."""
    rows = await db.fetch(
        f"""
        select account.id as cursor, {accounts.COLUMNS}
        from commune.block
        join commune.account on account.id = block.blocked_id
        where block.blocker_id = $1
          and account.deleted_at is null
          and account.id < $2
          and account.id > $3
        order by account.id {order}
        limit $4
        """,
        account_id,
        ceiling,
        floor,
        limit,
    )
    return _people(rows)


async def endorsed(
    db: Executor,
    viewer: Viewer,
    account_id: int,
    *,
    ceiling: int,
    floor: int,
    order: Order,
    limit: int,
) -> People:
    """Return whom an account recommends; who blocks the viewer is left out."""
    rows = await db.fetch(
        f"""
        select endorsement.id as cursor, {accounts.COLUMNS}
        from commune.endorsement
        join commune.account on account.id = endorsement.endorsed_id
        where endorsement.account_id = $2
          and endorsement.id < $3
          and endorsement.id > $4
          and {_SEEN}
        order by endorsement.id {order}
        limit $5
        """,
        viewer.account_id,
        account_id,
        ceiling,
        floor,
        limit,
    )
    return _people(rows)


async def familiar(
    db: Executor, account_id: int, other_ids: Collection[int], *, each: int = 10
) -> dict[int, list[Account]]:
    """Return for each of the others who follows them among those whom an account follows."""
    rows = await db.fetch(
        f"""
        select asked.id as other_id, found.*
        from unnest($2::bigint[]) asked (id)
        cross join lateral (
            select {accounts.COLUMNS}
            from commune.follow theirs
            join commune.follow mine
              on mine.followed_id = theirs.follower_id
             and mine.follower_id = $1
             and mine.state = 'accepted'
            join commune.account on account.id = theirs.follower_id
            where theirs.followed_id = asked.id
              and theirs.state = 'accepted'
              and {_SEEN}
            order by theirs.id desc
            limit $3
        ) found
        """,
        account_id,
        list(other_ids),
        each,
    )
    people: dict[int, list[Account]] = {other_id: [] for other_id in other_ids}
    for row in rows:
        people[row["other_id"]].append(accounts.of_row(row))
    return people


async def suggested(db: Executor, account_id: int, *, limit: int) -> list[Account]:
    """Return people and organisations of ours whom an account may want to follow.

    Nobody who does not want to be found, nobody it follows, blocks, mutes or declined.
    """
    rows = await db.fetch(
        f"""
        select {accounts.COLUMNS}
        from commune.account
        left join commune.tally on tally.account_id = account.id
        where account.local
          and account.kind = any($2::text[])
          and account.discoverable
          and account.moved_to is null
          and account.silenced_at is null
          and account.id <> $1
          and not exists (
              select from commune.follow where follower_id = $1 and followed_id = account.id
          )
          and not exists (
              select from commune.block where blocker_id = $1 and blocked_id = account.id
          )
          and not exists (
              select from commune.mute where muter_id = $1 and muted_id = account.id
          )
          and not exists (
              select from commune.declined_suggestion declined
              where declined.account_id = $1 and declined.declined_id = account.id
          )
          and {_SEEN}
        order by coalesce(tally.followers, 0) desc, account.id desc
        limit $3
        """,
        account_id,
        list(SHOWN_AROUND),
        limit,
    )
    return [accounts.of_row(row) for row in rows]


async def directory(
    db: Executor, viewer: Viewer, *, by_age: bool, skip: int, limit: int
) -> list[Account]:
    """Return people, organisations and feeds of ours who want to be found.

    The newest first with *by_age*, or else who wrote last.
    """
    order = "account.id desc" if by_age else "tally.last_post_at desc nulls last, account.id desc"
    rows = await db.fetch(
        f"""
        select {accounts.COLUMNS}
        from commune.account
        left join commune.tally on tally.account_id = account.id
        where account.local
          and account.kind = any($2::text[])
          and account.discoverable
          and (
              account.silenced_at is null
              or account.id = $1::bigint
              or exists (
                  select from commune.follow
                  where follow.follower_id = $1::bigint
                    and follow.followed_id = account.id
                    and follow.state = 'accepted'
              )
          )
          and {_SEEN}
        order by {order}
        limit $3
        offset $4
        """,
        viewer.account_id,
        list(LISTED),
        limit,
        skip,
    )
    return [accounts.of_row(row) for row in rows]
