"""What following says to other servers."""

from __future__ import annotations

from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.visibility import Visibility
from outbox import envelope


def document(follower: Account, followed: Account, activity_id: str) -> dict[str, Any]:
    """Return the Follow, complete, as it is sent and embedded in the answers to it."""
    return envelope.follow(activity_id, follower.actor_id, followed.actor_id)


async def request(tx: Transaction, follower: Account, followed: Account, activity_id: str) -> None:
    """Our *follower* asks to follow *followed* (W-ACT-Follow)."""
    follow = document(follower, followed, activity_id)
    await accounts.tell(tx, follower, follow, followed, order=followed.actor_id)


async def accept(tx: Transaction, followed: Account, follower: Account, activity_id: str) -> None:
    """Our *followed* agrees; the same Follow gets an answer of the same id."""
    answer = envelope.accept(
        tx.instance.answer("accept", activity_id),
        followed.actor_id,
        document(follower, followed, activity_id),
    )
    await accounts.tell(tx, followed, answer, follower, order=followed.actor_id)


async def reject(tx: Transaction, followed: Account, follower: Account, activity_id: str) -> None:
    """Our *followed* refuses, or ends, the Follow *activity_id*."""
    answer = envelope.reject(
        tx.instance.answer("reject", activity_id),
        followed.actor_id,
        document(follower, followed, activity_id),
    )
    await accounts.tell(tx, followed, answer, follower, order=followed.actor_id)


async def undo(tx: Transaction, follower: Account, followed: Account, activity_id: str) -> None:
    """Our *follower* no longer follows, nor asks to (W-ACT-Undo)."""
    undone = envelope.undo(
        tx.instance.answer("undo", activity_id),
        follower.actor_id,
        document(follower, followed, activity_id),
    )
    await accounts.tell(tx, follower, undone, followed, order=followed.actor_id)


async def moved(tx: Transaction, account: Account, target: Account) -> None:
    """Our *account* tells its followers that it is now *target* (W-MOV-01)."""
    await accounts.updated(tx, account)
    followers_url = account.followers_url or f"{account.actor_id}/followers"
    await accounts.send(
        tx,
        account,
        envelope.move(
            tx.instance.activity(identifiers.new(tx.now)),
            account.actor_id,
            target.actor_id,
            followers=followers_url,
        ),
        to=await account_queries.followers_recipients(tx.db, account.id),
        visibility=Visibility.UNLISTED,
        order=account.actor_id,
    )
