"""What others say about following: asked, accepted, refused, undone, moved away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import incoming as accounts_incoming
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account, afresh
from fedcommune.domain.follows import actions, queries
from fedcommune.domain.follows.model import Follow
from federation import activities, documents
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError
from federation.vocabulary import actors
from inbox.router import Router

if TYPE_CHECKING:
    from inbox.gather import Gathered

router: Router[Transaction] = Router()


def the_actor(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Return the id of who speaks."""
    return (activity.actor,)


def the_target(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Return the id of where somebody moves."""
    return () if activity.target_id is None else (afresh(activity.target_id),)


@router.receives("Follow", needs=the_actor)
async def followed(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody asks to follow one of ours (W-ACT-Follow)."""
    ours = await _local(tx, activity.object_id)
    if await account_queries.is_forestalled(tx.db, activity.id, tx.now):
        raise IgnoredError("This Follow was undone before it arrived.")
    follower = await accounts.known(
        tx, activity.actor, gathered.get(activity.actor), gathered.handle(activity.actor)
    )
    await actions.gain_follower(tx, follower, ours, activity.id)


@router.receives("Accept", of="Follow")
async def accepted(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Whom we asked to follow agrees; nobody else can (SEC-ORI-11)."""
    if not await accept(tx, activity):
        raise IgnoredError("No Follow of ours waits for this answer.")


@router.receives("Reject", of="Follow")
async def refused(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Whom we follow, or asked to, does not want it (any more)."""
    if not await reject(tx, activity):
        raise IgnoredError("No Follow of ours is refused by this.")


@router.receives("Undo", of="Follow")
async def undone(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody no longer follows one of ours, or undoes a Follow that is still on its way."""
    if not await undo(tx, activity):
        await accounts_incoming.forestall(tx, activity)


@router.receives("Move", needs=the_target)
async def moved(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody moved: ours who followed follow there, once the new account agrees (W-MOV-01).

    The new account is asked, freshly, whether it names the old one (SEC-ORI-12).
    """
    if activity.object_id != activity.actor or activity.target_id is None:
        raise RefusedError("Only who moves can say so, and must say where to.")
    if activity.target_id == activity.actor:
        raise RefusedError("Nobody moves to where one already is.")
    old = await account_queries.by_actor_id(tx.db, activity.actor)
    if old is None or old.local:
        raise IgnoredError("Nobody here knows who moved.")
    if not accounts.may_move(old, tx):
        raise IgnoredError("This account moved less than seven days ago.")
    new = await _destination(tx, activity, gathered, old)
    await actions.carry_over(tx, await accounts.moved_away(tx, old, new), new)


# Also for an answer or an Undo that names the Follow by its id alone: then whoever reads the
# activity does not know what it is about, and asks each subject in turn.


async def accept(tx: Transaction, activity: Activity) -> bool:
    """Take an Accept of a Follow that we sent; return False when it is none."""
    made = await _answered(tx, activity)
    if made is None:
        return False
    await actions.was_accepted(tx, made)
    return True


async def reject(tx: Transaction, activity: Activity) -> bool:
    """Take a Reject of a Follow that we sent; return False when it is none."""
    made = await _answered(tx, activity)
    if made is None:
        return False
    await actions.was_refused(tx, made)
    return True


async def undo(tx: Transaction, activity: Activity) -> bool:
    """Take the Undo of a Follow by who followed; return False when none is known."""
    made = None
    if activity.object_id is not None:
        made = await queries.by_activity(tx.db, activity.object_id)
    inner = activities.embedded(activity)
    if made is None and inner is not None and "Follow" in documents.types(inner):
        made = await _between(tx, activity.actor, documents.iri(inner.get("object")))
    if made is None:
        return False
    follower = await account_queries.by_id(tx.db, made.follower_id)
    if follower is None or follower.local or follower.actor_id != activity.actor:
        raise RefusedError("Only who followed can undo that.")
    await actions.lose_follower(tx, made)
    return True


async def _local(tx: Transaction, actor_id: str | None) -> Account:
    if actor_id is None or not tx.instance.owns(actor_id):
        raise IgnoredError("This concerns nobody here.")
    account = await account_queries.by_actor_id(tx.db, actor_id)
    if account is None or not account.local or account.deleted_at is not None:
        raise IgnoredError("This concerns nobody here.")
    return account


async def _answered(tx: Transaction, activity: Activity) -> Follow | None:
    """Return the Follow of ours that *activity* answers, if its actor is whom we asked."""
    made = None
    if activity.object_id is not None:
        made = await queries.by_activity(tx.db, activity.object_id)
    inner = activities.embedded(activity)
    if made is None and inner is not None and "Follow" in documents.types(inner):
        # Some servers lose our id and embed a Follow of their own making.
        made = await _between(tx, documents.iri(inner.get("actor")), activity.actor)
    if made is None:
        return None
    people = await account_queries.by_ids(tx.db, [made.follower_id, made.followed_id])
    follower, asked = people[made.follower_id], people[made.followed_id]
    if not follower.local or asked.local or asked.actor_id != activity.actor:
        return None
    return made


async def _between(
    tx: Transaction, follower_id: str | None, followed_id: str | None
) -> Follow | None:
    if follower_id is None or followed_id is None:
        return None
    people = await account_queries.by_actor_ids(tx.db, [follower_id, followed_id])
    if follower_id not in people or followed_id not in people:
        return None
    return await queries.between(tx.db, people[follower_id].id, people[followed_id].id)


async def _destination(
    tx: Transaction, activity: Activity, gathered: Gathered, old: Account
) -> Account:
    """Return where *old* moved, if that account names *old* among its aliases."""
    target_id = activity.target_id
    assert target_id is not None, "a Move without a target was refused before"
    if tx.instance.owns(target_id):
        new = await account_queries.by_actor_id(tx.db, target_id)
        aliases = () if new is None else new.also_known_as
    else:
        document = gathered.get(afresh(target_id))
        if document is None or document.get("id") != target_id:
            raise gathered.missing.get(afresh(target_id)) or RefusedError(
                "The new account could not be fetched from its server."
            )
        aliases = actors.read(document).also_known_as
        new = None
    if old.actor_id not in aliases:
        raise RefusedError("The new account does not name the old one among its aliases.")
    if new is None:
        document = gathered.get(afresh(target_id))
        assert document is not None, "a document that was just read exists"
        new = await accounts.learn(tx, document, gathered.handle(target_id))
    if not new.is_active:
        raise RefusedError("The new account is gone, or suspended here.")
    return new
