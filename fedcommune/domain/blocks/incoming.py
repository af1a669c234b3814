"""What others say about keeping away from ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import incoming as accounts_incoming
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.blocks import actions, queries
from federation import activities, documents
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError
from inbox.router import Router

if TYPE_CHECKING:
    from inbox.gather import Gathered

router: Router[Transaction] = Router()


def the_actor(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Return the id of who speaks."""
    return (activity.actor,)


@router.receives("Block", needs=the_actor)
async def blocked(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody keeps away from one of ours (W-ACT-Block)."""
    if activity.object_id is None or not tx.instance.owns(activity.object_id):
        raise IgnoredError("This concerns nobody here.")
    ours = await account_queries.by_actor_id(tx.db, activity.object_id)
    if ours is None or ours.deleted_at is not None:
        raise IgnoredError("This concerns nobody here.")
    if await account_queries.is_forestalled(tx.db, activity.id, tx.now):
        raise IgnoredError("This Block was undone before it arrived.")
    blocker = await accounts.known(
        tx, activity.actor, gathered.get(activity.actor), gathered.handle(activity.actor)
    )
    same = await queries.by_activity(tx.db, activity.id)
    if same is not None and (same.blocker_id, same.blocked_id) != (blocker.id, ours.id):
        raise RefusedError("This id is that of another Block.")
    await actions.be_blocked(tx, blocker, ours, activity.id)


@router.receives("Undo", of="Block")
async def unblocked(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody no longer keeps away from one of ours."""
    if not await undo(tx, activity):
        await accounts_incoming.forestall(tx, activity)


async def undo(tx: Transaction, activity: Activity) -> bool:
    """Take the Undo of a Block, named by its id or embedded; return False when none is known."""
    blocker = await account_queries.by_actor_id(tx.db, activity.actor)
    if blocker is None or blocker.local:
        return False
    made = None
    if activity.object_id is not None:
        made = await queries.by_activity(tx.db, activity.object_id)
    inner = activities.embedded(activity)
    if made is None and inner is not None and "Block" in documents.types(inner):
        blocked_id = documents.iri(inner.get("object"))
        ours = await account_queries.by_actor_id(tx.db, blocked_id) if blocked_id else None
        made = await queries.of(tx.db, blocker.id, ours.id) if ours else None
    if made is None:
        return False
    if made.blocker_id != blocker.id:
        raise RefusedError("Only who blocked can undo that.")
    people = await account_queries.by_ids(tx.db, [made.blocked_id])
    await actions.be_unblocked(tx, blocker, people[made.blocked_id])
    return True
