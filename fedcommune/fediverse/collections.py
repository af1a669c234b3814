"""Collections: a total, and pages whose addresses carry no query string."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.database import Executor, Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.collections import queries as recommendations
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.links import outgoing as link_documents
from fedcommune.domain.links import queries as links
from fedcommune.domain.posts import outgoing as post_documents
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts import threads
from fedcommune.domain.posts.model import Page, Post
from fedcommune.domain.reactions import outgoing as reaction_documents
from fedcommune.domain.reactions import queries as reactions
from fedcommune.domain.reactions.model import Kind as ReactionKind
from fedcommune.domain.reactions.model import Reaction
from fedcommune.domain.timelines import queries as timelines
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.visibility import ANYONE, Viewer
from fedcommune.errors import NotFound
from fedcommune.fediverse import readers
from fedcommune.fediverse.actors import living_account
from fedcommune.fediverse.negotiation import Document
from fedcommune.fediverse.objects import post_asked_for
from federation.vocabulary import collections as vocabulary
from federation.vocabulary.context import with_context

PAGE: Final = 20

# From a cursor (None for the first page) to items and the cursor of the next page.
Turn = Callable[[int | None], Awaitable[tuple[Sequence[Any], int | None]]]


async def outbox(request: Request) -> Response:
    """What an actor said to everybody, newest first (C2S-31, SEC-VIS-08)."""
    account, viewer = await _open_account(request)

    async with readers.commune_of(request).database.transaction() as tx:

        async def turn(cursor: int | None) -> tuple[Sequence[Any], int | None]:
            entries = await timelines.outbox(tx.db, account.id, Page(max_id=cursor, limit=PAGE))
            shown = await _visible(tx.db, viewer, [entry.post for entry in entries])
            items = [await _said(tx, account, entry) for entry in entries if entry.post.id in shown]
            return items, _last(entries)

        total = await timelines.count_outbox(tx.db, account.id)
        return await answer(request, f"{account.actor_id}/outbox", total, turn)


async def followers(request: Request) -> Response:
    """Who follows an actor. Of a person only the number is told."""
    account, _ = await _open_account(request)
    db = readers.commune_of(request).database.pool
    count, _ = await follows.counts(db, account.id)

    async def turn(cursor: int | None) -> tuple[Sequence[Any], int | None]:
        found = await follows.followers(db, account.id, before=cursor, limit=PAGE)
        return _listed(found)

    collection_id = f"{account.actor_id}/followers"
    return await answer(request, collection_id, count, _unless_person(account, turn))


async def following(request: Request) -> Response:
    """Whom an actor follows. Of a person only the number is told."""
    account, _ = await _open_account(request)
    db = readers.commune_of(request).database.pool
    _, count = await follows.counts(db, account.id)

    async def turn(cursor: int | None) -> tuple[Sequence[Any], int | None]:
        found = await follows.following(db, account.id, before=cursor, limit=PAGE)
        return _listed(found)

    collection_id = f"{account.actor_id}/following"
    return await answer(request, collection_id, count, _unless_person(account, turn))


async def members(request: Request) -> Response:
    """Who takes part in an organisation, a group or a project, as Members (product 8.7).

    Mobilizon reads those; who hides that they take part is shown to the two sides alone.
    """
    account, viewer = await _open_account(request)
    if account.kind is Kind.CITIZEN:
        raise NotFound
    commune = readers.commune_of(request)
    db = commune.database.pool

    async def turn(cursor: int | None) -> tuple[Sequence[Any], int | None]:
        found = await links.shown(db, viewer, target_id=account.id, after=cursor or 0, limit=PAGE)
        people = await accounts.by_ids(db, [link.subject_id for link in found])
        items = [
            link_documents.member(commune.instance, link, people[link.subject_id], account)
            for link in found
            if link.subject_id in people
        ]
        return items, found[-1].id if len(found) == PAGE else None

    total = await links.count(db, account.id, viewer)
    return await answer(request, f"{account.actor_id}/members", total, turn)


async def featured(request: Request) -> Response:
    """What an actor shows first: whole documents, all on one page."""
    account, _ = await _open_account(request)
    async with readers.commune_of(request).database.transaction() as tx:
        found = await reactions.pinned(tx.db, ANYONE, account.id)
        items = [await post_documents.document(tx, post, account) for post in found]
    collection = vocabulary.collection(f"{account.actor_id}/featured", len(items), items=items)
    return Document(with_context(collection))


async def recommended(request: Request) -> Response:
    """The collections in which an actor recommends others, by their ids (FEP-7aa9)."""
    account, _ = await _open_account(request)
    db = readers.commune_of(request).database.pool

    async def turn(cursor: int | None) -> tuple[Sequence[Any], int | None]:
        skip = cursor or 0
        found = await recommendations.of_account(db, account.id, skip=skip, limit=PAGE)
        return [each.object_id for each in found], skip + PAGE if len(found) == PAGE else None

    total = await recommendations.count_listed(db, account.id)
    return await answer(request, f"{account.actor_id}/collections", total, turn)


async def replies(request: Request) -> Response:
    """The open answers to a post, oldest first (W-THR-02)."""
    post, _, viewer = await post_asked_for(request)
    db = readers.commune_of(request).database.pool

    async def turn(cursor: int | None) -> tuple[Sequence[Any], int | None]:
        found = await threads.replies(db, post.id, after=cursor or 0, limit=PAGE)
        shown = await _visible(db, viewer, found)
        return [each.object_id for each in found if each.id in shown], _full(found)

    return await answer(
        request, f"{post.object_id}/replies", post.replies_count, turn, ordered=False
    )


async def context(request: Request) -> Response:
    """The open posts of the thread that begins with a post of ours (W-THR-01, FEP-f228)."""
    post, author, viewer = await post_asked_for(request)
    commune = readers.commune_of(request)
    collection_id = commune.instance.conversation(post.id)
    if post.conversation != collection_id:
        raise NotFound
    db = commune.database.pool

    async def turn(cursor: int | None) -> tuple[Sequence[Any], int | None]:
        page = Page(min_id=cursor, limit=PAGE)
        found = await threads.conversation(db, ANYONE, collection_id, page)
        shown = await _visible(db, viewer, found)
        return [each.object_id for each in found if each.id in shown], _full(found)

    total = await threads.count_of_conversation(db, collection_id)
    return await answer(request, collection_id, total, turn, attributed_to=author.actor_id)


async def likes(request: Request) -> Response:
    """How many like a post; who does is between them and the author (S2S-27)."""
    post, _, _ = await post_asked_for(request)
    return Document(
        with_context(
            vocabulary.collection(f"{post.object_id}/likes", post.likes_count, ordered=False)
        )
    )


async def shares(request: Request) -> Response:
    """Who passed a post on, newest first (S2S-28)."""
    post, _, viewer = await post_asked_for(request)
    db = readers.commune_of(request).database.pool

    async def turn(cursor: int | None) -> tuple[Sequence[Any], int | None]:
        found = await reactions.accounts_of(
            db, viewer, post.id, ReactionKind.BOOST, below=cursor, limit=PAGE
        )
        items = [account.actor_id for _, account in found]
        return items, found[-1][0] if len(found) == PAGE else None

    return await answer(request, f"{post.object_id}/shares", post.shares_count, turn, ordered=False)


async def answer(
    request: Request,
    collection_id: str,
    total: int | None,
    turn: Turn | None,
    *,
    ordered: bool = True,
    attributed_to: str | None = None,
) -> Document:
    """Answer with the collection, or with the page that the address names (W-DOC-09)."""
    cursor = request.path_params.get("cursor")
    is_page = request.scope["path"].rstrip("/").endswith("/page") or cursor is not None
    if not is_page:
        first = f"{collection_id}/page" if turn is not None else None
        collection = vocabulary.collection(
            collection_id, total, first=first, ordered=ordered, attributed_to=attributed_to
        )
        return Document(with_context(collection))
    if turn is None:
        raise NotFound
    items, last = await turn(None if cursor is None else int(cursor))
    page_id = f"{collection_id}/page" + ("" if cursor is None else f"/{cursor}")
    following = None if last is None else f"{collection_id}/page/{last}"
    page = vocabulary.page(
        page_id, collection_id, items, next_=following, total=total, ordered=ordered
    )
    return Document(with_context(page))


async def _open_account(request: Request) -> tuple[Account, Viewer]:
    """Return the living local actor that is asked for, and who reads, when they may."""
    viewer = await readers.reader_of(request)
    account = await living_account(request)
    await readers.refuse_across_block(request, viewer, account)
    return account, viewer


async def _visible(db: Executor, viewer: Viewer, found: Iterable[Post]) -> set[int]:
    """Return the ids of those open posts that *viewer* may see: a block hides them too."""
    ids = [post.id for post in found]
    if viewer.account_id is None:
        return set(ids)
    return set(await posts.by_ids(db, viewer, ids))


async def _said(tx: Transaction, account: Account, entry: Entry) -> dict[str, Any]:
    """Return the Create or the Announce of an entry of *account*'s outbox."""
    if entry.boost is None:
        return await post_documents.create(tx, entry.post, account)
    author = await accounts.by_id(tx.db, entry.post.author_id)
    assert author is not None, "a post has an author"
    boost = entry.boost
    reaction = Reaction(
        id=boost.id,
        kind=ReactionKind.BOOST,
        account_id=boost.account_id,
        post_id=entry.post.id,
        activity_id=boost.activity_id,
        visibility=boost.visibility,
        created_at=boost.created_at,
    )
    return reaction_documents.announce(reaction, account, entry.post, author)


def _unless_person(account: Account, turn: Turn) -> Turn | None:
    return None if account.kind is Kind.CITIZEN else turn


def _listed(found: list[tuple[int, Account]]) -> tuple[list[str], int | None]:
    items = [account.actor_id for _, account in found if account.discoverable]
    return items, found[-1][0] if len(found) == PAGE else None


def _last(entries: list[Entry]) -> int | None:
    return entries[-1].id if len(entries) == PAGE else None


def _full(found: list[Post]) -> int | None:
    return found[-1].id if len(found) == PAGE else None
