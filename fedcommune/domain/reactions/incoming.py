"""Like, Announce, Add, Remove and their Undo, from afar; and what a group passes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fedcommune.database import Transaction
from fedcommune.domain.accounts import incoming as accounts_incoming
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.posts import incoming as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Post
from fedcommune.domain.reactions import actions, passed_on, queries
from fedcommune.domain.reactions.model import MAX_PINNED, Kind, Reaction
from fedcommune.domain.visibility import Viewer, Visibility
from federation import activities, audience, documents
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError
from federation.names import POSTS
from inbox.router import Router

if TYPE_CHECKING:
    from inbox.gather import Gathered

router: Router[Transaction] = Router()

# Undone before it arrived: so long is the late original ignored (W-ACT-Undo).


@router.receives("Like")
@router.receives("EmojiReact")
async def liked(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody likes a post; whatever the emoji, it counts as a like (W-ACT-Like)."""
    await _check_is_in_time(tx, activity)
    account = await posts.sender(tx, activity, gathered)
    post = await _visible(tx, account, activity.object_id)
    reaction = actions.made(Kind.LIKE, account, post, activity_id=activity.id, now=tx.now)
    if not await actions.gain(tx, reaction, account, post):
        raise IgnoredError("This account likes this post already.")


@router.receives("Dislike")
async def disliked(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody dislikes a post: nobody is told, nothing is counted (W-ACT-Like)."""
    raise IgnoredError("Dislikes are not counted here.")


@router.receives("Announce", needs=passed_on.announced)
async def boosted(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody boosts a post, or a group passes on what one of its members did (W-GRP-03)."""
    await _check_is_in_time(tx, activity)
    account = await posts.sender(tx, activity, gathered)
    inner = activities.inner(activity)
    if inner is not None:
        post = await passed_on.take(tx, activity, inner, account, gathered)
    else:
        post = await _announced(tx, activity, account, gathered)
    if post is not None:
        seen = await _visible(tx, account, post.object_id)
        await _gain_boost(tx, activity, account, seen)


@router.receives("Undo", of="Like")
@router.receives("Undo", of="EmojiReact")
@router.receives("Undo", of="Dislike")
@router.receives("Undo", of="Announce")
async def undone(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody takes back a like or a boost, or one that is still on its way (S2S-29).

    That something unknown was undone is kept in mind, so it is not ignored.
    """
    if not await undo(tx, activity):
        await accounts_incoming.forestall(tx, activity)


async def undo(tx: Transaction, activity: Activity) -> bool:
    """Take the Undo of a reaction, named by its id or embedded; return False when none is known.

    Raises RefusedError when it is another's (W-ORI-07).
    """
    reaction = None
    if activity.object_id is not None:
        reaction = await queries.by_activity(tx.db, activity.object_id)
    if reaction is None:
        reaction = await _embedded(tx, activity)
    if reaction is None:
        return False
    account = await accounts.by_id(tx.db, reaction.account_id)
    if account is None or account.local or account.actor_id != activity.actor:
        raise RefusedError("Only who did something can undo it.")
    post = await post_queries.locked(tx.db, reaction.post_id)
    return post is not None and await actions.lose(tx, reaction, post)


@router.receives("Add")
async def pinned(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody shows one of their posts first (W-ACT-AddRemove)."""
    account = await posts.sender(tx, activity, gathered)
    if not _is_featured(activity, account):
        raise IgnoredError("This is not a collection that is looked at here.")
    post = await _visible(tx, account, activity.object_id)
    if post.author_id != account.id:
        raise RefusedError("Only what an actor wrote itself can be featured.")
    if await queries.count_pinned(tx.db, account.id) >= 4 * MAX_PINNED:
        raise IgnoredError("This actor features too many posts.")
    await queries.pin(tx.db, account.id, post.id, tx.now)


async def unpinned(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody no longer shows a post first."""
    if not await remove(tx, activity):
        raise IgnoredError("This is not a collection that is looked at here.")


async def remove(tx: Transaction, activity: Activity) -> bool:
    """Take the Remove of a featured post; return False when it is about something else."""
    account = await accounts.by_actor_id(tx.db, activity.actor)
    if account is None or not _is_featured(activity, account):
        return False
    post = None
    if activity.object_id is not None:
        post = await post_queries.stored(tx.db, activity.object_id)
    return post is not None and await queries.unpin(tx.db, account.id, post.id)


def _is_featured(activity: Activity, account: Account) -> bool:
    """Tell whether the target is the collection stored as that of who speaks."""
    return account.featured_url is not None and activity.target_id == account.featured_url


async def _visible(tx: Transaction, account: Account, object_id: str | None) -> Post:
    """Return the post, if it is here and *account* may see it (SEC-VIS-02)."""
    post = None
    if object_id is not None:
        post = await post_queries.by_object_id(tx.db, Viewer(account.id), object_id)
    if post is None:
        raise IgnoredError("This is about nothing that this actor can see here.")
    return post


async def _check_is_in_time(tx: Transaction, activity: Activity) -> None:
    if await accounts.is_forestalled(tx.db, activity.id, tx.now):
        raise IgnoredError("This was undone before it arrived.")


async def _announced(
    tx: Transaction, activity: Activity, account: Account, gathered: Gathered
) -> Post | None:
    """Return the post that is boosted, fetched from its origin when it is new to us."""
    object_id = activity.object_id
    if object_id is None:
        raise RefusedError("An Announce must say of what.")
    known = await post_queries.stored(tx.db, object_id)
    if known is not None or tx.instance.owns(object_id):
        return await _visible(tx, account, object_id)
    if not await follows.has_local_followers(tx.db, account.id):
        raise IgnoredError("This boost concerns nobody here.")
    return await passed_on.learn(tx, activity, object_id, gathered)


async def _gain_boost(tx: Transaction, activity: Activity, account: Account, post: Post) -> None:
    """Keep the boost, if this post may be passed on by this account, and concerns us."""
    author = await accounts.by_id(tx.db, post.author_id)
    if author is None or not author.is_active:
        raise IgnoredError("Nothing is heard from the author of this.")
    if not actions.may_be_boosted(post, account):
        raise RefusedError("What is not for everybody cannot be boosted.")
    told = Visibility(audience.read(activity.document, followers=account.followers_url))
    if told in (Visibility.LIMITED, Visibility.DIRECT):
        raise RefusedError("A boost for named people is not a boost.")
    if not post.visibility.is_open:
        told = Visibility.FOLLOWERS
    if not post.local and not await follows.has_local_followers(tx.db, account.id):
        raise IgnoredError("This boost concerns nobody here.")
    reaction = actions.made(
        Kind.BOOST, account, post, activity_id=activity.id, now=tx.now, visibility=told
    )
    if not await actions.gain(tx, reaction, account, post):
        raise IgnoredError("This account boosted this post already.")


async def _embedded(tx: Transaction, activity: Activity) -> Reaction | None:
    """Return the reaction that an embedded activity describes, of the actor who undoes it."""
    inner = activities.embedded(activity)
    account = await accounts.by_actor_id(tx.db, activity.actor)
    if inner is None or account is None:
        return None
    types = set(documents.types(inner))
    kind = Kind.BOOST if "Announce" in types else Kind.LIKE
    if not types & {"Like", "EmojiReact", "Announce"}:
        return None
    object_id = documents.iri(inner.get("object"))
    post = None if object_id is None else await post_queries.stored(tx.db, object_id)
    if post is None:
        return None
    return await queries.between(tx.db, kind, account.id, post.id)


for _type in sorted(POSTS):
    router.receives("Remove", of=_type)(unpinned)
