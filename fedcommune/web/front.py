"""The front page: where to look, what takes place soon, and the news."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.announcements import queries as announcements
from fedcommune.domain.directory.model import Kind
from fedcommune.domain.timelines import queries as timelines
from fedcommune.web import acting, agenda, composing, directory, items, pages

SOON: Final = 4
# The kinds that a visitor is led to; the directory knows more.
_DOORS: Final = (
    Kind.BUSINESS,
    Kind.ASSOCIATION,
    Kind.PROJECT,
    Kind.EVENT,
    Kind.POI,
    Kind.OFFER,
    Kind.REQUEST,
)


async def show(request: Request) -> Response:
    """``GET /``: the news of the commune, what everybody may read, ours and the neighbours'.

    A visitor finds above them what to look for and what takes place soon.
    """
    commune = pages.commune_of(request)
    db, now = commune.database.pool, pages.now_of(request)
    page = pages.page_asked(request)
    reader = await acting.reader_of(request)
    viewer = await acting.viewer_of(request)
    entries = await timelines.public(db, viewer, page)
    is_first = page.max_id is None
    rendered = pages.pages_of(request)
    return rendered.page(
        request,
        "home.html",
        alternate=commune.instance.actor,
        here="news",
        items=await items.of_entries(db, entries, now, viewer),
        is_first=is_first,
        older=pages.older_than(entries),
        compose=await composing.composer(request, reader) if reader else None,
        coming=await agenda.coming(request, limit=SOON) if is_first else [],
        kinds=[(rendered.say(request, directory.KINDS[kind]), kind) for kind in _DOORS],
        warned=await items.warnings(db, now),
        announced=await announcements.current(db, now),
        voice=await accounts.by_actor_id(db, commune.instance.actor),
        groups=await pages.who_is_here(request),
    )
