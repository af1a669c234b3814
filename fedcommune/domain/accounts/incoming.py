"""What actors elsewhere say of themselves: that they changed, that they are gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions, queries
from fedcommune.domain.accounts.model import Account, afresh
from federation import iris
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError
from federation.names import ACTORS
from inbox.router import Router

if TYPE_CHECKING:
    from inbox.gather import Gathered

# How long an Undo waits for what it undoes (W-ACT-Undo: 6 to 24 hours).
FORESTALLED: Final = timedelta(hours=24)

router: Router[Transaction] = Router()


def itself(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Return the actor who speaks of itself: its document is fetched afresh (W-KEY-04)."""
    return (afresh(activity.actor),) if activity.object_id == activity.actor else ()


async def updated(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """An actor changed: keep what its own server says now, whatever the message says."""
    await update(tx, activity, gathered)


async def update(tx: Transaction, activity: Activity, gathered: Gathered) -> Account:
    """Do the work of :func:`updated`; return the account as it is now.

    Raises RefusedError for an Update of somebody else (W-ORI-07), IgnoredError for an
    actor we never knew (W-KEY-05), and whatever hindered the fetch.
    """
    if activity.object_id != activity.actor:
        raise RefusedError("Only an actor itself can say that it changed.")
    if await queries.by_actor_id(tx.db, activity.actor) is None:
        raise IgnoredError("Nobody here knows this actor.")
    document = gathered.get(afresh(activity.actor))
    if document is None or document.get("id") != activity.actor:
        raise gathered.missing.get(afresh(activity.actor)) or RefusedError(
            "The actor's document could not be fetched from its own server."
        )
    return await actions.learn(tx, document, gathered.handle(activity.actor))


async def deleted(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """An actor is gone for good: so is all we hold of it (W-ACT-DeleteActor)."""
    if not is_farewell(activity):
        raise RefusedError("Only an actor itself can say that it is gone.")
    account = await queries.by_actor_id(tx.db, activity.actor)
    if account is None:
        raise IgnoredError("Nobody here knew this actor.")
    await actions.forget_stranger(tx, account)


def is_farewell(activity: Activity) -> bool:
    """Tell whether *activity* is the Delete of its own actor."""
    return activity.type == "Delete" and activity.object_id == activity.actor


async def forestall(tx: Transaction, activity: Activity) -> None:
    """Remember for a day that what *activity* undoes must be ignored when it arrives late.

    Return afterwards instead of raising: what is remembered is kept with the outcome.
    """
    undone_id = activity.object_id
    if undone_id is not None and iris.same_origin(undone_id, activity.actor):
        await queries.forestall(tx.db, undone_id, tx.now + FORESTALLED)


for _type in sorted(ACTORS):
    router.receives("Update", of=_type, needs=itself)(updated)
    router.receives("Delete", of=_type)(deleted)
