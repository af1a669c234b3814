"""Everything an app can do through an outbox, in one list, and what an answer answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from fedcommune.domain.blocks import queries as blocks
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.links import queries as link_queries
from fedcommune.domain.links.model import Link, relationship_with
from fedcommune.domain.reactions import queries as reaction_queries
from fedcommune.domain.reactions.model import Kind
from fedcommune.errors import Invalid, NotAllowed, NotFound
from fedcommune.fediverse.client import finding, links, notes, people, reactions
from fedcommune.fediverse.client.errand import Act, Errand, Unsupported
from federation import documents

Verb = Callable[[Errand], Awaitable[Act]]


async def prepare(errand: Errand) -> Act:
    """Gather what *errand* needs; return what to do in its one transaction.

    Raises :class:`Unsupported` for what is not done here, and what is wrong with it.
    """
    verb = VERBS.get(errand.type)
    if verb is None:
        raise Unsupported(f"Nobody does a {errand.type} here.")
    return await verb(errand)


async def _remove(errand: Errand) -> Act:
    if errand.named("target") == links.collection_of(errand.account):
        return await links.remove(errand)
    return await reactions.feature(errand)


async def _undo(errand: Errand) -> Act:
    """Undo what oneself did, by its id or embedded (C2S-22)."""
    undone, account = errand.object, errand.account
    if undone is not None and documents.iris(undone.get("actor")) not in ([], [account.actor_id]):
        raise NotAllowed("Only who did something can undo it.")
    kind = "" if undone is None else (*documents.types(undone), "")[0]
    if kind in _OTHERWISE:
        raise Invalid("object", f"What a {kind} did is undone by a {_OTHERWISE[kind]}.")
    undone_id = documents.iri(errand.activity.get("object"))
    act = None if undone_id is None else await _undo_of(errand, undone_id)
    if act is None and undone is not None:
        act = await _undo_like(errand, undone)
    if act is None:
        raise NotFound
    return act


_OTHERWISE: Final[Mapping[str, str]] = {
    "Create": "Delete",
    "Add": "Remove",
    "Remove": "Add",
    "Accept": "Reject",
    "Update": "second Update",
}


async def _undo_of(errand: Errand, activity_id: str) -> Act | None:
    """Return how to undo the activity of this id, None when oneself did no such thing."""
    db, mine = errand.commune.database.pool, errand.account.id
    follow = await follows.by_activity(db, activity_id)
    if follow is not None and follow.follower_id == mine:
        return await people.unfollow(errand, follow)
    reaction = await reaction_queries.by_activity(db, activity_id)
    if reaction is not None and reaction.account_id == mine:
        return await reactions.undo(errand, reaction)
    block = await blocks.by_activity(db, activity_id)
    if block is not None and block.blocker_id == mine:
        return await people.unblock(errand, block)
    link = await _link(errand, activity_id)
    if link is not None and link.subject_id == mine:
        return await links.ended(errand, link)
    return None


async def _undo_like(errand: Errand, undone: Mapping[str, Any]) -> Act | None:
    """Return how to undo what is like *undone*, which was embedded without a known id."""
    db, mine = errand.commune.database.pool, errand.account.id
    about = documents.iri(undone.get("object"))
    kind = (*documents.types(undone), "")[0]
    if about is None:
        return None
    if kind in ("Like", "Announce"):
        post = await finding.own_post(errand, about)
        what = Kind.LIKE if kind == "Like" else Kind.BOOST
        reaction = await reaction_queries.between(db, what, mine, post.id)
        return None if reaction is None else await reactions.undo(errand, reaction)
    if kind not in ("Follow", "Block", "Join"):
        return None
    other = await finding.actor(errand, about)
    if kind == "Follow":
        follow = await follows.between(db, mine, other.id)
        return None if follow is None else await people.unfollow(errand, follow)
    if kind == "Block":
        block = await blocks.of(db, mine, other.id)
        return None if block is None else await people.unblock(errand, block)
    async with errand.commune.database.transaction() as tx:
        link = await link_queries.between(tx.db, mine, other.id, relationship_with(other.kind))
    return None if link is None else await links.ended(errand, link)


async def _answer(errand: Errand) -> Act:
    """Accept or reject what somebody asked: a Follow, a Join, an Invite."""
    db, mine = errand.commune.database.pool, errand.account.id
    asked, asked_id = errand.object, documents.iri(errand.activity.get("object"))
    if asked_id is not None:
        follow = await follows.by_activity(db, asked_id)
        if follow is not None and follow.followed_id == mine:
            return await people.answer(errand, follow)
        link = await _link(errand, asked_id)
        if link is not None and mine in (link.target_id, link.subject_id):
            return await links.answer(errand, link)
    if asked is not None and documents.types(asked) == ("Follow",):
        asking = documents.iri(asked.get("actor"))
        follower = None if asking is None else await finding.actor(errand, asking)
        follow = None if follower is None else await follows.between(db, follower.id, mine)
        if follow is not None:
            return await people.answer(errand, follow)
    raise NotFound


async def _link(errand: Errand, activity_id: str) -> Link | None:
    async with errand.commune.database.transaction() as tx:
        return await link_queries.by_activity(tx.db, activity_id)


VERBS: Final[Mapping[str, Verb]] = {
    "Accept": _answer,
    "Add": reactions.feature,
    "Announce": reactions.announce,
    "Block": people.block,
    "Create": notes.create,
    "Delete": notes.delete,
    "Flag": people.flag,
    "Follow": people.follow,
    "Invite": links.invite,
    "Join": links.join,
    "Leave": links.leave,
    "Like": reactions.like,
    "Move": people.move,
    "Reject": _answer,
    "Remove": _remove,
    "Undo": _undo,
    "Update": notes.update,
}
