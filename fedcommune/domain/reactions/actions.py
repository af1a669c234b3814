"""Like, boost, pin, and take it back: ours and, in the ``gain_`` functions, everybody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind as Told
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.reactions import outgoing, queries
from fedcommune.domain.reactions.model import MAX_PINNED, Kind, Reaction
from fedcommune.domain.visibility import Viewer, Visibility, narrower
from fedcommune.errors import Invalid, NotAllowed, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


_TOLD = {Kind.LIKE: Told.FAVOURITE, Kind.BOOST: Told.REBLOG}


async def like(tx: Transaction, account: Account, post: Post) -> Reaction:
    """Let our *account* like *post*; liking twice is liking once.

    Raises :class:`NotFound` when it may not see the post (SEC-VIS-02).
    """
    post, author = await _seen(tx, account, post)
    reaction = _new(tx, Kind.LIKE, account, post)
    if not await gain(tx, reaction, account, post):
        return await _existing(tx, reaction)
    if not author.local:
        await outgoing.liked(tx, reaction, account, post, author)
    return reaction


async def unlike(tx: Transaction, account: Account, post: Post) -> None:
    """Let our *account* take its like back; nothing happens when there is none.

    Raises :class:`NotFound` when it may not see the post (SEC-VIS-02).
    """
    post, author = await _seen(tx, account, post)
    reaction = await queries.between(tx.db, Kind.LIKE, account.id, post.id)
    if reaction is None or not await lose(tx, reaction, post):
        return
    if not author.local:
        await outgoing.unliked(tx, reaction, account, post, author)


async def boost(
    tx: Transaction, account: Account, post: Post, visibility: Visibility = Visibility.PUBLIC
) -> Reaction:
    """Let our *account*, of whatever type, boost *post*; boosting twice is boosting once.

    What is for followers is boosted by its author alone, to the same followers
    (SEC-VIS-09); an open post may be boosted to fewer people than *visibility* public.
    Raises :class:`NotFound` when the account may not see the post, :class:`NotAllowed`
    when it is not for everybody, :class:`Invalid` for a boost to named people.
    """
    post, author = await _seen(tx, account, post)
    if visibility in (Visibility.LIMITED, Visibility.DIRECT):
        raise Invalid("visibility", _("A boost is for everybody or for your followers."))
    if not may_be_boosted(post, account):
        raise NotAllowed(_("This post is not for everybody: only its author may pass it on."))
    if not post.visibility.is_open:
        visibility = narrower(visibility, post.visibility)
    reaction = replace(_new(tx, Kind.BOOST, account, post), visibility=visibility)
    if not await gain(tx, reaction, account, post):
        return await _existing(tx, reaction)
    await outgoing.boosted(tx, reaction, account, post, author)
    return reaction


async def unboost(tx: Transaction, account: Account, post: Post) -> None:
    """Let our *account* take its boost back; nothing happens when there is none.

    Raises :class:`NotFound` when it may not see the post (SEC-VIS-02).
    """
    post, author = await _seen(tx, account, post)
    reaction = await queries.between(tx.db, Kind.BOOST, account.id, post.id)
    if reaction is None or not await lose(tx, reaction, post):
        return
    await outgoing.unboosted(tx, reaction, account, post, author)


async def pin(tx: Transaction, account: Account, post: Post) -> None:
    """Let our *account* show its own open *post* first; pinning twice is pinning once.

    Raises :class:`NotFound` when it may not see the post, :class:`NotAllowed` when the
    post is another's or not for everybody, :class:`Invalid` when there are too many.
    """
    post, author = await _seen(tx, account, post)
    if author.id != account.id:
        raise NotAllowed(_("Only what you wrote yourself can be pinned."))
    if not post.visibility.is_open:
        raise NotAllowed(_("Only a post for everybody can be pinned."))
    if await queries.count_pinned(tx.db, account.id) >= MAX_PINNED and post.id not in {
        each.id for each in await queries.pinned(tx.db, Viewer(account.id), account.id)
    }:
        raise Invalid(
            "post", _("At most {limit} posts can be pinned: unpin one first."), limit=MAX_PINNED
        )
    if await queries.pin(tx.db, account.id, post.id, tx.now):
        await outgoing.pinned(tx, account, post)


async def unpin(tx: Transaction, account: Account, post: Post) -> None:
    """Let our *account* no longer show *post* first.

    Raises :class:`NotFound` when it may not see the post (SEC-VIS-02).
    """
    post, _ = await _seen(tx, account, post)
    if await queries.unpin(tx.db, account.id, post.id):
        await outgoing.unpinned(tx, account, post)


def may_be_boosted(post: Post, account: Account) -> bool:
    """Tell whether *account* may pass *post* on, to whom may be passed on to (SEC-VIS-09)."""
    if post.visibility.is_open:
        return True
    return post.visibility is Visibility.FOLLOWERS and post.author_id == account.id


async def gain(tx: Transaction, reaction: Reaction, account: Account, post: Post) -> bool:
    """Keep a reaction, count it, and tell the author of *post* when it is ours.

    Returns whether it is new: one account reacts once in each way. The caller has made
    sure that the account may see the post.
    """
    if not await queries.insert(tx.db, reaction):
        return False
    await notifications.tell(tx, post.author_id, _TOLD[reaction.kind], account.id, post.id)
    return True


async def lose(tx: Transaction, reaction: Reaction, post: Post) -> bool:
    """Forget a reaction, its count and what its post's author was told; was it there?"""
    if not await queries.delete(tx.db, reaction.id):
        return False
    await notifications.take_back(
        tx, post.author_id, _TOLD[reaction.kind], reaction.account_id, post.id
    )
    return True


def made(
    kind: Kind,
    account: Account,
    post: Post,
    *,
    activity_id: str,
    now: datetime,
    visibility: Visibility = Visibility.PUBLIC,
) -> Reaction:
    """Return a reaction, not kept yet."""
    return Reaction(
        id=identifiers.new(now),
        kind=kind,
        account_id=account.id,
        post_id=post.id,
        activity_id=activity_id,
        visibility=visibility,
        created_at=now,
    )


def _new(tx: Transaction, kind: Kind, account: Account, post: Post) -> Reaction:
    activity_id = tx.instance.activity(identifiers.new(tx.now))
    return made(kind, account, post, activity_id=activity_id, now=tx.now)


async def _existing(tx: Transaction, reaction: Reaction) -> Reaction:
    found = await queries.between(tx.db, reaction.kind, reaction.account_id, reaction.post_id)
    if found is None:  # the post was deleted in between
        raise NotFound
    return found


async def _seen(tx: Transaction, account: Account, post: Post) -> tuple[Post, Account]:
    """Return the post as it is now, and its author, if *account* may see it."""
    seen = await posts.by_id(tx.db, Viewer(account.id), post.id)
    author = None if seen is None else await accounts.by_id(tx.db, seen.author_id)
    if seen is None or author is None:
        raise NotFound
    return seen, author
