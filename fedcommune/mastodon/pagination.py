"""Pages of lists: ``max_id``, ``since_id``, ``min_id``, ``limit``, and the Link header."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from fedcommune.domain.posts.model import MAX_PAGE, Page
from fedcommune.mastodon.call import Answer, Call
from fedcommune.mastodon.json import written

CURSORS: Final = ("max_id", "since_id", "min_id")
# Never repeated in an address that we make.
_SECRET: Final = frozenset({"access_token", *CURSORS})


def page(call: Call, default: int = 20, ceiling: int = 40) -> Page:
    """Return the page asked for. Raises :class:`fedcommune.errors.Invalid` for nonsense.

    A *limit* below 1 is 1, above *ceiling* it is the ceiling.
    """
    limit = call.params.number("limit")
    wanted = default if limit is None else max(1, limit)
    return Page(
        max_id=call.params.identifier("max_id"),
        since_id=call.params.identifier("since_id"),
        min_id=call.params.identifier("min_id"),
        limit=min(wanted, ceiling, MAX_PAGE),
    )


def linked(call: Call, answer: Answer, ids: Sequence[int]) -> Response:
    """Return *answer* with addresses of the pages around it; *ids* page it, newest first.

    The ids need not be those of what is listed: followers page by their follows.
    """
    response = written(answer)
    if ids:
        older = _address(call, "max_id", ids[-1])
        newer = _address(call, "min_id", ids[0])
        response.headers["Link"] = f'<{older}>; rel="next", <{newer}>; rel="prev"'
    return response


def _address(call: Call, cursor: str, identifier: int) -> str:
    kept = [
        (name, value)
        for name, value in call.request.query_params.multi_items()
        if name not in _SECRET
    ]
    path = call.request.scope["raw_path"].decode("ascii", "replace").partition("?")[0]
    return f"{call.instance.origin}{path}?{urlencode([*kept, (cursor, identifier)])}"
