"""Create, Update and Delete of posts, from afar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import incoming as accounts_incoming
from fedcommune.domain.accounts.model import Account, afresh
from fedcommune.domain.posts import arrivals, behalf, forwarding, queries, reach
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError, UnavailableError
from federation.names import POSTS
from inbox.router import Router

if TYPE_CHECKING:
    from inbox.gather import Gathered

router: Router[Transaction] = Router()


def object_unless_embedded(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Ask the origin for the object, unless it came with its own author (W-ORI-03)."""
    group = behalf.group(activity)
    if activity.object_id is not None and (activity.object is None or group is not None):
        yield activity.object_id
    if group is not None:
        yield group


def object_as_it_is(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Ask the origin for what was edited: when it is unknown, or did not come along."""
    if activity.object_id is not None:
        yield activity.object_id
        group = behalf.group(activity)
        if activity.object is None or activity.object_id == activity.actor or group is not None:
            yield afresh(activity.object_id)
        if group is not None:
            yield group


async def created(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody wrote something: keep it if it concerns us, forward it if it answers us."""
    author = await sender(tx, activity, gathered)
    if behalf.group(activity) is not None and activity.object_id is not None:
        document = fetched(activity.object_id, gathered)
        view = arrivals.checked(tx, document, activity.actor)
        author = await behalf.author(tx, view, gathered)
    else:
        view = arrivals.checked(tx, document_of(activity, gathered), activity.actor)
    around = arrivals.envelope(view, author, activity)
    post = await arrivals.keep(tx, view, author, around, live=True)
    await forwarding.forward(tx, activity, post)


async def updated(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody changed what they wrote. What is unknown is new, if it is from today.

    An actor that names itself by its id alone is for the accounts.
    """
    if activity.object_id == activity.actor:
        await accounts_incoming.updated(tx, activity, gathered)
        return
    author = await sender(tx, activity, gathered)
    document = activity.object
    is_behalf = behalf.group(activity) is not None
    if activity.object_id is not None and (document is None or is_behalf):
        document = gathered.get(afresh(activity.object_id))
    if document is None and is_behalf:
        raise IgnoredError("This event cannot be had from its server.")
    view = arrivals.checked(
        tx, document if document is not None else document_of(activity, gathered), activity.actor
    )
    if is_behalf:
        author = await behalf.author(tx, view, gathered)
    around = arrivals.envelope(view, author, activity)
    changed = await arrivals.revise(tx, view, author, around)
    if changed is not None:
        boosters = await reach.local_boosters(tx.db, changed.id)
        await forwarding.forward_ending(tx, activity, changed, boosters)
        return
    if view.published is None or view.published < tx.now - arrivals.EDIT_IS_NEWS:
        raise IgnoredError("An edit of something old that is not known here.")
    fetched = gathered.get(view.id)
    if fetched is None:
        raise IgnoredError("An edit of something that is not known here.")
    view = arrivals.checked(tx, fetched, activity.actor)
    await arrivals.keep(tx, view, author, arrivals.envelope(view, author, activity), live=True)


async def deleted(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody deleted what they wrote (W-ACT-Delete); a farewell is for the accounts.

    What is named by its id alone, or as a Tombstone, comes by way of the quotes: it may be a
    stamp.

    That something unknown was deleted is kept in mind, so it is not ignored.
    """
    if accounts_incoming.is_farewell(activity):
        await accounts_incoming.deleted(tx, activity, gathered)
        return
    if activity.object_id is None:
        raise RefusedError("A Delete must say of what.")
    stored = await queries.stored(tx.db, activity.object_id)
    boosters = [] if stored is None else await reach.local_boosters(tx.db, stored.id)
    speaker = await behalf.deleting(tx, activity)
    post = await arrivals.withdraw(tx, activity.object_id, speaker)
    if post is not None:
        await forwarding.forward_ending(tx, activity, post, boosters)


async def sender(tx: Transaction, activity: Activity, gathered: Gathered) -> Account:
    """Return who says this; learn of them when they are new (W-IN-03: not when suspended).

    Raises IgnoredError for whom we do not hear.
    """
    author = await accounts.known(
        tx, activity.actor, gathered.get(activity.actor), gathered.handle(activity.actor)
    )
    if author.local or not author.is_active:
        raise IgnoredError("Nothing is heard from this author.")
    return author


def document_of(activity: Activity, gathered: Gathered) -> Mapping[str, Any]:
    """Return the object, from its author or from its origin.

    Raises why it could not be had: RefusedError, UnavailableError (then it is tried
    again), IgnoredError when it is gone.
    """
    if activity.object is not None:
        return activity.object
    if activity.object_id is None:
        raise RefusedError("This says nothing about anything.")
    return fetched(activity.object_id, gathered)


def fetched(object_id: str, gathered: Gathered, *, under: str | None = None) -> Mapping[str, Any]:
    """Return the document of *object_id* as its origin gave it, asked for *under* that address.

    Raises as :func:`document_of`.
    """
    under = under or object_id
    found = gathered.get(under)
    if found is None:
        error = gathered.missing.get(under)
        if isinstance(error, UnavailableError):
            raise error
        raise IgnoredError(f"{object_id} cannot be had from its server.")
    if found.get("id") != object_id:
        raise RefusedError(f"{object_id} is not what its server calls it.")
    return found


router.receives("Create", needs=object_unless_embedded)(created)
router.receives("Update", needs=object_as_it_is)(updated)
for _type in sorted(POSTS):
    router.receives("Create", of=_type, needs=object_unless_embedded)(created)
    router.receives("Update", of=_type, needs=object_as_it_is)(updated)
    router.receives("Delete", of=_type)(deleted)
