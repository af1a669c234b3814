"""What others address to the square: the square passes it on (FEP-1b12)."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.feeds import actions, outgoing
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts import reach
from fedcommune.domain.posts.model import Post
from federation.activities import Activity
from inbox.router import Router

# The square handles nothing itself: it carries what has been kept by others.
router: Router[Transaction] = Router()


async def carry(tx: Transaction, activity: Activity) -> None:
    """Let the square carry the post that *activity* created, if it is addressed to it."""
    if activity.object_id is None:
        return
    post = await posts.stored(tx.db, activity.object_id)
    if post is None or post.local or post.deleted_at is not None:
        return
    author = await accounts.by_id(tx.db, post.author_id)
    if author is not None:
        await actions.carry(tx, author, post, activity.document)


async def standing(tx: Transaction, activity: Activity) -> tuple[Post, list[Account]] | None:
    """Return what a stranger is about to edit or delete, and the groups that passed it on.

    None for anything else: afterwards nobody could tell any more.
    """
    if activity.type not in ("Update", "Delete") or activity.object_id is None:
        return None
    post = await posts.stored(tx.db, activity.object_id)
    if post is None or post.local or post.deleted_at is not None:
        return None
    boosters = await reach.local_boosters(tx.db, post.id)
    groups = [each for each in boosters if each.kind in (Kind.FEED, Kind.SQUARE)]
    return (post, groups) if groups else None


async def follow_up(
    tx: Transaction, activity: Activity, before: tuple[Post, list[Account]]
) -> None:
    """Let the groups that passed a post on pass on its edit or its deletion, too (W-GRP-02)."""
    post, groups = before
    for group in groups:
        await outgoing.passed_on(tx, group, activity.document, post)
