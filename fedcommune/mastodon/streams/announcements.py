"""How announcements reach those who listen: what each kind of news about one says to a reader."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import msgspec

from fedcommune.commune import Commune
from fedcommune.domain.announcements import queries
from fedcommune.domain.timelines.stream import Kind, News
from fedcommune.domain.visibility import Viewer
from fedcommune.mastodon import announcements
from fedcommune.mastodon.entities_announcements import Announcement

# Returns the payload (JSON) for the reader of that account id, None when there is none for them.
Tells: TypeAlias = Callable[[Commune, int, News], Awaitable[str | None]]


async def _shown(commune: Commune, reader_id: int, news: News) -> Announcement | None:
    """Return an announcement as a reader sees it; None when it does not show (any more)."""
    pool, now = commune.database.pool, commune.database.clock()
    found = await queries.one(pool, news.id, now)
    if found is None:
        return None
    (shown,) = await announcements.shown(pool, commune.instance, [found], Viewer(reader_id))
    return shown


async def _begin(commune: Commune, reader_id: int, news: News) -> str | None:
    shown = await _shown(commune, reader_id, news)
    return None if shown is None else msgspec.json.encode(shown).decode()


async def _reaction(commune: Commune, reader_id: int, news: News) -> str | None:
    """How often an emoji was given now, perhaps never any more."""
    shown = await _shown(commune, reader_id, news)
    if shown is None or len(news.words) < 2:
        return None
    name = news.words[1]
    count = next((each.count for each in shown.reactions if each.name == name), 0)
    told = {"name": name, "count": count, "announcement_id": shown.id}
    return msgspec.json.encode(told).decode()


async def _end(commune: Commune, reader_id: int, news: News) -> str | None:
    return str(news.id)


ANNOUNCEMENTS: Final[Mapping[Kind, Tells]] = {
    Kind.ANNOUNCEMENT: _begin,
    Kind.ANNOUNCEMENT_REACTION: _reaction,
    Kind.ANNOUNCEMENT_GONE: _end,
}
