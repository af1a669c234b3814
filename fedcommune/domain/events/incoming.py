"""What others say of events: Join, Leave, their answers, and words like "j'y serai"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import answers, joining, notices
from fedcommune.domain.events.model import Participation
from fedcommune.domain.events.queries import people
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts import incoming as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Event
from fedcommune.domain.visibility import Viewer
from federation import activities, documents, iris
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError
from inbox.router import Router

if TYPE_CHECKING:
    from inbox.gather import Gathered

# A Join names what it is about by its id alone: whose it is, each subject is asked in turn.
router: Router[Transaction] = Router()


async def joined(tx: Transaction, activity: Activity, gathered: Gathered) -> bool:
    """Take a Join of an event of ours; False when it is about something else (W-EVT-03)."""
    post = await _event(tx, activity.object_id)
    if post is None:
        return False
    if await accounts.is_forestalled(tx.db, activity.id, tx.now):
        raise IgnoredError("This Join was undone before it arrived.")
    subject = await posts.sender(tx, activity, gathered)
    seen, author = await _seen(tx, subject, post)
    message = documents.string(activity.document, "participationMessage", limit=5_000) or ""
    await joining.gain(tx, subject, seen, author, activity.id, message=message)
    return True


async def left(tx: Transaction, activity: Activity, gathered: Gathered) -> bool:
    """Take a Leave of an event of ours; False when it is about something else."""
    post = await _event(tx, activity.object_id)
    if post is None:
        return False
    subject = await posts.sender(tx, activity, gathered)
    author = await accounts.by_id(tx.db, post.author_id)
    if author is None:
        raise IgnoredError("Nobody announces this event any more.")
    await joining.lose(tx, subject, post, author)
    return True


async def accept(tx: Transaction, activity: Activity) -> bool:
    """Take an Accept of a Join by which one of ours asked to come; False when it is none."""
    return await _answered(tx, activity, accepted=True)


async def reject(tx: Transaction, activity: Activity) -> bool:
    """Take a Reject of such a Join, also of one that was accepted before; False when none."""
    return await _answered(tx, activity, accepted=False)


async def undo(tx: Transaction, activity: Activity) -> bool:
    """Take the Undo of a Join of an event of ours; False when none is known."""
    one = None
    if activity.object_id is not None:
        one = await people.by_activity(tx.db, activity.object_id)
    subject = None if one is None else await accounts.by_id(tx.db, one.account_id or 0)
    if one is None or subject is None:
        return False
    if subject.local or subject.actor_id != activity.actor:
        raise RefusedError("Only who asked can take that back.")
    post = await post_queries.locked(tx.db, one.post_id)
    author = None if post is None else await accounts.by_id(tx.db, post.author_id)
    if post is None or author is None:
        return False
    await joining.lose(tx, subject, post, author)
    return True


async def standing(tx: Transaction, activity: Activity) -> Event | None:
    """Return how a stranger's event stands, before it is changed; None for anything else."""
    post = None
    if activity.object_id is not None:
        post = await post_queries.stored(tx.db, activity.object_id)
    if post is None or post.local or post.type != "Event":
        return None
    return await happenings.of_post(tx.db, post.id)


async def moved(tx: Transaction, before: Event) -> None:
    """Tell our people who go to a stranger's event that its moment or its place is another."""
    after = await happenings.of_post(tx.db, before.post_id)
    post = await post_queries.locked(tx.db, before.post_id)
    author = None if post is None else await accounts.by_id(tx.db, post.author_id)
    if after is None or post is None or author is None or before.end <= tx.now:
        return
    if notices.matters(before, after):
        await notices.changed(tx, post, author, after, "")


async def heed(tx: Transaction, activity: Activity) -> None:
    """Take what an answer to an event of ours says, in words, of coming (product 7.5)."""
    if activity.object_id is None:
        return
    post = await post_queries.stored(tx.db, activity.object_id)
    if post is None or post.local or post.deleted_at is not None:
        return
    author = await accounts.by_id(tx.db, post.author_id)
    if author is not None:
        await answers.heed(tx, author, post)


async def _answered(tx: Transaction, activity: Activity, *, accepted: bool) -> bool:
    one = None
    if activity.object_id is not None:
        one = await people.by_activity(tx.db, activity.object_id)
    if one is None:
        one = await _embedded(tx, activity)
    if one is None:
        return False
    post = await post_queries.locked(tx.db, one.post_id)
    author = None if post is None else await accounts.by_id(tx.db, post.author_id)
    if post is None or author is None or post.local:
        return False
    # A group, or somebody who organises it, may answer: their server speaks for all of them.
    if not iris.same_origin(activity.actor, author.actor_id):
        raise RefusedError("Only the server of an event answers who comes to it.")
    await joining.was_answered(tx, one, post, accepted=accepted)
    return True


async def _embedded(tx: Transaction, activity: Activity) -> Participation | None:
    """Find who asked by the two sides of an embedded Join: some servers lose our ids."""
    inner = activities.embedded(activity)
    if inner is None or "Join" not in documents.types(inner):
        return None
    subject = await accounts.by_actor_id(tx.db, documents.iri(inner.get("actor")) or "")
    post = await post_queries.stored(tx.db, documents.iri(inner.get("object")) or "")
    if subject is None or post is None or not subject.local:
        return None
    return await people.of_account(tx.db, post.id, subject.id)


async def _event(tx: Transaction, object_id: str | None) -> Post | None:
    """Return the event of ours with this id or page."""
    if object_id is None or not tx.instance.owns(object_id):
        return None
    post = await post_queries.stored(tx.db, object_id)
    if post is None or not post.local or post.type != "Event" or post.deleted_at is not None:
        return None
    return post


async def _seen(tx: Transaction, subject: Account, post: Post) -> tuple[Post, Account]:
    seen = await post_queries.by_id(tx.db, Viewer(subject.id), post.id)
    author = None if seen is None else await accounts.by_id(tx.db, seen.author_id)
    if seen is None or author is None:
        raise IgnoredError("This is about nothing that this actor can see here.")
    return seen, author
