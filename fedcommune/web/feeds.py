"""What is read besides the news of the commune: one's own feed, the neighbours, what one kept."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.reading import queries as reading
from fedcommune.domain.timelines import queries as timelines
from fedcommune.domain.timelines.model import Entry
from fedcommune.web import acting, composing, forms, items
from fedcommune.web.pages import PAGE, older_than, page_asked
from fedcommune.web.signing import commune_of


async def home(request: Request) -> Response:
    """``GET /home``: what those say whom one follows."""
    reader = await acting.required(request)
    async with commune_of(request).database.reading() as db:
        found = await timelines.home(db, reader.account.id, page_asked(request))
    return await _listed(request, "home", found, older_than(found))


async def neighbours(request: Request) -> Response:
    """``GET /nearby``: what everybody may read of what other servers told us."""
    reader = await acting.required(request)
    database = commune_of(request).database
    found = await timelines.public(database.pool, reader.viewer, page_asked(request), local=False)
    return await _listed(request, "neighbours", found, older_than(found))


async def bookmarks(request: Request) -> Response:
    """``GET /bookmarks``: what one keeps for later; nobody else knows."""
    reader = await acting.required(request)
    pool = commune_of(request).database.pool
    kept = await reading.bookmarks(pool, reader.account.id, page_asked(request))
    found = [Entry(each.post.id, each.post) for each in kept]
    return await _listed(
        request, "bookmarks", found, kept[-1].cursor if len(kept) == PAGE else None
    )


async def _listed(
    request: Request, here: str, found: Sequence[Entry], older: int | None
) -> Response:
    reader = await acting.required(request)
    commune = commune_of(request)
    now = commune.database.clock()
    return forms.page(
        request,
        "social/feed.html",
        here=here,
        items=await items.of_entries(commune.database.pool, found, now, reader.viewer),
        is_first=page_asked(request).max_id is None,
        older=older,
        compose=await composing.composer(request, reader) if here == "home" else None,
    )
