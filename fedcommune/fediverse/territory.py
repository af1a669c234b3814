"""Where the commune is: a Place, or its outline as GeoJSON."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import outgoing
from fedcommune.errors import NotFound
from fedcommune.fediverse.negotiation import VARY, Document
from fedcommune.fediverse.readers import commune_of
from federation.vocabulary import places
from federation.vocabulary.context import with_context

GEO_JSON: Final = "application/geo+json"
_DAY: Final = int(timedelta(days=1).total_seconds())


async def show(request: Request) -> Response:
    """``GET /territory``: the centre of the commune, the id that its actor names.

    Somebody who asks for GeoJSON (RFC 7946) gets the outline, when the configuration has one.
    """
    commune = commune_of(request)
    if GEO_JSON in request.headers.get("accept", "").lower():
        file = commune.config.commune.outline
        if not file:
            raise NotFound("The outline of this commune is not known here.")
        body = await run_in_threadpool(_outline, commune.config.path(file))
        headers = {"Cache-Control": f"public, max-age={_DAY}", "Vary": VARY}
        return Response(body, media_type=GEO_JSON, headers=headers)
    place = places.write(outgoing.place_of(commune.instance))
    return Document(with_context(place), max_age=_DAY)


@lru_cache(maxsize=1)
def _outline(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise NotFound("The outline of this commune is not known here.") from None
