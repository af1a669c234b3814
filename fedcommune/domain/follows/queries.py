"""SQL about who follows whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows.model import Cut, Follow, State
from outbox.addressing import Recipient


def _follow(row: Any) -> Follow:
    return Follow(**{**row, "state": State(row["state"])})


async def between(db: Executor, follower_id: int, followed_id: int) -> Follow | None:
    """Return the follow, asked for or accepted, of one account by another."""
    row = await db.fetchrow(
        """
        select id, follower_id, followed_id, activity_id, state, created_at, accepted_at
        from commune.follow
        where follower_id = $1
          and followed_id = $2
        """,
        follower_id,
        followed_id,
    )
    return None if row is None else _follow(row)


async def by_activity(db: Executor, activity_id: str) -> Follow | None:
    """Return the follow that this Follow activity began."""
    row = await db.fetchrow(
        """
        select id, follower_id, followed_id, activity_id, state, created_at, accepted_at
        from commune.follow
        where activity_id = $1
        """,
        activity_id,
    )
    return None if row is None else _follow(row)


async def insert(
    db: Executor,
    *,
    id_: int,
    follower_id: int,
    followed_id: int,
    activity_id: str,
    accepted: bool,
    now: datetime,
) -> Follow:
    """Store a follow; a repeated one keeps its state and takes the new activity's id."""
    row = await db.fetchrow(
        """
        insert into commune.follow (
            id, follower_id, followed_id, activity_id, state, created_at, accepted_at
        )
        values (
            $1, $2, $3, $4,
            case when $5 then 'accepted' else 'requested' end,
            $6,
            case when $5 then $6::timestamptz end
        )
        on conflict (follower_id, followed_id) do update
        set activity_id = excluded.activity_id
        returning id, follower_id, followed_id, activity_id, state, created_at, accepted_at
        """,
        id_,
        follower_id,
        followed_id,
        activity_id,
        accepted,
        now,
    )
    assert row is not None, "an upsert returns its row"
    return _follow(row)


async def accept(db: Executor, follow_id: int, now: datetime) -> bool:
    """Accept a follow; return whether it waited for that."""
    row = await db.fetchrow(
        """
        update commune.follow
        set state = 'accepted',
            accepted_at = $2
        where id = $1
          and state = 'requested'
        returning id
        """,
        follow_id,
        now,
    )
    return row is not None


async def remove(db: Executor, follow_id: int) -> None:
    await db.execute("delete from commune.follow where id = $1", follow_id)


async def follows(db: Executor, follower_id: int, followed_id: int) -> bool:
    """Tell whether one account follows another, accepted."""
    found = await db.fetchval(
        """
        select exists (
            select from commune.follow
            where follower_id = $1
              and followed_id = $2
              and state = 'accepted'
        )
        """,
        follower_id,
        followed_id,
    )
    return bool(found)


async def has_local_followers(db: Executor, account_id: int) -> bool:
    """Tell whether somebody here follows *account_id* (W-IN-01)."""
    found = await db.fetchval(
        """
        select exists (
            select from commune.follow
            join commune.account on account.id = follow.follower_id
            where follow.followed_id = $1
              and follow.state = 'accepted'
              and account.local
              and account.deleted_at is null
        )
        """,
        account_id,
    )
    return bool(found)


async def local_followers(db: Executor, account_id: int) -> list[int]:
    """Return the ids of our accounts that follow *account_id*, in order."""
    rows = await db.fetch(
        """
        select account.id
        from commune.follow
        join commune.account on account.id = follow.follower_id
        where follow.followed_id = $1
          and follow.state = 'accepted'
          and account.local
          and account.deleted_at is null
        order by account.id
        """,
        account_id,
    )
    return [row["id"] for row in rows]


async def followers_recipients(db: Executor, account_id: int) -> list[Recipient]:
    """Return where the followers of an actor, who are not ours, receive."""
    return await accounts.followers_recipients(db, account_id)


async def followers(
    db: Executor, account_id: int, *, before: int | None = None, limit: int = 40
) -> list[tuple[int, Account]]:
    """Return (cursor, follower), the newest first, those behind the cursor *before*."""
    rows = await db.fetch(
        f"""
        select follow.id as cursor, {accounts.COLUMNS}
        from commune.follow
        join commune.account on account.id = follow.follower_id
        where follow.followed_id = $1
          and follow.state = 'accepted'
          and account.suspended_at is null
          and account.deleted_at is null
          and ($2::bigint is null or follow.id < $2)
        order by follow.id desc
        limit $3
        """,
        account_id,
        before,
        limit,
    )
    return [(row["cursor"], accounts.of_row(row)) for row in rows]


async def following(
    db: Executor, account_id: int, *, before: int | None = None, limit: int = 40
) -> list[tuple[int, Account]]:
    """Return (cursor, followed), the newest first, those behind the cursor *before* (C2S-17)."""
    rows = await db.fetch(
        f"""
        select follow.id as cursor, {accounts.COLUMNS}
        from commune.follow
        join commune.account on account.id = follow.followed_id
        where follow.follower_id = $1
          and follow.state = 'accepted'
          and account.suspended_at is null
          and account.deleted_at is null
          and ($2::bigint is null or follow.id < $2)
        order by follow.id desc
        limit $3
        """,
        account_id,
        before,
        limit,
    )
    return [(row["cursor"], accounts.of_row(row)) for row in rows]


async def requests(
    db: Executor, account_id: int, *, before: int | None = None, limit: int = 40
) -> list[tuple[int, Account]]:
    """Return (cursor, who asks to follow *account_id*), the newest first."""
    rows = await db.fetch(
        f"""
        select follow.id as cursor, {accounts.COLUMNS}
        from commune.follow
        join commune.account on account.id = follow.follower_id
        where follow.followed_id = $1
          and follow.state = 'requested'
          and account.suspended_at is null
          and account.deleted_at is null
          and ($2::bigint is null or follow.id < $2)
        order by follow.id desc
        limit $3
        """,
        account_id,
        before,
        limit,
    )
    return [(row["cursor"], accounts.of_row(row)) for row in rows]


async def counts(db: Executor, account_id: int) -> tuple[int, int]:
    """Return how many follow *account_id*, and how many it follows."""
    row = await db.fetchrow(
        """
        select (
            select count(*)
            from commune.follow
            where followed_id = $1
              and state = 'accepted'
        ) as followers, (
            select count(*)
            from commune.follow
            where follower_id = $1
              and state = 'accepted'
        ) as following
        """,
        account_id,
    )
    assert row is not None, "a select of two counts returns a row"
    return row["followers"], row["following"]


async def cut_host(db: Executor, host: str) -> list[Cut]:
    """End every follow, both ways, with the people of *host* and of its sub-domains.

    An actor is of a host by its handle or by the address of its id (SEC-MOD-01).
    Returns what ended.
    """
    rows = await db.fetch(
        """
        delete from commune.follow
        using commune.account
        where (account.id = follow.follower_id or account.id = follow.followed_id)
          and not account.local
          and (
              account.domain = $1
              or right(split_part(account.domain, ':', 1), length($1) + 1) = '.' || $1
              or split_part(account.domain, ':', 1) = $1
              or split_part(account.actor_id, '/', 3) = $1
              or right(split_part(split_part(account.actor_id, '/', 3), ':', 1), length($1) + 1)
                 = '.' || $1
              or split_part(split_part(account.actor_id, '/', 3), ':', 1) = $1
          )
        returning follow.follower_id, follow.followed_id, follow.state = 'accepted' as was_accepted
        """,
        host,
    )
    return [Cut(**row) for row in rows]
