"""Answers from afar that say "I can help"."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.helping import actions
from fedcommune.domain.posts import queries as posts
from federation.activities import Activity


async def heed(tx: Transaction, activity: Activity) -> None:
    """Keep the offer of help in the post that *activity* created, if there is one."""
    if activity.object_id is None:
        return
    post = await posts.stored(tx.db, activity.object_id)
    if post is None or post.local or post.parent_id is None:
        return
    author = await accounts.by_id(tx.db, post.author_id)
    if author is not None:
        await actions.heed(tx, author, post)
