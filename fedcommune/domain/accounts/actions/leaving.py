"""Leave: move to another server, or be deleted; and believe strangers who do."""

from __future__ import annotations

from msgspec import structs

from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing, queries
from fedcommune.domain.accounts.model import KEYS_OUTLIVE, MOVE_COOLDOWN, Account, Kind
from fedcommune.errors import Conflict, NotAllowed, NotFound, TooMany
from outbox import upkeep as outbox


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


def may_move(account: Account, tx: Transaction) -> bool:
    """Tell whether *account* did not move within the last seven days (W-MOV-01)."""
    return account.moved_at is None or tx.now - account.moved_at >= MOVE_COOLDOWN


async def moved_away(tx: Transaction, account: Account, target: Account) -> Account:
    """Record that *account*, ours or a stranger, is now *target*; return it as it is now.

    Whoever calls has seen *account* among the aliases of *target*. Raises Conflict for a
    move to itself, TooMany within seven days of another move.
    """
    if target.id == account.id:
        raise Conflict(_("An account cannot move to itself: name another one."))
    if not may_move(account, tx):
        raise TooMany(
            _("This account moved less than seven days ago: wait before moving again."),
            retry_after=MOVE_COOLDOWN.total_seconds(),
        )
    return await queries.update(
        tx.db,
        structs.replace(account, moved_to=target.actor_id, moved_at=tx.now, updated_at=tx.now),
    )


async def delete(tx: Transaction, account: Account) -> None:
    """Delete a local actor and all it wrote, tell every server we know, keep a tombstone.

    The name and the id are never given again. The keys stay eight days more, so that the
    Delete can be signed until it has arrived (W-ACT-DeleteActor). Raises NotFound when the
    actor is not ours or is gone, NotAllowed for the actor of the commune itself.
    """
    if not account.local or account.deleted_at is not None:
        raise NotFound
    if account.kind is Kind.COMMUNE:
        raise NotAllowed(_("The commune itself cannot be deleted."))
    await outgoing.deleted(tx, account)
    # Nothing of before may still leave, nor be read under an old activity's address.
    for object_id in await queries.bury_posts(tx.db, account.id, tx.now):
        await outbox.forget(tx.db, object_id)
    await outbox.forget(tx.db, account.actor_id)
    await queries.purge(tx.db, account.id)
    await queries.bury(tx.db, account.actor_id, former_type=account.type, local=True, now=tx.now)
    await queries.retire_name(tx.db, account.username, tx.now)
    await queries.mark_deleted(tx.db, account.id, tx.now)
    keys = await queries.keys_of(tx.db, account.id, tx.now)
    await queries.expire_keys(tx.db, account.id, [key.id for key in keys], tx.now + KEYS_OUTLIVE)


async def forget_stranger(tx: Transaction, account: Account) -> None:
    """Delete a stranger who is gone, all we hold of it, for good (SEC-ORI-10).

    Raises NotAllowed for an actor of ours.
    """
    if account.local:
        raise NotAllowed(_("Nobody elsewhere deletes an actor of ours."))
    await queries.purge(tx.db, account.id)
    await queries.bury(tx.db, account.actor_id, former_type=account.type, local=False, now=tx.now)
    await queries.remove(tx.db, account.id)


async def forget_expired(tx: Transaction) -> None:
    """Erase what has ended: private keys of deleted actors and past rotations, waits for Undos."""
    await queries.forget_expired_private_keys(tx.db, tx.now)
    await queries.forget_forestalled(tx.db, tx.now)
