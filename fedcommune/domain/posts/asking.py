"""Let a post ask something, ask something else, and stand as its own server says it stands."""

from __future__ import annotations

from dataclasses import replace

from fedcommune.database import Transaction
from fedcommune.domain.posts import choices, questions
from fedcommune.domain.posts.choices import Asked
from fedcommune.domain.posts.model import Post
from federation.vocabulary.notes import NoteView


async def ask(tx: Transaction, post: Post, asked: Asked | None) -> None:
    """Let our *post*, whose row is locked, ask this, or nothing.

    The same choices keep their votes, and only the end and the secrecy are new. For other
    choices everybody votes anew (product 4.1).
    """
    poll = await questions.locked(tx.db, post.id)
    if asked is None:
        await questions.forget_votes(tx.db, post.id)
        await questions.drop(tx.db, post.id)
        return
    fresh = choices.asked_now(post.id, asked, tx.now)
    if poll is not None and poll.asks_the_same(asked.options, multiple=asked.multiple):
        fresh = replace(fresh, votes=poll.votes, voters=poll.voters)
    else:
        await questions.forget_votes(tx.db, post.id)
    await questions.ask(tx.db, fresh, local=True)


async def learn(tx: Transaction, post: Post, view: NoteView) -> None:
    """Let a stranger's *post*, new or edited, ask what *view* asks, or nothing.

    Other choices than before: what our people voted holds no longer (W-POLL-04).
    """
    known = await questions.locked(tx.db, post.id)
    if view.poll is None:
        if known is not None:
            await questions.forget_votes(tx.db, post.id)
            await questions.drop(tx.db, post.id)
        return
    poll = choices.told(post.id, view.poll, tx.now)
    if known is not None and known.asks_the_same(poll.options, multiple=poll.multiple):
        await questions.refresh(tx.db, poll)
        return
    await questions.forget_votes(tx.db, post.id)
    await questions.ask(tx.db, poll, local=False)


async def refresh(tx: Transaction, post: Post, view: NoteView) -> bool:
    """Take the totals of a stranger's *post* from *view*, which comes from its author.

    Returns whether there were any to take. Other choices than those that our people chose
    from need an edit (W-POLL-04).
    """
    if view.poll is None or post.local:
        return False
    known = await questions.locked(tx.db, post.id)
    poll = choices.told(post.id, view.poll, tx.now)
    if known is None or not known.asks_the_same(poll.options, multiple=poll.multiple):
        return False
    await questions.refresh(tx.db, poll)
    return True
