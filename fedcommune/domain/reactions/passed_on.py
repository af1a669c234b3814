"""Posts that reach us through somebody else: boosts of what we do not have, and groups.

Nobody vouches for what is inside an Announce (W-ORI-03, W-GRP-03): the post is always
taken from its own origin, and its author's document with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account, afresh
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.posts import arrivals, queries
from fedcommune.domain.posts import incoming as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Visibility
from federation import activities, documents, iris
from federation.activities import Activity
from federation.errors import GoneError, IgnoredError, RefusedError
from federation.vocabulary import notes

if TYPE_CHECKING:
    from inbox.gather import Gathered

_POSTED: Final = frozenset({"Create", "Update", "Delete"})


def announced(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Ask for the post, then for who wrote it."""
    inner = activities.inner(activity)
    if inner is None:
        post_id = activity.object_id
        under = post_id
    elif inner.type in _POSTED and _is_consistent(inner):
        post_id = inner.object_id
        under = post_id if inner.type == "Create" or post_id is None else afresh(post_id)
    else:
        return
    if post_id is None or under is None:
        return
    yield under
    document = gathered.get(under)
    author = None if document is None else _written_by(document)
    if author is not None:
        yield author


async def learn(tx: Transaction, activity: Activity, object_id: str, gathered: Gathered) -> Post:
    """Keep a post that somebody passed on, from its origin; it tells nobody anything.

    Raises IgnoredError when it cannot be had, or is deleted; RefusedError when it is
    not for everybody, except what *activity*'s own actor wrote.
    """
    document = activity.object
    if document is None or documents.identifier(document) != object_id:
        document = posts.fetched(object_id, gathered)
    return await _keep(tx, document, gathered, by=activity.actor)


async def take(
    tx: Transaction, activity: Activity, inner: Activity, group: Account, gathered: Gathered
) -> Post | None:
    """Take what a group passes on: a new post, an edit, or a deletion (FEP-1b12).

    Returns the post that the group now shows, None when there is none to show. Raises
    IgnoredError for what we do not take from groups, or when nobody here follows it;
    RefusedError when what is inside is forged.
    """
    if inner.type not in _POSTED:
        raise IgnoredError(f"A {inner.type} is not taken from a group.")
    if group.type != "Group" or not await follows.has_local_followers(tx.db, group.id):
        raise IgnoredError("Nobody here follows this group.")
    if inner.object_id is None or not _is_consistent(inner):
        raise RefusedError("Who did this is not of the server of what it was done to.")
    if tx.instance.owns(inner.object_id):
        if inner.type != "Create":
            raise RefusedError("Only we change what is ours.")
        return await queries.stored(tx.db, inner.object_id)
    if inner.type == "Delete":
        await _delete(tx, inner.object_id, inner.actor, gathered)
        return None
    known = await queries.stored(tx.db, inner.object_id)
    if inner.type == "Create" and known is not None:
        return known
    under = inner.object_id if inner.type == "Create" else afresh(inner.object_id)
    document = posts.fetched(inner.object_id, gathered, under=under)
    if known is None:
        return await _keep(tx, document, gathered, by=inner.actor)
    author = await _author(tx, inner.actor, gathered)
    view = arrivals.checked(tx, document, author.actor_id)
    await arrivals.revise(tx, view, author, arrivals.envelope(view, author))
    return None


async def _keep(
    tx: Transaction, document: Mapping[str, Any], gathered: Gathered, *, by: str
) -> Post:
    """Keep a post of which we have an authentic document; *by* is who passed it on or wrote it."""
    written_by = notes.read(document).author
    author = await _author(tx, written_by, gathered)
    view = arrivals.checked(tx, document, author.actor_id)
    around = arrivals.envelope(view, author)
    own = around.visibility is Visibility.FOLLOWERS and author.actor_id == by
    if not around.visibility.is_open and not own:
        raise RefusedError("What is not for everybody cannot be passed on.")
    return await arrivals.keep(tx, view, author, around, live=False)


async def _delete(tx: Transaction, object_id: str, author_id: str, gathered: Gathered) -> None:
    """Delete a post if its own server says that it is gone."""
    under = afresh(object_id)
    document = gathered.get(under)
    gone = isinstance(gathered.missing.get(under), GoneError)
    if document is not None and document.get("id") == object_id:
        gone = "Tombstone" in documents.types(document)
    if not gone:
        raise IgnoredError("Its own server does not say that this was deleted.")
    await arrivals.withdraw(tx, object_id, author_id)


async def _author(tx: Transaction, author_id: str, gathered: Gathered) -> Account:
    author = await accounts.known(
        tx, author_id, gathered.get(author_id), gathered.handle(author_id)
    )
    if author.local or not author.is_active:
        raise IgnoredError("Nothing is heard from the author of this.")
    return author


def _written_by(document: Mapping[str, Any]) -> str | None:
    try:
        return notes.read(document).author
    except RefusedError:
        return None


def _is_consistent(inner: Activity) -> bool:
    """Tell whether who did it is of the server of what it was done to (W-GRP-03)."""
    return inner.object_id is not None and iris.same_origin(inner.actor, inner.object_id)
