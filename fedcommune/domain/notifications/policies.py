"""SQL: from whom somebody wants to hear, and what waits until they look at it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from fedcommune.database import Executor

Treatment: TypeAlias = Literal["accept", "filter", "drop"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What becomes of notifications of people whom one does not follow, and so on."""

    not_following: Treatment = "accept"
    not_followers: Treatment = "accept"
    new_accounts: Treatment = "accept"
    private_mentions: Treatment = "filter"
    limited_accounts: Treatment = "filter"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits from one account. ``cursor`` pages it; times are UTC."""

    from_id: int
    cursor: int
    count: int
    first_at: datetime
    last_at: datetime
    post_id: int | None


async def of(db: Executor, account_id: int) -> Policy:
    row = await db.fetchrow(
        """
        select not_following, not_followers, new_accounts, private_mentions, limited_accounts
        from commune.notification_policy
        where account_id = $1
        """,
        account_id,
    )
    return Policy() if row is None else Policy(**row)


async def keep(db: Executor, account_id: int, policy: Policy) -> None:
    chosen = asdict(policy)
    await db.execute(
        """
        insert into commune.notification_policy (
            account_id, not_following, not_followers, new_accounts, private_mentions,
            limited_accounts
        )
        values ($1, $2, $3, $4, $5, $6)
        on conflict (account_id) do update
        set not_following = excluded.not_following,
            not_followers = excluded.not_followers,
            new_accounts = excluded.new_accounts,
            private_mentions = excluded.private_mentions,
            limited_accounts = excluded.limited_accounts
        """,
        account_id,
        chosen["not_following"],
        chosen["not_followers"],
        chosen["new_accounts"],
        chosen["private_mentions"],
        chosen["limited_accounts"],
    )


async def summary(db: Executor, account_id: int) -> tuple[int, int]:
    """Return from how many accounts something waits, and how many notifications."""
    row = await db.fetchrow(
        """
        select count(distinct from_id) as people, count(*) as notifications
        from commune.notification
        where account_id = $1
          and waiting
        """,
        account_id,
    )
    assert row is not None, "a select of two counts returns a row"
    return row["people"], row["notifications"]


async def waiting(
    db: Executor,
    account_id: int,
    *,
    from_id: int | None = None,
    ceiling: int = 2**63 - 1,
    floor: int = 0,
    limit: int = 40,
) -> list[Waiting]:
    """Return what waits for an account, by who sent it, the latest first."""
    rows = await db.fetch(
        """
        select from_id, max(notification.id) as cursor, count(*)::integer as count,
               min(notification.created_at) as first_at, max(notification.created_at) as last_at,
               max(notification.post_id) as post_id
        from commune.notification
        join commune.account teller on teller.id = notification.from_id
        where notification.account_id = $1
          and notification.waiting
          and teller.suspended_at is null
          and teller.deleted_at is null
          and ($2::bigint is null or from_id = $2)
        group by from_id
        having max(notification.id) < $3
           and max(notification.id) > $4
        order by cursor desc
        limit $5
        """,
        account_id,
        from_id,
        ceiling,
        floor,
        limit,
    )
    return [Waiting(**row) for row in rows]


async def accept(db: Executor, account_id: int, from_ids: Collection[int]) -> None:
    """Hear from these accounts from now on, and of what waits."""
    await db.execute(
        """
        insert into commune.notification_permission (account_id, from_id)
        select distinct account_id, from_id
        from commune.notification
        where account_id = $1
          and from_id = any($2::bigint[])
          and waiting
        on conflict do nothing
        """,
        account_id,
        list(from_ids),
    )
    await db.execute(
        """
        update commune.notification
        set waiting = false
        where account_id = $1
          and from_id = any($2::bigint[])
          and waiting
        """,
        account_id,
        list(from_ids),
    )


async def dismiss(db: Executor, account_id: int, from_ids: Collection[int]) -> None:
    """Forget what waits from these accounts."""
    await db.execute(
        """
        delete from commune.notification
        where account_id = $1
          and from_id = any($2::bigint[])
          and waiting
        """,
        account_id,
        list(from_ids),
    )
