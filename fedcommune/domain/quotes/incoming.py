"""What others say about quoting: asked, granted, refused, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import arrivals
from fedcommune.domain.posts import incoming as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Post
from fedcommune.domain.quotes import actions, outgoing, queries
from fedcommune.domain.quotes.model import Quoting
from fedcommune.domain.visibility import Viewer
from federation import activities, documents, iris
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError
from inbox.router import Router

if TYPE_CHECKING:
    from inbox.gather import Gathered

router: Router[Transaction] = Router()


def the_instrument(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Ask the origin for the post that would quote, unless it came along."""
    said = documents.one(activity.document.get("instrument"))
    found = documents.iri(said)
    if found is not None and not isinstance(said, Mapping):
        yield found


@router.receives("QuoteRequest", needs=the_instrument)
async def requested(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody asks whether their post may quote one of ours; the answer is at hand (W-QUO-01).

    Who may not see a post may not quote it, and learns nothing (SEC-MOD-02, SEC-VIS-02).
    """
    asker = await posts.sender(tx, activity, gathered)
    target = None
    if activity.object_id is not None:
        target = await post_queries.by_object_id(tx.db, Viewer(asker.id), activity.object_id)
    author = None if target is None else await accounts.by_id(tx.db, target.author_id)
    if target is None or author is None or not target.local:
        raise IgnoredError("This is about nothing that this actor can see here.")
    instrument = documents.iri(activity.document.get("instrument"))
    if instrument is None:
        raise RefusedError("A QuoteRequest must say which post would quote.")
    request = {
        "id": activity.id,
        "type": "QuoteRequest",
        "actor": activity.actor,
        "object": target.object_id,
        "instrument": instrument,
    }
    if await queries.leave_of(tx.db, target, asker) != "automatic":
        await outgoing.refused(tx, author, request, asker)
        return
    post = await _quoting(tx, activity, instrument, asker, gathered)
    await actions.grant(tx, request, post=post, asker=asker, target=target, author=author)


async def _quoting(
    tx: Transaction, activity: Activity, instrument: str, asker: Account, gathered: Gathered
) -> Post:
    """Return the post that would quote, kept here; it is the asker's own, or refused."""
    stored = await post_queries.stored(tx.db, instrument)
    if stored is not None:
        if stored.author_id != asker.id or stored.deleted_at is not None:
            raise RefusedError("Only who wrote a post can ask what it may quote.")
        return stored
    said: Any = documents.one(activity.document.get("instrument"))
    if not isinstance(said, Mapping):
        said = posts.fetched(instrument, gathered)
    view = arrivals.checked(tx, said, activity.actor)
    if view.quote is None or view.quote.target != activity.object_id:
        raise RefusedError("This post does not quote what is asked for.")
    return await arrivals.keep(tx, view, asker, arrivals.envelope(view, asker), live=False)


@router.receives("Accept", of="QuoteRequest")
async def accepted(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Whom we asked for leave to quote agrees; nobody else can (SEC-ORI-11)."""
    if not await accept(tx, activity):
        raise IgnoredError("No QuoteRequest of ours waits for this answer.")


@router.receives("Reject", of="QuoteRequest")
async def refused(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Whom we asked for leave to quote does not want it (any more)."""
    if not await reject(tx, activity):
        raise IgnoredError("No QuoteRequest of ours is refused by this.")


@router.receives("Delete", of="QuoteAuthorization")
async def ended(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody takes a stamp back (W-QUO-04)."""
    if not await take_back(tx, activity):
        raise IgnoredError("No quote here stands on this stamp.")


# Also for an answer that names the request by its id alone.


async def accept(tx: Transaction, activity: Activity) -> bool:
    """Take an Accept of a QuoteRequest that we sent; return False when it is none.

    Raises RefusedError when the stamp is kept by another server (W-QUO-02).
    """
    quote = await _answered(tx, activity)
    if quote is None:
        return False
    stamp = documents.iri(documents.one(activity.document.get("result")))
    if stamp is None:
        raise IgnoredError("Without a stamp nobody else would believe this.")
    if not iris.same_origin(stamp, activity.actor):
        raise RefusedError("A stamp is kept by the server of who gives it.")
    await actions.answered(tx, quote, stamp)
    return True


async def reject(tx: Transaction, activity: Activity) -> bool:
    """Take a Reject of a QuoteRequest that we sent; return False when it is none."""
    quote = await _answered(tx, activity)
    if quote is None:
        return False
    await actions.answered(tx, quote, None)
    return True


async def take_back(tx: Transaction, activity: Activity) -> bool:
    """Take the Delete of a stamp by who gave it; return False when it is about no stamp."""
    if activity.object_id is None or activity.object_id == activity.actor:
        return False
    if not iris.same_origin(activity.object_id, activity.actor):
        return False
    author = await accounts.by_actor_id(tx.db, activity.actor)
    if author is None or author.local:
        return False
    found = await queries.by_stamp(tx.db, activity.object_id, author.id)
    for quote in found:
        await actions.withdrawn(tx, quote)
    return bool(found)


async def _answered(tx: Transaction, activity: Activity) -> Quoting | None:
    """Return the quote that an answer is about, if its actor is who wrote what is quoted."""
    quote = None
    if activity.object_id is not None:
        quote = await queries.by_request(tx.db, activity.object_id)
    inner = activities.embedded(activity)
    if quote is None and inner is not None and "QuoteRequest" in documents.types(inner):
        # Some servers lose our id and embed a request of their own making.
        instrument = documents.iri(inner.get("instrument"))
        post = None if instrument is None else await post_queries.stored(tx.db, instrument)
        if post is not None and post.local:
            quote = await queries.of_post(tx.db, post.id)
    if quote is None or quote.target_id is None:
        return None
    target = await post_queries.locked(tx.db, quote.target_id)
    author = None if target is None else await accounts.by_id(tx.db, target.author_id)
    if author is None or author.local or author.actor_id != activity.actor:
        return None
    return quote
