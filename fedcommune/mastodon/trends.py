"""What is talked about here these days."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from fedcommune.domain.cards import queries as cards
from fedcommune.domain.cards.model import Card
from fedcommune.domain.reading.model import Use
from fedcommune.domain.timelines import trends as queries
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.entities import History, PreviewCard
from fedcommune.mastodon.render import card as render_card
from fedcommune.mastodon.render import status as render
from fedcommune.mastodon.tags import history, of_names

_FARTHEST: Final = 1_000


class TrendsLink(PreviewCard, frozen=True, kw_only=True):
    """Where many lead to, and how many."""

    history: list[History]


async def tags(call: Call) -> Answer:
    limit, skip = _part(call, 10, 20)
    names = await queries.tags(call.db, call.now, limit=limit, skip=skip)
    return await of_names(call, names)


async def links(call: Call) -> Answer:
    limit, skip = _part(call, 10, 20)
    found = await queries.links(call.db, call.now, limit=limit, skip=skip)
    known = await cards.found(call.db, [url for url, _ in found])
    return [_link(url, uses, known.get(url)) for url, uses in found]


async def statuses(call: Call) -> Answer:
    limit, skip = _part(call, 20, 40)
    found = await queries.posts(call.db, call.viewer, call.now, limit=limit, skip=skip)
    return await render.statuses(call.db, call.instance, found, call.viewer, call.now)


def _link(url: str, uses: list[Use], known: Card | None) -> TrendsLink:
    """Return an address as what it says of itself; as what it is when it does not say."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    shown = render_card.card(known or Card(url, f"{parts.netloc}{path}", provider=parts.netloc))
    return TrendsLink(
        **{name: getattr(shown, name) for name in PreviewCard.__struct_fields__},
        history=history(uses),
    )


def _part(call: Call, default: int, ceiling: int) -> tuple[int, int]:
    """Return how many, and how many to leave out first."""
    limit = call.params.number("limit")
    skip = call.params.number("offset") or 0
    wanted = default if limit is None else max(1, limit)
    return min(wanted, ceiling), max(0, min(skip, _FARTHEST))


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/trends", tags, access="anyone"),
    Endpoint("GET", "/api/v1/trends/tags", tags, access="anyone"),
    Endpoint("GET", "/api/v1/trends/links", links, access="anyone"),
    Endpoint("GET", "/api/v1/trends/statuses", statuses, access="anyone"),
)
