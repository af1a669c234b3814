"""Like, pass on, show first, and take it back, through the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.boxes import actions as boxes
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.reactions import actions, outgoing
from fedcommune.domain.reactions.model import Kind, Reaction
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid, NotFound
from fedcommune.fediverse.client import addressing, finding
from fedcommune.fediverse.client.errand import Act, Errand, Unsupported
from federation.names import PUBLIC
from outbox import envelope


async def like(errand: Errand) -> Act:
    """A post is liked, and its author told (C2S-20)."""
    errand.check_scope("write:favourites")
    post = await finding.post(errand, errand.named())
    author = await finding.author_of(errand, post)

    async def act(tx: Transaction) -> Mapping[str, Any]:
        reaction = await actions.like(tx, errand.account, post)
        return outgoing.like(reaction, errand.account, post, author)

    return act


async def announce(errand: Errand) -> Act:
    """A post is passed on, for whom the Announce says; for everybody when it does not say."""
    errand.check_scope("write:statuses")
    audience = addressing.read(errand.account, errand.activity)
    visibility = Visibility.PUBLIC if audience.is_empty else audience.visibility
    post = await finding.post(errand, errand.named())
    author = await finding.author_of(errand, post)
    if audience.blind or {*audience.people} - {author.actor_id}:
        raise Invalid("to", "A boost is for everybody or for your followers.")

    async def act(tx: Transaction) -> Mapping[str, Any]:
        reaction = await actions.boost(tx, errand.account, post, visibility)
        return outgoing.announce(reaction, errand.account, post, author)

    return act


async def undo(errand: Errand, reaction: Reaction) -> Act:
    """A like or a boost is taken back."""
    liked = reaction.kind is Kind.LIKE
    errand.check_scope("write:favourites" if liked else "write:statuses")
    post = await posts.by_id(errand.commune.database.pool, errand.viewer, reaction.post_id)
    if post is None:
        raise NotFound
    author = await finding.author_of(errand, post)
    write = outgoing.like if liked else outgoing.announce
    undone = write(reaction, errand.account, post, author)

    async def act(tx: Transaction) -> Mapping[str, Any]:
        await (actions.unlike if liked else actions.unboost)(tx, errand.account, post)
        undo_id = tx.instance.answer("undo", reaction.activity_id)
        return envelope.undo(undo_id, errand.account.actor_id, undone)

    return act


async def feature(errand: Errand) -> Act:
    """One's post is shown first on one's page, or no longer (C2S-18, C2S-19)."""
    errand.check_scope("write:accounts")
    account, target = errand.account, errand.named("target")
    if account.featured_url is None or target != account.featured_url:
        raise Unsupported(f"{errand.type} is for your own collection of featured posts.")
    post = await finding.own_post(errand, errand.named())
    adding = errand.type == "Add"

    async def act(tx: Transaction) -> Mapping[str, Any]:
        await (actions.pin if adding else actions.unpin)(tx, account, post)
        return boxes.told(tx, account, errand.type) or (
            envelope.add if adding else envelope.remove
        )(
            tx.instance.activity(identifiers.new(tx.now)),
            account.actor_id,
            post.object_id,
            target=target,
            to=[PUBLIC],
        )

    return act
