"""Whether somebody elsewhere is heard at all."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.hosts import queries as hosts
from federation import iris
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError

# All that is still heard from somebody suspended (W-IN-03).
HEARD_FROM_SUSPENDED = frozenset({"Delete", "Reject", "Undo"})


async def welcome(tx: Transaction, activity: Activity) -> None:
    """Return when *activity* may be handled; ask before any handler.

    Raises RefusedError when its actor's server, by id or by handle, is refused (it may
    have been blocked since the activity arrived, or was forwarded by somebody else), and
    IgnoredError when the actor is gone or suspended: then only Delete, Reject, Undo and an
    Update of itself count (W-IN-03, SEC-MOD-01, SEC-MOD-03).
    """
    sender = await accounts.by_actor_id(tx.db, activity.actor)
    names = {iris.authority(activity.actor)}
    if sender is not None:
        if sender.local:
            raise RefusedError("This actor is ours: nobody else speaks for it.", 403)
        names.add(sender.domain)
    if await hosts.refused_among(tx.db, names):
        raise RefusedError("This server is refused here.", 403)
    if sender is None:
        if await accounts.is_dead(tx.db, activity.actor):
            raise IgnoredError("This actor was deleted.")
        return
    if sender.suspended_at is None or activity.type in HEARD_FROM_SUSPENDED:
        return
    if activity.type == "Update" and activity.object_id == activity.actor:
        return
    raise IgnoredError("This actor is suspended here.")
