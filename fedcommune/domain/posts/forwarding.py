"""Carry a stranger's answer to the followers of whom it answers (inbox forwarding, W-FWD).

The original bytes travel, with the proof inside them; we only sign for the way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.posts import queries, reach
from fedcommune.domain.posts.model import Post
from federation import documents, iris
from federation.activities import Activity
from federation.errors import RefusedError
from outbox import addressing, publish
from outbox.addressing import Recipient

# How far up a thread we look for something of ours (S2S-17).
MAX_LEVELS: Final = 2
# More collections than this in one message is not a conversation.
MAX_COLLECTIONS: Final = 20


async def forward(tx: Transaction, activity: Activity, post: Post) -> None:
    """Forward *activity*, just received for the first time, when it answers something of ours.

    It goes to the followers of ours that the original addresses, and to nobody else
    (S2S-16, S2S-18). Nothing happens for what is not open, what carries no proof of its
    own, and what does not lead to a post of ours within two steps.
    """
    if not _may_travel(activity, post) or not await _leads_to_us(tx, activity, post):
        return
    named = {*activity.to, *activity.cc, *documents.iris(activity.document.get("audience"))}
    collections = sorted(iri for iri in named if tx.instance.owns(iri))[:MAX_COLLECTIONS]
    for owner in await reach.local_owners(tx.db, collections):
        await _send(tx, activity, owner)


async def forward_ending(
    tx: Transaction, activity: Activity, post: Post, boosters: Iterable[Account]
) -> None:
    """Forward an Update or Delete of *post* to whom we once carried the post itself.

    *boosters* are our accounts that boosted it: their followers have it, and its origin
    does not know them.
    """
    await forward(tx, activity, post)
    if _may_travel(activity, post):
        for booster in boosters:
            await _send(tx, activity, booster)


def _may_travel(activity: Activity, post: Post) -> bool:
    return (
        activity.type in ("Create", "Update", "Delete")
        and post.visibility.is_open
        and publish.may_forward(activity.document)
    )


async def _leads_to_us(tx: Transaction, activity: Activity, post: Post) -> bool:
    """Tell whether the post answers, or points to, a post of ours, within two steps."""
    if await queries.is_answer_to_ours(tx.db, post.id, levels=MAX_LEVELS):
        return True
    pointed = [href for tag in post.tags if (href := documents.iri(tag)) is not None]
    return await queries.is_ours(tx.db, [iri for iri in pointed if tx.instance.owns(iri)])


async def _send(tx: Transaction, activity: Activity, owner: Account) -> None:
    origin = iris.authority(activity.actor)
    outside: dict[Recipient, str] = {}
    for recipient in await accounts.followers_recipients(tx.db, owner.id):
        try:
            outside[recipient] = iris.authority(recipient.inbox)
        except RefusedError:
            continue
    refused = await hosts.refused_among(tx.db, set(outside.values()))
    inboxes = addressing.inboxes(
        [each for each, host in outside.items() if host != origin and host not in refused],
        ours=tx.instance.owns,
        private=False,
    )
    if inboxes:
        await publish.forward(
            tx.db,
            activity.raw,
            activity_id=activity.id,
            actor_id=owner.actor_id,
            inboxes=inboxes,
            now=tx.now,
            order=activity.object_id,
        )
