"""What arrived for somebody, as the activities that their own app reads (C2S-30)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import outgoing as follow_documents
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.links import queries as links
from fedcommune.domain.links.model import State, relationship_with
from fedcommune.domain.notifications.model import Kind, Notification
from fedcommune.domain.posts import outgoing as post_documents
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.reactions import outgoing as reaction_documents
from fedcommune.domain.reactions import queries as reactions
from fedcommune.domain.reactions.model import Kind as ReactionKind
from fedcommune.domain.reactions.model import Reaction
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.visibility import Viewer
from federation import documents
from outbox import envelope

# What only its own server says of a post, or what is ours to type.
_AT_HOME: Final = ("replies", "likes", "shares", "source", "conversation")
_COPIED: Final = ("to", "cc", "published")
# What somebody is told that is an activity of somebody else, but for what names them.
KINDS: Final = frozenset(
    {Kind.FOLLOW, Kind.FOLLOW_REQUEST, Kind.REPLY, Kind.FAVOURITE, Kind.REBLOG, Kind.UPDATE}
    | {Kind.INVITE}
)


async def entry(tx: Transaction, found: Entry) -> Mapping[str, Any] | None:
    """Return the Create or the Announce of a line of the home timeline."""
    author = await accounts.by_id(tx.db, found.post.author_id)
    if author is None or found.boost is None:
        return None if author is None else await written(tx, found.post, author, "Create")
    booster = await accounts.by_id(tx.db, found.boost.account_id)
    if booster is None:
        return None
    boost = Reaction(
        id=found.boost.id,
        kind=ReactionKind.BOOST,
        account_id=booster.id,
        post_id=found.post.id,
        activity_id=found.boost.activity_id,
        visibility=found.boost.visibility,
        created_at=found.boost.created_at,
    )
    return reaction_documents.announce(boost, booster, found.post, author)


async def written(tx: Transaction, post: Post, author: Account, kind: str) -> Mapping[str, Any]:
    """Return the Create, or the Update, of a post as it is now.

    That of a stranger has no id: what arrived is not kept once it is understood.
    """
    note = await post_documents.document(tx, post, author)
    if post.local and kind == "Create":
        return envelope.create(tx.instance.answer("create", post.object_id), author.actor_id, note)
    if not post.local:
        note = {name: value for name, value in note.items() if name not in _AT_HOME}
    copied: dict[str, Any] = {name: note[name] for name in _COPIED if name in note}
    return {"type": kind, "actor": author.actor_id, "object": note, **copied}


async def told(tx: Transaction, notice: Notification, owner: Account) -> Mapping[str, Any] | None:
    """Return the activity of which *owner* was told, None when it is no more."""
    sender = await accounts.by_id(tx.db, notice.from_id)
    if sender is None:
        return None
    match notice.kind:
        case Kind.FOLLOW | Kind.FOLLOW_REQUEST:
            follow = await follows.between(tx.db, sender.id, owner.id)
            if follow is None:
                return None
            return follow_documents.document(sender, owner, follow.activity_id)
        case Kind.INVITE:
            return await _invitation(tx, sender, owner)
    post = None
    if notice.post_id is not None:
        post = await posts.by_id(tx.db, Viewer(owner.id), notice.post_id)
    author = None if post is None else await accounts.by_id(tx.db, post.author_id)
    if post is None or author is None:
        return None
    match notice.kind:
        case Kind.FAVOURITE:
            like = await reactions.between(tx.db, ReactionKind.LIKE, sender.id, post.id)
            return None if like is None else reaction_documents.like(like, sender, post, author)
        case Kind.REBLOG:
            boost = await reactions.between(tx.db, ReactionKind.BOOST, sender.id, post.id)
            if boost is None:
                return None
            return reaction_documents.announce(boost, sender, post, author)
        case Kind.UPDATE:
            return await written(tx, post, author, "Update")
        case Kind.REPLY:
            return await written(tx, post, author, "Create")
    return None


async def _invitation(tx: Transaction, target: Account, owner: Account) -> Mapping[str, Any] | None:
    link = await links.standing(tx.db, owner.id, target.id, relationship_with(target.kind))
    if link is None or link.state != State.INVITED:
        return None
    return envelope.invite(
        link.activity_id,
        target.actor_id,
        target.actor_id,
        owner.actor_id,
        roles=link.roles,
        as_admin=link.wants_admin,
        content=link.message or None,
    )


def key_of(activity: Mapping[str, Any]) -> str:
    """Return by what an activity is known once: its id, or what it says of what."""
    found = documents.iri(activity.get("id"))
    return found or f"{activity.get('type')} {documents.iri(activity.get('object'))}"
