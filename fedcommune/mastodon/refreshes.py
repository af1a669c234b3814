"""Threads that are completed while they are read: said in a header, and how far it is."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from starlette.responses import Response

from fedcommune.domain.posts import walks
from fedcommune.domain.posts.model import Post
from fedcommune.errors import NotFound
from fedcommune.mastodon import json
from fedcommune.mastodon.call import Answer, Call, Endpoint

# Seconds after which it is worth asking again.
RETRY: Final = 3


class AsyncRefresh(Struct, frozen=True, kw_only=True):
    """Something that is looked up in the background."""

    id: str
    status: str
    result_count: int | None = None


class Wrapped(Struct, frozen=True, kw_only=True):
    """How the API tells of it."""

    async_refresh: AsyncRefresh


async def completing(call: Call, post: Post, answer: Answer) -> Answer:
    """Return *answer*, the thread of *post*, and let what is missing of it be looked up.

    Only somebody signed in causes that, and only for an open post of elsewhere (SEC-NET-11).
    """
    if call.viewer.account_id is None or post.local or not post.visibility.is_open:
        return answer
    async with call.transaction() as tx:
        walk = await walks.begin(tx, post.id)
    if walk is None:
        return answer
    response: Response = json.written(answer)
    response.headers["Mastodon-Async-Refresh"] = (
        f'id="{walk.id}", retry={RETRY}, result_count={walk.found}'
    )
    return response


async def show(call: Call) -> Answer:
    """How far a refresh is. Raises :class:`NotFound` for one that is not, or ended long ago."""
    walk = await walks.by_id(call.db, call.number())
    if walk is None:
        raise NotFound
    status = "running" if walk.finished_at is None else "finished"
    return Wrapped(
        async_refresh=AsyncRefresh(id=str(walk.id), status=status, result_count=walk.found)
    )


ENDPOINTS: Final = (Endpoint("GET", "/api/v1_alpha/async_refreshes/{id}", show, "read"),)
