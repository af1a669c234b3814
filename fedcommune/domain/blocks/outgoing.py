"""What keeping away says to other servers."""

from __future__ import annotations

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts.model import Account
from outbox import envelope


async def undo_follow(tx: Transaction, blocker: Account, blocked: Account, follow_id: str) -> None:
    """Our *blocker* no longer follows *blocked*."""
    undone = envelope.undo(
        tx.instance.answer("undo", follow_id),
        blocker.actor_id,
        envelope.follow(follow_id, blocker.actor_id, blocked.actor_id),
    )
    await accounts.tell(tx, blocker, undone, blocked, order=blocked.actor_id)


async def reject_follow(
    tx: Transaction, blocker: Account, blocked: Account, follow_id: str
) -> None:
    """*blocked* no longer follows our *blocker*."""
    answer = envelope.reject(
        tx.instance.answer("reject", follow_id),
        blocker.actor_id,
        envelope.follow(follow_id, blocked.actor_id, blocker.actor_id),
    )
    await accounts.tell(tx, blocker, answer, blocked, order=blocker.actor_id)


async def block(tx: Transaction, blocker: Account, blocked: Account, activity_id: str) -> None:
    """Tell *blocked* of the block: only where the administrators want that (S2S-07)."""
    told = envelope.block(activity_id, blocker.actor_id, blocked.actor_id, tell=True)
    await accounts.tell(tx, blocker, told, blocked, order=blocked.actor_id)


async def unblock(tx: Transaction, blocker: Account, blocked: Account, activity_id: str) -> None:
    """Tell *blocked* that the block is lifted: only if it was told of it."""
    undone = envelope.undo(
        tx.instance.activity(identifiers.new(tx.now)),
        blocker.actor_id,
        envelope.block(activity_id, blocker.actor_id, blocked.actor_id, tell=True),
    )
    await accounts.tell(tx, blocker, undone, blocked, order=blocked.actor_id)
