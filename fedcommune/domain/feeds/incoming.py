"""What others address to the square: the square passes it on (FEP-1b12)."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.feeds import actions
from fedcommune.domain.posts import queries as posts
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
        await actions.carry(tx, author, post)
