"""What takes place, as collections: who organises, how many come, what is next (FEP-8a8e)."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts.model import Kind
from fedcommune.domain.events.queries import agenda
from fedcommune.domain.events.queries.agenda import Wanted
from fedcommune.domain.posts import announcing, happenings
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.visibility import ANYONE
from fedcommune.errors import NotFound
from fedcommune.fediverse import readers
from fedcommune.fediverse.actors import living_account
from fedcommune.fediverse.negotiation import Document
from fedcommune.fediverse.objects import post_asked_for
from federation.vocabulary import collections as vocabulary
from federation.vocabulary.context import with_context

MOST: Final = 100


async def attendees(request: Request) -> Response:
    """How many come to an event; who does is between them and the organisers (W-EVT-03)."""
    post, _, _ = await post_asked_for(request)
    event = await happenings.of_post(readers.commune_of(request).database.pool, post.id)
    if event is None:
        raise NotFound
    collection_id = f"{post.object_id}/attendees"
    return Document(
        with_context(vocabulary.collection(collection_id, event.participants, ordered=False))
    )


async def organizers(request: Request) -> Response:
    """Who organises an event: a person only when they agreed."""
    post, author, _ = await post_asked_for(request)
    async with readers.commune_of(request).database.transaction() as tx:
        event = await happenings.of_post(tx.db, post.id)
        if event is None:
            raise NotFound
        found = await announcing.organisers(tx, event, author)
    collection_id = f"{post.object_id}/organizers"
    collection = vocabulary.collection(collection_id, len(found), items=found, ordered=False)
    return Document(with_context(collection))


async def upcoming(request: Request) -> Response:
    """What an actor announces next, the first first; of the commune itself, everything."""
    viewer = await readers.reader_of(request)
    account = await living_account(request)
    await readers.refuse_across_block(request, viewer, account)
    if account.kind is Kind.CITIZEN:
        raise NotFound
    commune = readers.commune_of(request)
    wanted = Wanted(since=commune.database.clock(), account_id=account.id)
    if account.kind is Kind.COMMUNE:
        wanted = Wanted(since=commune.database.clock(), domain=commune.instance.domain)
    found = await agenda.listed(commune.database.pool, wanted, limit=MOST)
    items = [line.object_id for line in found]
    collection = vocabulary.collection(f"{account.actor_id}/events", len(items), items=items)
    return Document(with_context(collection))


async def series(request: Request) -> Response:
    """Every time that something takes place again, as far as everybody may see it."""
    commune = readers.commune_of(request)
    await readers.reader_of(request)
    series_id = int(request.path_params["series"])
    times = await agenda.of_series(commune.database.pool, series_id)
    seen = await posts.by_ids(commune.database.pool, ANYONE, [each.post_id for each in times])
    items = [seen[each.post_id].object_id for each in times if each.post_id in seen]
    if not items:
        raise NotFound
    collection_id = commune.instance.series(series_id)
    return Document(with_context(vocabulary.collection(collection_id, len(items), items=items)))
