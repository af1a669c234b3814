"""The list of pages, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fedcommune.errors import CommuneError, NotAllowed, NotFound, TooMany
from fedcommune.web import (
    claims,
    collections,
    directory,
    doors,
    entries,
    files,
    layers,
    neighbours,
    pages,
    sessions,
)
from fedcommune.web.entries import show as place
from fedcommune.web.headers import protect
from fedcommune.web.pages import home, pages_of, post, profile
from fedcommune.web.render import VARY

__all__ = ["exception_handlers", "home", "place", "post", "profile", "routes"]

Handler = Callable[[Request, Exception], Awaitable[Response]]


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


def routes() -> list[Route]:
    """The pages that have no document of the same address."""
    return [
        Route("/actors", pages.actors),
        Route("/directory", directory.show_list),
        Route("/map", directory.show_map),
        Route("/embed/map", directory.show_embedded),
        Route("/map.geojson", layers.show_geojson),
        Route("/territory.geojson", layers.show_outline),
        Route("/tiles/{z:str}/{x:str}/{y:str}", layers.show_tile),
        Route("/places/new", entries.show_new, methods=["GET"]),
        Route("/places/new", entries.add, methods=["POST"]),
        Route("/places/{place:number}/correct", entries.show_correct, methods=["GET"]),
        Route("/places/{place:number}/correct", entries.correct, methods=["POST"]),
        Route("/places/{place:number}/remove", entries.show_remove, methods=["GET"]),
        Route("/places/{place:number}/remove", entries.remove, methods=["POST"]),
        Route("/places/{place:number}/claim", claims.show_claim, methods=["GET"]),
        Route("/places/{place:number}/claim", claims.claim, methods=["POST"]),
        Route("/claims", claims.show, methods=["GET"]),
        Route("/claims/confirm", claims.show_confirm, methods=["GET"]),
        Route("/claims/confirm", claims.confirm, methods=["POST"]),
        Route("/claims/{claim:number}/withdraw", claims.withdraw, methods=["POST"]),
        Route("/claims/{claim:number}/approve", claims.approve, methods=["POST"]),
        Route("/claims/{claim:number}/refuse", claims.refuse, methods=["POST"]),
        Route("/neighbours", neighbours.show, methods=["GET"]),
        Route("/neighbours/follow", neighbours.follow, methods=["POST"]),
        Route("/neighbours/unfollow", neighbours.unfollow, methods=["POST"]),
        Route("/tags/{name:str}", pages.tag),
        Route("/collections/{collection:int}", collections.show),
        Route("/authorize_interaction", pages.interaction),
        Route("/polls/{post:str}/vote", pages.vote, methods=["POST"]),
        *doors.routes(),
        *files.routes(),
    ]


def exception_handlers() -> Mapping[Any, Handler]:
    """What the application answers to errors: pages for people, a sentence for machines."""
    return {CommuneError: _commune_error, HTTPException: _http_error, 500: _bug}


async def _commune_error(request: Request, error: Exception) -> Response:
    match error:
        case sessions.SignInFirst():
            return sessions.to_sign_in(request)
        case NotFound():
            return _page(request, 404)
        case pages.Gone():
            return _page(request, 410)
        case NotAllowed():
            return _page(request, 403, str(error))
        case TooMany():
            response = _page(request, 429, str(error))
            response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
            return response
        case _:
            return _page(request, 400, str(error))


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    response = _page(request, status)
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


async def _bug(request: Request, error: Exception) -> Response:
    """Say nothing of what happened (SEC-OPS-02); the log has it.

    This is written outside of all middleware, so it brings its own headers.
    """
    response = _page(request, 500)
    instance = pages.commune_of(request).instance
    media = instance.media_origin if instance.media_host else ""
    protect(response.headers, https=instance.scheme == "https", media=media)
    return response


_TITLES = {
    403: (_("This is not allowed"), _("You may look, not do that.")),
    404: (_("Nothing here"), _("This page does not exist, or is not for you to see.")),
    410: (_("No longer here"), _("This was deleted by who wrote it.")),
    405: (_("Not like that"), _("This address is not made for that.")),
    429: (_("Too often"), _("Wait a moment, then try again.")),
    500: (_("Something broke"), _("It is our fault, and it has been noted. Try again later.")),
}


def _page(request: Request, status: int, message: str | None = None) -> Response:
    title, text = _TITLES.get(status, (_("This did not work"), _("Check the address and retry.")))
    response: Response
    if "text/html" in request.headers.get("accept", ""):
        rendered = pages_of(request)
        response = rendered.page(
            request,
            "error.html",
            status,
            title=rendered.say(request, title),
            message=rendered.say(request, message or text),
        )
    else:
        response = JSONResponse({"error": message or text}, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = VARY
    return response
