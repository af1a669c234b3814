"""One Starlette application from the faces; its lifespan is not that of the commune.

The caller opens the commune (``async with commune.opened(config)``) and hands it over, so
that the same application serves ``serve``, the demo and the tests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

import fedcommune
from fedcommune.commune import Commune
from fedcommune.fediverse import app as fediverse
from fedcommune.fediverse.negotiation import VARY, asks_document
from fedcommune.proxies import OwnName
from fedcommune.web import app as web
from fedcommune.web.headers import SafeHeaders
from fedcommune.web.render import Pages

Endpoint = Callable[[Request], Awaitable[Response]]

_STATIC: Final = Path(fedcommune.__file__).parent / "web" / "static"


def application(commune: Commune) -> Starlette:
    """Return the application of one open *commune*."""
    actor, post = fediverse.show_actor, fediverse.show_post
    app = Starlette(
        routes=[
            Route("/", web.home),
            Route("/actor", negotiated(actor, web.profile)),
            Route("/ap/actors/{account:int}", negotiated(actor, web.profile)),
            Route("/@{username:str}", negotiated(actor, web.profile)),
            Route("/ap/posts/{post:int}", negotiated(post, web.post)),
            Route("/@{username:str}/{post:int}", negotiated(post, web.post)),
            *fediverse.routes(),
            *web.routes(),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ],
        middleware=[
            Middleware(SafeHeaders, https=commune.instance.scheme == "https"),
            Middleware(OwnName, domain=commune.instance.domain),
        ],
        exception_handlers=web.exception_handlers(),
    )
    app.state.commune = commune
    app.state.pages = Pages(commune.instance)
    return app


def negotiated(document: Endpoint, page: Endpoint) -> Endpoint:
    """Answer one address with a document or a page, as the reader asks (W-DOC-01)."""

    async def answer(request: Request) -> Response:
        response = await (document if asks_document(request) else page)(request)
        response.headers["Vary"] = VARY
        return response

    return answer
