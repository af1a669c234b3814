"""What others say of collections, ours and theirs: asked, agreed, refused, taken back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections import actions, arrivals, outgoing, queries
from fedcommune.domain.collections.model import Collection, Consent, Item, State
from fedcommune.domain.follows import queries as follows
from federation import activities, documents, iris
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError, UnavailableError
from federation.vocabulary import featured
from inbox.router import Router

if TYPE_CHECKING:
    from inbox.gather import Gathered

router: Router[Transaction] = Router()


def the_collection(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Return the id of the collection into which somebody is asked."""
    collection_id = _instrument(activity)
    return () if collection_id is None else (collection_id,)


def the_stamp(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Return where the consent is that comes with an answer."""
    stamp = documents.iri(activity.document.get("result"))
    return () if stamp is None else (stamp,)


def the_item(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Return who is recommended by an item, and where their consent is."""
    inner = activities.embedded(activity)
    item = None
    if inner is not None and activity.target_id is not None:
        item = featured.read_item(inner, activity.target_id)
    if item is None or item.authorization is None:
        return ()
    return (item.actor, item.authorization)


@router.receives("FeatureRequest", needs=the_collection)
async def asked(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody elsewhere asks to put one of ours into their collection.

    The collection is read from its own server, and must be theirs. A repeated request is
    answered again in the same way.
    """
    account = await _ours(tx, activity.object_id)
    collection_id = _instrument(activity)
    if collection_id is None or not iris.same_origin(collection_id, activity.actor):
        raise RefusedError("Only who owns a collection can ask somebody into it.")
    owner = await accounts.known(
        tx, activity.actor, gathered.get(activity.actor), gathered.handle(activity.actor)
    )
    answer = await actions.consent(tx, owner, account)
    if answer not in (Consent.AUTOMATIC, Consent.MANUAL):
        await outgoing.reject(tx, account, collection_id, owner, activity.id)
        return
    collection = await _theirs(tx, collection_id, owner, gathered)
    item = await arrivals.requested(
        tx, collection, account, activity.id, agrees=answer is Consent.AUTOMATIC
    )
    if item is None:
        await outgoing.reject(tx, account, collection_id, owner, activity.id)
        return
    if item.state is State.ACCEPTED:
        await outgoing.accept(tx, item, account, collection, owner)
    await actions.tell_added(tx, account, collection, owner)


@router.receives("Accept", of="FeatureRequest", needs=the_stamp)
async def agreed(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Whom we asked agrees."""
    if not await accept(tx, activity, gathered):
        raise IgnoredError("No question of ours waits for this answer.")


@router.receives("Reject", of="FeatureRequest")
async def refused(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Whom we asked does not agree."""
    if not await reject(tx, activity):
        raise IgnoredError("No question of ours is refused by this.")


@router.receives("Delete", of="FeatureAuthorization")
async def taken_back(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody no longer agrees to stand in a collection, ours or another's."""
    if not await delete(tx, activity):
        raise IgnoredError("Nobody stands in a collection here by this consent.")


@router.receives("Add", of="FeaturedCollection")
async def added(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody recommends people."""
    owner = await _owner(tx, activity)
    if activity.target_id != owner.details.collections:
        raise IgnoredError("This is not a collection that is looked at here.")
    if not await follows.has_local_followers(tx.db, owner.id):
        raise IgnoredError("This concerns nobody here.")
    await _kept(tx, activity, owner)


@router.receives("Update", of="FeaturedCollection")
async def changed(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """A collection changed: its name, or who stands in it."""
    owner = await _owner(tx, activity)
    if activity.object_id is None or await queries.by_object_id(tx.db, activity.object_id) is None:
        raise IgnoredError("Nobody here knows this collection.")
    await _kept(tx, activity, owner)


@router.receives("Add", of="FeaturedItem", needs=the_item)
async def gained(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody stands in a collection that is known here, and the stamp says that they agree."""
    owner = await _owner(tx, activity)
    collection = await queries.by_object_id(tx.db, activity.target_id or "")
    if collection is None or collection.account_id != owner.id:
        raise IgnoredError("Nobody here knows this collection.")
    inner = activities.embedded(activity)
    item = None if inner is None else featured.read_item(inner, collection.object_id)
    if item is None or item.authorization is None:
        raise RefusedError("Nobody stands in a collection without having agreed.")
    if tx.instance.owns(item.actor):
        await arrivals.name_ours(tx, collection, item, await _ours(tx, item.actor))
        return
    stamp = _fetched(item.authorization, gathered)
    if not featured.approves(stamp, actor_id=item.actor, collection_id=collection.object_id):
        raise RefusedError("The stamp does not say that this actor agrees.")
    account = await accounts.known(
        tx, item.actor, gathered.get(item.actor), gathered.handle(item.actor)
    )
    await arrivals.keep_item(tx, collection, item, account)


@router.receives("Remove", of="FeaturedItem")
@router.receives("Remove", of="FeaturedCollection")
async def lost(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody no longer recommends somebody, or anybody."""
    if not await remove(tx, activity):
        raise IgnoredError("Nobody here knows this collection.")


# Also for what is named by its id alone: then nothing tells what the activity is about, and
# each subject is asked in turn.


async def accept(tx: Transaction, activity: Activity, gathered: Gathered) -> bool:
    """Take the Accept of a FeatureRequest that we sent, once its stamp holds; False for none.

    Raises RefusedError when the stamp is not on the server of who answers, or does not name
    this actor and this collection; UnavailableError when it cannot be read now.
    """
    found = await _answered(tx, activity)
    if found is None:
        return False
    item, collection, account = found
    if item.state is State.ACCEPTED:
        return True
    stamp_id = documents.iri(activity.document.get("result"))
    if stamp_id is None or not iris.same_origin(stamp_id, account.actor_id):
        raise RefusedError("The consent must be on the server of who agrees.")
    stamp = _fetched(stamp_id, gathered)
    if not featured.approves(stamp, actor_id=account.actor_id, collection_id=collection.object_id):
        raise RefusedError("The stamp does not say that this actor agrees.")
    await actions.was_accepted(tx, item, str(stamp["id"]))
    return True


async def reject(tx: Transaction, activity: Activity) -> bool:
    """Take the Reject of a FeatureRequest that we sent; False when it is none."""
    found = await _answered(tx, activity)
    if found is None:
        return False
    await actions.was_refused(tx, found[0])
    return True


async def delete(tx: Transaction, activity: Activity) -> bool:
    """Take the Delete of a stamp by whose it was; False when it is none that we know."""
    item = await queries.item_by(tx.db, authorization_id=activity.object_id)
    account = None if item is None else await account_queries.by_id(tx.db, item.account_id)
    if item is None or account is None:
        return False
    if account.actor_id != activity.actor:
        raise RefusedError("Only who agreed can take that back.")
    await actions.was_refused(tx, item)
    return True


async def remove(tx: Transaction, activity: Activity) -> bool:
    """Take the Remove of a collection, or of an item of one, by its owner; False for none."""
    owner = await account_queries.by_actor_id(tx.db, activity.actor)
    if owner is None or owner.local or activity.object_id is None:
        return False
    if activity.target_id == owner.details.collections:
        collection = await queries.by_object_id(tx.db, activity.object_id)
        if collection is None or collection.account_id != owner.id:
            return False
        await queries.remove(tx.db, collection.id)
        return True
    collection = await queries.by_object_id(tx.db, activity.target_id or "")
    if collection is None or collection.account_id != owner.id:
        return False
    await arrivals.drop_item(tx, collection, activity.object_id)
    return True


async def _kept(tx: Transaction, activity: Activity, owner: Account) -> None:
    if activity.object is None:
        raise RefusedError("Only its owner may say what a collection is.")
    view = featured.read(activity.object)
    if view.owner != owner.actor_id:
        raise RefusedError("This collection is somebody else's.")
    known = await queries.by_object_id(tx.db, view.id)
    collection = await arrivals.keep(tx, view, owner)
    # Who stands in it is believed only with their stamp: those come as they are added.
    ours = [each for each in view.items if tx.instance.owns(each.actor)]
    people = await account_queries.by_actor_ids(tx.db, [each.actor for each in ours])
    for each in ours:
        if each.actor in people:
            await arrivals.name_ours(tx, collection, each, people[each.actor])
    await queries.keep_only(tx.db, collection.id, [each.id for each in view.items])
    if known is not None and arrivals.is_called_otherwise(known, collection):
        for account_id in await queries.local_people(tx.db, collection.id):
            await actions.tell_changed(tx, account_id, collection, owner)


async def _theirs(
    tx: Transaction, collection_id: str, owner: Account, gathered: Gathered
) -> Collection:
    """Return the collection of *owner*, as its server tells it now."""
    known = await queries.by_object_id(tx.db, collection_id)
    document = gathered.get(collection_id)
    if document is None and known is not None and known.account_id == owner.id:
        return known
    view = featured.read(_fetched(collection_id, gathered))
    if view.id != collection_id or view.owner != owner.actor_id:
        raise RefusedError("Only who owns a collection can ask somebody into it.")
    return await arrivals.keep(tx, view, owner)


async def _answered(tx: Transaction, activity: Activity) -> tuple[Item, Collection, Account] | None:
    """Return what *activity* answers, if its actor is whom we asked (SEC-ORI-11)."""
    item = None
    if activity.object_id is not None:
        item = await queries.item_by(tx.db, activity_id=activity.object_id)
    if item is None or item.state is State.REFUSED:
        return None
    account = await account_queries.by_id(tx.db, item.account_id)
    collection = await queries.locked(tx.db, item.collection_id)
    if account is None or collection is None or not collection.local:
        return None
    return (item, collection, account) if account.actor_id == activity.actor else None


async def _owner(tx: Transaction, activity: Activity) -> Account:
    owner = await account_queries.by_actor_id(tx.db, activity.actor)
    if owner is None or owner.local:
        raise IgnoredError("Nobody here knows this actor.")
    return owner


async def _ours(tx: Transaction, actor_id: str | None) -> Account:
    account = None
    if actor_id is not None and tx.instance.owns(actor_id):
        account = await account_queries.by_actor_id(tx.db, actor_id)
    if account is None or not account.local or not account.is_active:
        raise IgnoredError("This concerns nobody here.")
    return account


def _instrument(activity: Activity) -> str | None:
    return documents.iri(activity.document.get("instrument"))


def _fetched(iri: str, gathered: Gathered) -> dict[str, object]:
    found = gathered.get(iri)
    if found is None:
        error = gathered.missing.get(iri)
        if isinstance(error, UnavailableError):
            raise error
        raise RefusedError(f"{iri} cannot be had from its server.")
    if documents.identifier(found) != iri:
        raise RefusedError(f"{iri} is not what its server calls it.")
    return dict(found)
