"""What neighbours tell of their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.places import actions
from fedcommune.domain.posts import incoming as posts
from federation import iris
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError
from federation.vocabulary import points
from inbox.router import Router

if TYPE_CHECKING:
    from inbox.gather import Gathered

router: Router[Transaction] = Router()


@router.receives("Create", of="Place", needs=posts.object_unless_embedded)
@router.receives("Update", of="Place", needs=posts.object_unless_embedded)
async def told(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """A neighbour tells of a place, or what it is like now.

    Of interest are the actors that somebody here follows, and those of a commune that is
    followed: communes follow each other.
    """
    owner = await posts.sender(tx, activity, gathered)
    view = points.read(posts.document_of(activity, gathered))
    if not iris.same_origin(view.id, activity.actor):
        raise RefusedError("This place is of another server than who tells of it.")
    if not await _concerns_us(tx, owner):
        raise IgnoredError("This place is of no commune that is followed here.")
    await actions.learn(tx, view, owner)


@router.receives("Delete", of="Place")
async def gone(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """A neighbour says that a place is no more."""
    if not await forget(tx, activity):
        raise IgnoredError("Nobody here knew this place.")


async def forget(tx: Transaction, activity: Activity) -> bool:
    """Take a Delete that names a place by its id; False when it is about something else."""
    if activity.object_id is None:
        return False
    return await actions.forget(tx, activity.object_id, activity.actor)


async def _concerns_us(tx: Transaction, owner: Account) -> bool:
    if await follows.has_local_followers(tx.db, owner.id):
        return True
    commune = await accounts.commune_of(tx.db, owner.domain)
    return commune is not None and await follows.has_local_followers(tx.db, commune.id)
