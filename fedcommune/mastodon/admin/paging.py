"""Long pages, of up to two hundred, for those who look through everything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from fedcommune.domain.posts.model import Page
from fedcommune.mastodon.call import Answer, Call
from fedcommune.mastodon.pagination import linked

T = TypeVar("T")

USUAL: Final = 100
MOST: Final = 200


async def paged(
    call: Call,
    read: Callable[..., Awaitable[list[T]]],
    shown: Callable[[list[T]], Awaitable[Answer]],
    cursor: Callable[[T], int],
) -> Answer:
    """Return the page asked for of what *read* reads, with where the pages around it are.

    *read* takes ``ceiling``, ``floor``, ``order`` and ``limit``, and returns the latest first.
    """
    params = call.params
    part = Page(
        max_id=params.identifier("max_id"),
        since_id=params.identifier("since_id"),
        min_id=params.identifier("min_id"),
    )
    asked = params.number("limit")
    found = await read(
        ceiling=part.ceiling,
        floor=part.floor,
        order=part.order,
        limit=USUAL if asked is None else max(1, min(asked, MOST)),
    )
    return linked(call, await shown(found), [cursor(each) for each in found])
