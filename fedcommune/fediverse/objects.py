"""Posts, links and activities of ours, as documents."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.links import outgoing as link_documents
from fedcommune.domain.links import queries as links
from fedcommune.domain.posts import outgoing as posts
from fedcommune.domain.posts import queries
from fedcommune.domain.posts.model import Post
from fedcommune.errors import NotFound
from fedcommune.fediverse import readers
from fedcommune.fediverse.negotiation import Document
from federation.vocabulary.context import with_context
from federation.vocabulary.notes import tombstone
from outbox import store as outbox


class Buried(Exception):
    """What is asked for was deleted, and that may be told: *document* is its Tombstone."""

    def __init__(self, document: Document) -> None:
        super().__init__("deleted")
        self.document = document


async def post_asked_for(request: Request) -> tuple[Post, Account]:
    """Return the local post that the address of *request* names, and its author.

    Raises :class:`NotFound` for what does not exist and for what the reader may not see,
    alike (SEC-VIS-03), and :class:`Buried` for a deleted post that was open.
    """
    commune = readers.commune_of(request)
    db = commune.database.pool
    reader = await readers.reader_of(request)
    post_id = int(request.path_params["post"])
    post = await queries.by_id(db, reader.viewer, post_id)
    if post is None or not post.local:
        raise await _buried(request, post_id) or NotFound()
    author = await accounts.by_id(db, post.author_id)
    username = request.path_params.get("username")
    if author is None or (username is not None and author.username != str(username).lower()):
        raise NotFound
    return post, author


async def show_post(request: Request) -> Response:
    """The Note (W-DOC-05); a Tombstone with 410 once it is deleted (OBJ-05)."""
    post, author = await post_asked_for(request)
    async with readers.commune_of(request).database.transaction() as tx:
        document = await posts.document(tx, post, author)
    private = not post.visibility.is_open
    return Document(with_context(document), private=private)


async def show_activity(request: Request) -> Response:
    """An activity that was for everybody; the others are nobody's to read."""
    commune = readers.commune_of(request)
    await readers.reader_of(request)
    iri = commune.instance.origin + request.url.path
    body = await outbox.public_activity(commune.database.pool, iri)
    if body is None:
        raise NotFound
    return Document(body)


async def show_link(request: Request) -> Response:
    """The Relationship that says that somebody takes part in something of ours (product 8.7)."""
    commune = readers.commune_of(request)
    await readers.reader_of(request)
    db = commune.database.pool
    link = await links.by_id(db, int(request.path_params["link"]))
    if link is None or not link.is_active:
        raise NotFound
    people = await accounts.by_ids(db, [link.subject_id, link.target_id])
    subject, target = people[link.subject_id], people[link.target_id]
    if not target.local:
        raise NotFound
    return Document(with_context(link_documents.document(link, subject, target)))


async def _buried(request: Request, post_id: int) -> Buried | None:
    commune = readers.commune_of(request)
    object_id = commune.instance.post(post_id)
    buried = await queries.tombstone(commune.database.pool, object_id)
    if buried is None:
        return None
    former_type, deleted_at = buried
    return Buried(Document(with_context(tombstone(object_id, former_type, deleted_at)), 410))
