"""How announcements reach those who listen: what each kind of news about one says to a reader."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

from fedcommune.commune import Commune
from fedcommune.domain.timelines.stream import Kind, News

# Returns the payload (JSON) for the reader of that account id, None when there is none for them.
Tells: TypeAlias = Callable[[Commune, int, News], Awaitable[str | None]]


async def _nothing(commune: Commune, reader_id: int, news: News) -> str | None:
    """The commune announces nothing: its feeds do."""
    return None


async def _end(commune: Commune, reader_id: int, news: News) -> str | None:
    return str(news.id)


ANNOUNCEMENTS: Final[Mapping[Kind, Tells]] = {
    Kind.ANNOUNCEMENT: _nothing,
    Kind.ANNOUNCEMENT_REACTION: _nothing,
    Kind.ANNOUNCEMENT_GONE: _end,
}
