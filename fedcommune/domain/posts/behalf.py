"""What a person says in the name of their group: events and posts of Mobilizon (W-EVT-02).

The activity is the person's, the event or the Article is attributed to the group. That a member
may speak for it is for their server to say: what it says is then taken from its origin, never
from the activity.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import happenings, queries
from federation import activities, documents, iris
from federation.activities import Activity
from federation.errors import IgnoredError
from federation.vocabulary.notes import NoteView

if TYPE_CHECKING:
    from inbox.gather import Gathered

_TOLD: Final = frozenset({"Event", "Article"})


def group(activity: Activity) -> str | None:
    """Return the group in whose name *activity* tells of something; None when there is none."""
    inner: Mapping[str, object] | None = activity.object or activities.embedded(activity)
    if inner is None or not _TOLD.intersection(documents.types(inner)):
        return None
    told_by = documents.iri(documents.one(inner.get("attributedTo")))
    if told_by is None or told_by == activity.actor or activity.object_id is None:
        return None
    together = iris.same_origin(told_by, activity.actor) and iris.same_origin(
        activity.object_id, activity.actor
    )
    return told_by if together else None


async def author(tx: Transaction, view: NoteView, gathered: Gathered) -> Account:
    """Return whose *view*, as its origin tells it, is: who it was when it came here.

    Raises IgnoredError for whom we do not hear.
    """
    stored = await queries.stored(tx.db, view.id)
    known = None if stored is None else await account_queries.by_id(tx.db, stored.author_id)
    if known is not None and known.actor_id in view.authors:
        return known
    found = await accounts.known(
        tx, view.author, gathered.get(view.author), gathered.handle(view.author)
    )
    if found.local or not found.is_active:
        raise IgnoredError("Nothing is heard from this author.")
    return found


async def deleting(tx: Transaction, activity: Activity) -> str:
    """Return in whose name *activity* deletes: its own actor's, or that of the group for which
    that actor organised a stranger's event.
    """
    stored = None
    if activity.object_id is not None:
        stored = await queries.stored(tx.db, activity.object_id)
    if stored is None or stored.local or stored.type != "Event":
        return activity.actor
    event = await happenings.of_post(tx.db, stored.id)
    owner = await account_queries.by_id(tx.db, stored.author_id)
    if event is None or owner is None or activity.actor not in event.organisers:
        return activity.actor
    return owner.actor_id if iris.same_origin(owner.actor_id, activity.actor) else activity.actor
