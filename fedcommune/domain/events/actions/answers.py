"""Answers in words: who says under an event that they come, comes (product 7.5)."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import joining
from fedcommune.domain.events.model import understood
from fedcommune.domain.events.queries import people
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.reactions import actions as reactions
from fedcommune.errors import CommuneError
from fedcommune.text import html
from federation.errors import IgnoredError


async def heed(tx: Transaction, author: Account, answer: Post) -> bool:
    """Let the *author* of an *answer* to an event take part, or not, if its words say so.

    Who organises the event likes what was understood, so that its author sees it. Returns
    whether anything came of it; what cannot be, such as coming to what is full, is nothing.
    """
    if answer.parent_id is None:
        return False
    event_post = await posts.locked(tx.db, answer.parent_id)
    if event_post is None or event_post.type != "Event" or event_post.deleted_at is not None:
        return False
    if not (event_post.local or author.local) or event_post.author_id == author.id:
        return False
    said = understood(html.plain(answer.content))
    organiser = await accounts.by_id(tx.db, event_post.author_id)
    if said is None or organiser is None:
        return False
    try:
        if author.local:
            if said == "comes":
                await joining.join(tx, author, event_post.id, way="reply")
            else:
                await joining.leave(tx, author, event_post.id)
        elif not await _of_stranger(tx, author, event_post, organiser, answer, said == "comes"):
            return False
    except (CommuneError, IgnoredError):
        return False
    if organiser.local:
        await reactions.like(tx, organiser, answer)
    return True


async def _of_stranger(
    tx: Transaction,
    author: Account,
    event_post: Post,
    organiser: Account,
    answer: Post,
    comes: bool,
) -> bool:
    """Do the same for a stranger, whose server knows no Join and expects no answer to one."""
    if not comes:
        await joining.lose(tx, author, event_post, organiser)
        return True
    event = await happenings.locked(tx.db, event_post.id)
    if event is None or not event.is_open(tx.now) or event.room == 0:
        return False
    known = await people.of_account(tx.db, event_post.id, author.id)
    if known is not None and known.state in ("pending", "accepted"):
        return True
    one = await joining.gain(
        tx, author, event_post, organiser, f"{answer.object_id}#join", way="reply"
    )
    return one is not None
