"""Votes on their way to who asked, and totals to everybody who was asked."""

from __future__ import annotations

from collections.abc import Iterable

from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.polls.model import Vote
from fedcommune.domain.posts import outgoing as posts
from fedcommune.domain.posts.choices import Poll
from fedcommune.domain.posts.model import Post
from federation.vocabulary import polls
from outbox import envelope


async def voted(
    tx: Transaction, voter: Account, post: Post, author: Account, poll: Poll, votes: Iterable[Vote]
) -> None:
    """Tell the stranger who asked, and nobody else, what our *voter* chose (W-POLL-01)."""
    for vote in votes:
        ballot = polls.ballot(
            ballot_id=f"{voter.actor_id}#votes/{vote.id}",
            voter=voter.actor_id,
            choice=poll.options[vote.choice],
            question=post.object_id,
            asker=author.actor_id,
            published=tx.now,
        )
        await accounts.tell(
            tx,
            voter,
            envelope.create(tx.instance.answer("create", ballot["id"]), voter.actor_id, ballot),
            author,
            order=post.object_id,
        )


async def counted(tx: Transaction, post: Post, author: Account) -> None:
    """Tell everybody who has our *post* how it stands: no edit, so nothing newer (W-POLL-03)."""
    await posts.updated(tx, post, author)
