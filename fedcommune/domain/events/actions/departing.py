"""Take away what somebody organised who leaves for good: the agenda announced it for them."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import announcing
from fedcommune.domain.events.queries import agenda
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts import queries as post_queries


async def withdraw(tx: Transaction, organiser: Account) -> int:
    """Delete, here and everywhere, what others announced for *organiser*; return how many.

    Who meant to come has a letter that it is off. What an organisation announced itself goes
    with it. Call this before the account is deleted: afterwards nobody knows what was theirs.
    """
    gone = 0
    for post_id in await agenda.announced_for(tx.db, organiser.id):
        post = await post_queries.locked(tx.db, post_id)
        event = await happenings.locked(tx.db, post_id)
        author = None if post is None else await accounts.by_id(tx.db, post.author_id)
        if post is None or event is None or author is None or post.deleted_at is not None:
            continue
        if not event.is_off and event.end > tx.now:
            post = await announcing.call_off(tx, author, post, event)
        await posts.remove(tx, author, post)
        gone += 1
    return gone
