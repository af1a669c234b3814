"""What is on the map of the commune and what a project needs, as collections (product 8.2, 8.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts.model import Kind
from fedcommune.domain.classifieds import queries as classifieds
from fedcommune.domain.classifieds.model import Sought
from fedcommune.domain.places import queries as stored
from fedcommune.domain.posts.model import Page
from fedcommune.domain.visibility import ANYONE
from fedcommune.errors import NotFound
from fedcommune.fediverse import collections, readers
from fedcommune.fediverse.actors import living_account


async def places(request: Request) -> Response:
    """The places that our actors tell of, by their ids, oldest first: of the commune, all."""
    viewer = await readers.reader_of(request)
    account = await living_account(request)
    await readers.refuse_across_block(request, viewer, account)
    if account.kind is not Kind.COMMUNE:
        raise NotFound
    db = readers.commune_of(request).database.pool

    async def turn(cursor: int | None) -> tuple[Sequence[Any], int | None]:
        found = await stored.told_here(db, after=cursor or 0, limit=collections.PAGE)
        last = found[-1].id if len(found) == collections.PAGE else None
        return [place.object_id for place in found], last

    total = await stored.count_told_here(db)
    return await collections.answer(request, f"{account.actor_id}/places", total, turn)


async def needs(request: Request) -> Response:
    """What a project or an organisation needs now, by the ids of the posts, newest first."""
    viewer = await readers.reader_of(request)
    account = await living_account(request)
    await readers.refuse_across_block(request, viewer, account)
    if account.details.openness is None:
        raise NotFound
    commune = readers.commune_of(request)
    now = commune.database.clock()
    sought = Sought(kind="need", author=account.id)

    async def turn(cursor: int | None) -> tuple[Sequence[Any], int | None]:
        page = Page(max_id=cursor, limit=collections.PAGE)
        found = await classifieds.found(commune.database.pool, ANYONE, sought, now, page)
        last = found[-1].post.id if len(found) == collections.PAGE else None
        return [each.post.object_id for each in found], last

    total = await classifieds.count_needs(commune.database.pool, account.id, now)
    return await collections.answer(request, f"{account.actor_id}/needs", total, turn)
