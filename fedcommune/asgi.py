"""One Starlette application from the faces; its lifespan is not that of the commune.

The caller opens the commune (``async with commune.opened(config)``) and hands it over, so
that the same application serves ``serve``, the demo and the tests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from fedcommune.commune import Commune
from fedcommune.copies import Copies
from fedcommune.fediverse import app as fediverse
from fedcommune.fediverse.addresses import number
from fedcommune.fediverse.negotiation import VARY, asks_document
from fedcommune.mastodon import app as mastodon
from fedcommune.mastodon.streams import doors
from fedcommune.mastodon.streams.hub import Hub
from fedcommune.proxies import OwnName
from fedcommune.web import app as web
from fedcommune.web import consent
from fedcommune.web.headers import SafeHeaders
from fedcommune.web.render import LEAFLET, STATIC, Pages

Endpoint = Callable[[Request], Awaitable[Response]]


class Static(StaticFiles):
    """Files that pages name with a version: a browser may keep them for a day.

    Any page of any site may read them: apps draw faces from them (SEC-VIS-12).
    """

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=86400"
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response


def application(commune: Commune) -> Starlette:
    """Return the application of one open *commune*."""
    actor, post, place = fediverse.show_actor, fediverse.show_post, fediverse.show_place
    hub = Hub(commune)
    app = Starlette(
        routes=[
            # Apps ask more often than anybody, and the first that fits answers.
            *doors.routes(commune, hub),
            *mastodon.routes(commune),
            Route("/", web.home),
            Route("/actor", negotiated(actor, web.profile)),
            Route(f"/ap/actors/{number('account')}", negotiated(actor, web.profile)),
            Route("/@{username:str}", negotiated(actor, web.profile)),
            Route(f"/ap/posts/{number('post')}", negotiated(post, web.post)),
            Route(f"/events/{number('post')}", negotiated(post, web.event)),
            Route(f"/@{{username:str}}/{number('post')}", negotiated(post, web.post)),
            Route(f"/ap/places/{number('place')}", negotiated(place, web.place)),
            Route(f"/places/{number('place')}", negotiated(place, web.place)),
            Route("/oauth/authorize", consent.show, methods=["GET"]),
            Route("/oauth/authorize", consent.decide, methods=["POST"]),
            *fediverse.routes(),
            *web.routes(),
            Mount("/static/leaflet", Static(directory=LEAFLET)),
            Mount("/static", Static(directory=STATIC)),
        ],
        middleware=[
            Middleware(
                SafeHeaders,
                https=commune.instance.scheme == "https",
                media=commune.instance.media_origin if commune.instance.media_host else "",
            ),
            Middleware(
                OwnName,
                domain=commune.instance.domain,
                scheme=commune.instance.scheme,
                development=commune.config.development.enabled,
                media_host=commune.instance.media_host,
            ),
        ],
        exception_handlers=web.exception_handlers(),
    )
    app.state.commune = commune
    app.state.pages = Pages(commune.instance)
    app.state.copies = Copies(commune)
    app.state.streams = hub
    # What goes on without an end ends with this.
    app.state.ending = [hub.close]
    return app


def negotiated(document: Endpoint, page: Endpoint) -> Endpoint:
    """Answer one address with a document or a page, as the reader asks (W-DOC-01)."""

    async def answer(request: Request) -> Response:
        response = await (document if asks_document(request) else page)(request)
        response.headers["Vary"] = VARY
        return response

    return answer
