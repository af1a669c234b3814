"""What keeping away says to other servers."""

from __future__ import annotations

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.visibility import Visibility
from outbox import envelope


async def undo_follow(tx: Transaction, blocker: Account, blocked: Account, follow_id: str) -> None:
    """Our *blocker* no longer follows *blocked*."""
    await accounts.send(
        tx,
        blocker,
        envelope.undo(
            tx.instance.answer("undo", follow_id),
            blocker.actor_id,
            envelope.follow(follow_id, blocker.actor_id, blocked.actor_id),
        ),
        to=[blocked.recipient],
        visibility=Visibility.DIRECT,
        order=blocked.actor_id,
    )


async def reject_follow(
    tx: Transaction, blocker: Account, blocked: Account, follow_id: str
) -> None:
    """*blocked* no longer follows our *blocker*."""
    await accounts.send(
        tx,
        blocker,
        envelope.reject(
            tx.instance.answer("reject", follow_id),
            blocker.actor_id,
            envelope.follow(follow_id, blocked.actor_id, blocker.actor_id),
        ),
        to=[blocked.recipient],
        visibility=Visibility.DIRECT,
        order=blocker.actor_id,
    )


async def block(tx: Transaction, blocker: Account, blocked: Account, activity_id: str) -> None:
    """Tell *blocked* of the block: only where the administrators want that (S2S-07)."""
    await accounts.send(
        tx,
        blocker,
        envelope.block(activity_id, blocker.actor_id, blocked.actor_id, tell=True),
        to=[blocked.recipient],
        visibility=Visibility.DIRECT,
        order=blocked.actor_id,
    )


async def unblock(tx: Transaction, blocker: Account, blocked: Account, activity_id: str) -> None:
    """Tell *blocked* that the block is lifted: only if it was told of it."""
    await accounts.send(
        tx,
        blocker,
        envelope.undo(
            tx.instance.activity(identifiers.new(tx.now)),
            blocker.actor_id,
            envelope.block(activity_id, blocker.actor_id, blocked.actor_id, tell=True),
        ),
        to=[blocked.recipient],
        visibility=Visibility.DIRECT,
        order=blocked.actor_id,
    )
