"""Posts, links and activities of ours, as documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.outgoing import describe
from fedcommune.domain.boxes import queries as boxes
from fedcommune.domain.boxes.model import ABOUT_WORDS, Done
from fedcommune.domain.emojis import outgoing as emoji_documents
from fedcommune.domain.emojis import queries as emojis
from fedcommune.domain.links import outgoing as link_documents
from fedcommune.domain.links import queries as links
from fedcommune.domain.links.model import Link
from fedcommune.domain.places import outgoing as place_documents
from fedcommune.domain.places import queries as places
from fedcommune.domain.posts import outgoing as posts
from fedcommune.domain.posts import queries
from fedcommune.domain.posts.model import Post
from fedcommune.domain.quotes import outgoing as quote_documents
from fedcommune.domain.quotes import queries as quotes
from fedcommune.domain.reactions import queries as reactions
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import NotFound
from fedcommune.fediverse import readers, tokens
from fedcommune.fediverse.actors import Buried
from fedcommune.fediverse.negotiation import Document
from federation import documents
from federation.vocabulary.context import with_context
from federation.vocabulary.notes import tombstone
from outbox import store as outbox


async def post_asked_for(request: Request) -> tuple[Post, Account, Viewer]:
    """Return the local post that the address of *request* names, its author, and who reads.

    Raises :class:`NotFound` for what does not exist and for what the reader may not see,
    alike (SEC-VIS-03), and :class:`Buried` for a deleted post that was open.
    """
    commune = readers.commune_of(request)
    db = commune.database.pool
    viewer = await readers.reader_of(request)
    post_id = int(request.path_params["post"])
    post = await queries.by_id(db, viewer, post_id)
    if post is None or not post.local:
        raise await _buried(request, post_id) or NotFound()
    author = await accounts.by_id(db, post.author_id)
    username = request.path_params.get("username")
    if author is None or (username is not None and author.username != str(username).lower()):
        raise NotFound
    return post, author, viewer


async def show_post(request: Request) -> Response:
    """The Note (W-DOC-05); a Tombstone with 410 once it is deleted (OBJ-05)."""
    post, author, _ = await post_asked_for(request)
    async with readers.commune_of(request).database.transaction() as tx:
        document = await posts.document(tx, post, author)
    return Document(with_context(document))


async def show_place(request: Request) -> Response:
    """A Place of ours (product 8.4); a Tombstone with 410 once it is gone."""
    commune = readers.commune_of(request)
    place_id = int(request.path_params["place"])
    async with commune.database.transaction() as tx:
        place = await places.by_id(tx.db, place_id)
        if place is None or not place.local:
            gone = await places.stored(tx.db, commune.instance.place(place_id))
            if gone is None or gone.deleted_at is None:
                raise NotFound
            raise Buried(
                Document(with_context(tombstone(gone.object_id, "Place", gone.deleted_at)), 410)
            )
        owner = await accounts.by_id(tx.db, place.owner_id)
        assert owner is not None, "a place goes with who tells of it"
        return Document(with_context(await place_documents.document(tx, place, owner)))


async def show_activity(request: Request) -> Response:
    """An activity that was for everybody; the others are only their actor's to read."""
    commune = readers.commune_of(request)
    viewer = await readers.reader_of(request)
    iri = commune.instance.origin + request.scope["path"]
    body = await outbox.public_activity(commune.database.pool, iri)
    if body is None:
        return await _show_own(request, viewer, iri)
    said = documents.read(body)
    author = await accounts.by_actor_id(commune.database.pool, str(documents.iri(said["actor"])))
    if author is None or author.suspended_at is not None:
        raise NotFound
    if author.deleted_at is not None and said["type"] != "Delete":
        raise NotFound
    await readers.refuse_across_block(request, viewer, author)
    async with commune.database.transaction() as tx:
        today = await _as_of_today(tx, viewer, said)
    if today is None:
        raise NotFound
    return Document(body if today == said else today)


async def _show_own(request: Request, viewer: Viewer, iri: str) -> Response:
    """Answer with what the reader did through their own outbox (C2S-07, SEC-VIS-11)."""
    commune = readers.commune_of(request)
    if viewer.account_id is None or tokens.bearer(request) is None:
        raise NotFound
    done = await boxes.by_activity(commune.database.pool, viewer.account_id, iri)
    if done is None:
        raise NotFound
    async with commune.database.transaction() as tx:
        today = await own_activity(tx, viewer, done)
    if today is None:
        raise NotFound
    return Document(with_context(today))


async def own_activity(tx: Transaction, viewer: Viewer, done: Done) -> Mapping[str, Any] | None:
    """Return what *viewer* did, without ``@context``; its words are those of today.

    None when they were deleted since.
    """
    if done.type not in ABOUT_WORDS:
        return done.document
    object_id = str(done.document["object"])
    current = await _current(tx, viewer, object_id)
    return None if current is None else {**done.document, "object": current}


