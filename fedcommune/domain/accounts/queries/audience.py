"""SQL about who is to hear."""

from __future__ import annotations

from collections.abc import Collection

from fedcommune.database import Executor
from outbox.addressing import Recipient


async def followers_recipients(db: Executor, account_id: int) -> list[Recipient]:
    """Return where the followers of an actor, who are not ours, receive."""
    rows = await db.fetch(
        """
        select account.actor_id, account.inbox, account.shared_inbox
        from commune.follow
        join commune.account on account.id = follow.follower_id
        where follow.followed_id = $1
          and follow.state = 'accepted'
          and not account.local
          and account.suspended_at is null
          and account.deleted_at is null
        order by account.id
        """,
        account_id,
    )
    return [Recipient(**row) for row in rows]


async def known_recipients(db: Executor) -> list[Recipient]:
    """Return one recipient for each inbox known to us anywhere (W-ACT-DeleteActor)."""
    rows = await db.fetch(
        """
        select distinct on (coalesce(shared_inbox, inbox)) actor_id, inbox, shared_inbox
        from commune.account
        where not local
          and deleted_at is null
        order by coalesce(shared_inbox, inbox), id
        """
    )
    return [Recipient(**row) for row in rows]


async def blocked_recipients(db: Executor, account_id: int, actor_ids: Collection[str]) -> set[str]:
    """Return those of *actor_ids* between whom and *account_id* stands a block."""
    rows = await db.fetch(
        """
        select account.actor_id
        from commune.block
        join commune.account
          on account.id = case when blocker_id = $1 then blocked_id else blocker_id end
        where (blocker_id = $1 or blocked_id = $1)
          and account.actor_id = any($2::text[])
        """,
        account_id,
        list(actor_ids),
    )
    return {row["actor_id"] for row in rows}
