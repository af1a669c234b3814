"""What leaves about taking part: Join, Leave and their answers, and letters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.model import Participation
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Event
from fedcommune.domain.posts.sentences import sentence
from fedcommune.mail import letters, queue
from outbox import envelope

# Whatever the event does, a letter about it is worth sending so long.
_PATIENCE: Final = timedelta(days=1)


def join(one: Participation, subject: Account, post: Post) -> dict[str, Any]:
    """Return the Join by which *subject* asks to take part (W-EVT-03)."""
    assert one.activity_id is not None, "whoever has an account asks by an activity"
    return {
        "id": one.activity_id,
        "type": "Join",
        "actor": subject.actor_id,
        "object": post.object_id,
        **({"participationMessage": one.message} if one.message else {}),
    }


async def asked(
    tx: Transaction, one: Participation, subject: Account, post: Post, author: Account
) -> None:
    """Ask a stranger who announces an event whether one of ours may come."""
    activity = {**join(one, subject, post), "to": [author.actor_id]}
    await accounts.tell(tx, subject, activity, author, order=post.object_id)


async def left(
    tx: Transaction, one: Participation, subject: Account, post: Post, author: Account
) -> None:
    """Tell a stranger who announces an event that one of ours does not come after all."""
    activity = envelope.leave(
        tx.instance.activity(identifiers.new(tx.now)), subject.actor_id, post.object_id
    )
    activity["to"] = [author.actor_id]
    await accounts.tell(tx, subject, activity, author, order=post.object_id)


async def accepted(
    tx: Transaction, one: Participation, subject: Account, post: Post, author: Account
) -> None:
    """Tell a stranger that they take part in our event."""
    asked_ = join(one, subject, post)
    activity_id = tx.instance.answer("accept", f"{asked_['id']} {one.changed_at.timestamp()}")
    activity = envelope.accept(activity_id, author.actor_id, asked_)
    await accounts.tell(tx, author, activity, subject, order=post.object_id)


async def refused(
    tx: Transaction, one: Participation, subject: Account, post: Post, author: Account
) -> None:
    """Tell a stranger that they do not take part in our event: there is no room, or no wish."""
    asked_ = join(one, subject, post)
    activity_id = tx.instance.answer("reject", f"{asked_['id']} {one.changed_at.timestamp()}")
    activity = envelope.reject(activity_id, author.actor_id, asked_)
    await accounts.tell(tx, author, activity, subject, order=post.object_id)


async def ignored(
    tx: Transaction, activity_id: str, subject: Account, post: Post, author: Account
) -> None:
    """Tell a stranger that nobody answers a Join to this event (FEP-8a8e)."""
    asked_ = {
        "id": activity_id,
        "type": "Join",
        "actor": subject.actor_id,
        "object": post.object_id,
    }
    activity = {
        "id": tx.instance.answer("ignore", activity_id),
        "type": "Ignore",
        "actor": author.actor_id,
        "object": asked_,
        "to": [subject.actor_id],
    }
    await accounts.tell(tx, author, activity, subject, order=post.object_id)


async def letter(
    tx: Transaction,
    kind: str,
    recipient: str,
    language: str,
    event: Event,
    *,
    page: str = "",
    **values: str,
) -> None:
    """Send the letter *kind* about *event*; *page* is where its link leads, on our server.

    What comes too late to be of use is not sent: until the event is over.
    """
    written = letters.write(
        tx.instance,
        kind,
        recipient,
        language,
        link=f"{tx.instance.origin}{page or f'/events/{event.post_id}'}",
        expires_at=max(event.end, tx.now + _PATIENCE),
        event=event.name,
        facts=sentence(event, language, home=tx.instance.timezone),
        **values,
    )
    await queue.post(tx, written)