async def show_link(request: Request) -> Response:
    """The Relationship that says that somebody takes part in something of ours (product 8.7)."""
    link, subject, target = await _link_asked_for(request)
    return Document(with_context(link_documents.document(link, subject, target)))


async def show_member(request: Request) -> Response:
    """The same as a Member, for those who read Mobilizon's words (product 8.7)."""
    link, subject, target = await _link_asked_for(request)
    instance = readers.commune_of(request).instance
    return Document(with_context(link_documents.member(instance, link, subject, target)))


async def _link_asked_for(request: Request) -> tuple[Link, Account, Account]:
    commune = readers.commune_of(request)
    viewer = await readers.reader_of(request)
    db = commune.database.pool
    link = await links.by_id(db, int(request.path_params["link"]))
    if link is None or not link.is_active:
        raise NotFound
    if not await links.may_see(db, viewer, link):
        raise NotFound
    people = await accounts.by_ids(db, [link.subject_id, link.target_id])
    subject, target = people[link.subject_id], people[link.target_id]
    if link.relationship_id != commune.instance.link(link.id) or not target.is_active:
        raise NotFound
    await readers.refuse_across_block(request, viewer, target)
    return link, subject, target


async def show_stamp(request: Request) -> Response:
    """That a post of ours may be quoted by one post (W-QUO-02): gone as soon as it is not so."""
    commune = readers.commune_of(request)
    target, author, _ = await post_asked_for(request)
    db = commune.database.pool
    quoting = await queries.locked(db, int(request.path_params["quoting"]))
    quote = None if quoting is None else await quotes.of_post(db, quoting.id)
    if quoting is None or quote is None or quoting.deleted_at is not None:
        raise NotFound
    stamp = commune.instance.quote_stamp(target.id, quoting.id)
    if (quote.target_id, quote.state, quote.stamp) != (target.id, "accepted", stamp):
        raise NotFound
    document = quote_documents.stamp(stamp, target=target, author=author, quoting=quoting)
    return Document(with_context(document))


async def show_emoji(request: Request) -> Response:
    """A picture of ours that stands for a word (FEP-9098); everybody may read it."""
    commune = readers.commune_of(request)
    await readers.reader_of(request)
    emoji = await emojis.by_id(commune.database.pool, int(request.path_params["emoji"]))
    if emoji is None:
        raise NotFound
    return Document(with_context(emoji_documents.document(commune.instance, emoji)))


async def _as_of_today(
    tx: Transaction, viewer: Viewer, said: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Return an activity of ours with what it is about as that is now.

    A Create or an Update never shows again what was corrected since; it then goes without
    the proofs of what was sent. An Announce ends with its boost. None when what it is about
    is no longer there for *viewer*.
    """
    if said["type"] == "Announce" and isinstance(said.get("object"), Mapping):
        # What a group passes on: an activity of ours as it is now, that of a stranger by its id.
        inside = said["object"]
        about = str(documents.iri(inside.get("object")))
        if await queries.by_object_id(tx.db, viewer, about) is None:
            return None
        today = await _as_of_today(tx, viewer, inside) if tx.instance.owns(about) else inside["id"]
        return None if today is None else {**_unproven(said), "object": today}
    if said["type"] == "Announce":
        boost = await reactions.by_activity(tx.db, str(said["id"]))
        if boost is None or not boost.visibility.is_open:
            return None
        return said if await queries.by_id(tx.db, viewer, boost.post_id) else None
    embedded = said.get("object")
    if said["type"] not in ("Create", "Update") or not isinstance(embedded, Mapping):
        return said
    current = await _current(tx, viewer, str(documents.iri(embedded)))
    if current is None or _without_group(current) == _without_group(embedded):
        return None if current is None else said
    kept = _unproven(said)
    audience = [name for name in ("to", "cc") if name in current and name in said]
    return {**kept, **{name: current[name] for name in audience}, "object": current}


def _unproven(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in ("proof", "signature")}


def _without_group(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return *document* without the group that passes it on: that comes after it was said."""
    return {name: value for name, value in document.items() if name != "audience"}


async def _current(tx: Transaction, viewer: Viewer, object_id: str) -> dict[str, Any] | None:
    """Return the document of a post or an actor of ours, if *viewer* may see it."""
    account = await accounts.by_actor_id(tx.db, object_id)
    if account is not None:
        return await describe(tx, account) if account.is_active else None
    post = await queries.by_object_id(tx.db, viewer, object_id)
    if post is None or not (post.visibility.is_open or post.author_id == viewer.account_id):
        return None
    author = await accounts.by_id(tx.db, post.author_id)
    return None if author is None else await posts.document(tx, post, author)


async def _buried(request: Request, post_id: int) -> Buried | None:
    commune = readers.commune_of(request)
    object_id = commune.instance.post(post_id)
    buried = await queries.tombstone(commune.database.pool, object_id)
    if buried is None:
        return None
    former_type, deleted_at = buried
    return Buried(Document(with_context(tombstone(object_id, former_type, deleted_at)), 410))
