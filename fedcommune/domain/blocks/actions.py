"""Keep away from somebody, or no longer."""

from __future__ import annotations

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import outgoing, queries
from fedcommune.errors import Conflict, NotAllowed


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def block(tx: Transaction, blocker: Account, blocked: Account, *, send: bool = False) -> None:
    """Let our *blocker* have nothing to do with *blocked*: follows end, notices vanish.

    Only with *send* (``[federation] send_blocks``) does the other server hear of the block
    itself (S2S-07); that the follows ended it hears in any case. Twice is once. Raises
    Conflict for oneself, NotAllowed when the blocker is not ours.
    """
    if not blocker.local:
        raise NotAllowed(_("Only an account of ours blocks here."))
    if blocker.id == blocked.id:
        raise Conflict(_("Nobody blocks oneself: name another account."))
    activity_id = tx.instance.activity(identifiers.new(tx.now))
    new = await queries.insert(
        tx.db,
        blocker_id=blocker.id,
        blocked_id=blocked.id,
        activity_id=activity_id,
        now=tx.now,
    )
    if not new:
        return
    await queries.forget_notifications(tx.db, blocker.id, blocked.id)
    for follower_id, _other, follow_id in await queries.sever(tx.db, blocker.id, blocked.id):
        if blocked.local:
            continue
        if follower_id == blocker.id:
            await outgoing.undo_follow(tx, blocker, blocked, follow_id)
        else:
            await outgoing.reject_follow(tx, blocker, blocked, follow_id)
    if send and not blocked.local:
        await outgoing.block(tx, blocker, blocked, activity_id)


async def unblock(
    tx: Transaction, blocker: Account, blocked: Account, *, send: bool = False
) -> None:
    """Lift the block of *blocked* by our *blocker*; what it ended stays ended. Twice is once."""
    if not blocker.local:
        raise NotAllowed(_("Only an account of ours lifts its blocks here."))
    made = await queries.of(tx.db, blocker.id, blocked.id)
    if made is None:
        return
    await queries.remove(tx.db, blocker.id, blocked.id)
    if send and not blocked.local and made.activity_id is not None:
        await outgoing.unblock(tx, blocker, blocked, made.activity_id)


async def be_blocked(tx: Transaction, blocker: Account, blocked: Account, activity_id: str) -> None:
    """A stranger keeps away from an account of ours: we no longer deliver to it (W-ACT-Block)."""
    await queries.insert(
        tx.db,
        blocker_id=blocker.id,
        blocked_id=blocked.id,
        activity_id=activity_id,
        now=tx.now,
    )
    await queries.sever(tx.db, blocker.id, blocked.id)
    await queries.forget_notifications(tx.db, blocker.id, blocked.id)


async def be_unblocked(tx: Transaction, blocker: Account, blocked: Account) -> None:
    """A stranger no longer keeps away."""
    await queries.remove(tx.db, blocker.id, blocked.id)
