"""SQL about who keeps away from whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks.model import Block


def _block(row: Any) -> Block:
    return Block(**row)


async def between(db: Executor, one_id: int, other_id: int) -> bool:
    """Tell whether a block stands between two accounts, in either direction (SEC-MOD-02)."""
    found = await db.fetchval(
        """
        select exists (
            select from commune.block
            where (blocker_id = $1 and blocked_id = $2)
               or (blocker_id = $2 and blocked_id = $1)
        )
        """,
        one_id,
        other_id,
    )
    return bool(found)


async def of(db: Executor, blocker_id: int, blocked_id: int) -> Block | None:
    """Return the block of one account by another."""
    row = await db.fetchrow(
        """
        select blocker_id, blocked_id, activity_id, created_at
        from commune.block
        where blocker_id = $1
          and blocked_id = $2
        """,
        blocker_id,
        blocked_id,
    )
    return None if row is None else _block(row)


async def by_activity(db: Executor, activity_id: str) -> Block | None:
    """Return the block that this Block activity made."""
    row = await db.fetchrow(
        """
        select blocker_id, blocked_id, activity_id, created_at
        from commune.block
        where activity_id = $1
        """,
        activity_id,
    )
    return None if row is None else _block(row)


async def insert(
    db: Executor, *, blocker_id: int, blocked_id: int, activity_id: str, now: datetime
) -> bool:
    """Store a block; return whether it is new."""
    row = await db.fetchrow(
        """
        insert into commune.block (blocker_id, blocked_id, activity_id, created_at)
        values ($1, $2, $3, $4)
        on conflict do nothing
        returning blocker_id
        """,
        blocker_id,
        blocked_id,
        activity_id,
        now,
    )
    return row is not None


async def remove(db: Executor, blocker_id: int, blocked_id: int) -> bool:
    """Lift a block; return whether there was one."""
    row = await db.fetchrow(
        """
        delete from commune.block
        where blocker_id = $1
          and blocked_id = $2
        returning blocker_id
        """,
        blocker_id,
        blocked_id,
    )
    return row is not None


async def blocked_by(
    db: Executor, blocker_id: int, *, after: int = 0, limit: int = 40
) -> list[Account]:
    """Return whom *blocker_id* blocks, in the order of their ids."""
    rows = await db.fetch(
        f"""
        select {accounts.COLUMNS}
        from commune.block
        join commune.account on account.id = block.blocked_id
        where block.blocker_id = $1
          and account.id > $2
        order by account.id
        limit $3
        """,
        blocker_id,
        after,
        limit,
    )
    return [accounts.of_row(row) for row in rows]


async def forget_notifications(db: Executor, one_id: int, other_id: int) -> None:
    """Delete what two accounts were told of one another."""
    await db.execute(
        """
        delete from commune.notification
        where (account_id = $1 and from_id = $2)
           or (account_id = $2 and from_id = $1)
        """,
        one_id,
        other_id,
    )


async def local_blockers(db: Executor, blocked_id: int) -> list[int]:
    """Return the ids of our accounts that block *blocked_id*, in order."""
    rows = await db.fetch(
        """
        select account.id
        from commune.block
        join commune.account on account.id = block.blocker_id
        where block.blocked_id = $1
          and account.local
          and account.deleted_at is null
        order by account.id
        """,
        blocked_id,
    )
    return [row["id"] for row in rows]


async def sever(db: Executor, one_id: int, other_id: int) -> list[tuple[int, int, str]]:
    """End the follows between two accounts, both ways.

    Returns (follower, followed, id of the Follow activity) of each that ended.
    """
    rows = await db.fetch(
        """
        delete from commune.follow
        where (follower_id = $1 and followed_id = $2)
           or (follower_id = $2 and followed_id = $1)
        returning follower_id, followed_id, activity_id
        """,
        one_id,
        other_id,
    )
    return [(row["follower_id"], row["followed_id"], row["activity_id"]) for row in rows]
