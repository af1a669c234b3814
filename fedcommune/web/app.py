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
    acting,
    agenda_doors,
    claims,
    classifieds,
    collections,
    directory,
    doors,
    entries,
    events,
    files,
    finding,
    front,
    layers,
    letters,
    needs,
    neighbours,
    pages,
    projects,
    sessions,
    telling,
)
from fedcommune.web.headers import protect
from fedcommune.web.pages import pages_of
from fedcommune.web.render import VARY

__all__ = ["event", "exception_handlers", "home", "place", "post", "profile", "routes"]

Handler = Callable[[Request, Exception], Awaitable[Response]]


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


home, profile, post, event, place = (
    acting.greeting(each)
    for each in (front.show, projects.profile, pages.post, events.show, entries.show)
)


def routes() -> list[Route]:
    """The pages that have no document of the same address."""
    found = [
        Route("/actors", pages.actors),
        Route("/directory", directory.show_list),
        Route("/map", directory.show_map),
        Route("/tags/{name:str}", pages.tag),
        Route("/collections/{collection:int}", collections.show),
        Route("/authorize_interaction", finding.interaction),
        Route("/polls/{post:str}/vote", pages.vote, methods=["POST"]),
        *classifieds.routes(),
        *needs.routes(),
        *projects.routes(),
        *agenda_doors.pages(),
        *telling.routes(),
        *claims.routes(),
        *neighbours.routes(),
        *doors.routes(),
        # Mail programs send this without having seen a page of ours: its token is its proof.
        Route("/letters/stop", letters.show_stop, methods=["GET"]),
        Route("/letters/stop", letters.stop, methods=["POST"]),
    ]
    # Whoever is signed in is shown so on every page.
    greeted = [
        Route(each.path, acting.greeting(each.endpoint), methods=list(each.methods or ()))
        for each in found
    ]
    return [
        *greeted,
        Route("/embed/map", directory.show_embedded),
        Route("/map.geojson", layers.show_geojson),
        Route("/territory.geojson", layers.show_outline),
        Route("/tiles/{z:str}/{x:str}/{y:str}", layers.show_tile),
        *agenda_doors.files(),
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
        case sessions.NotOurForm():
            return _page(request, 403, error, title=_("This page is too old"))
        case NotAllowed():
            return _page(request, 403, error)
        case TooMany():
            response = _page(request, 429, error)
            response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
            return response
        case CommuneError():
            return _page(request, 400, error)
        case _:
            return _page(request, 400)


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    response = _page(request, status)
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


def _came_from(request: Request) -> str:
    """Return the page of ours from which something was sent, to go back to; else nothing."""
    origin = pages.commune_of(request).instance.origin
    page = request.headers.get("referer", "")
    if request.method == "GET" or not page.startswith(f"{origin}/"):
        return ""
    return sessions.return_to(page.removeprefix(origin), "")


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


def _page(
    request: Request, status: int, error: CommuneError | None = None, *, title: str = ""
) -> Response:
    usual, text = _TITLES.get(status, (_("This did not work"), _("Check the address and retry.")))
    response: Response
    if "text/html" in request.headers.get("accept", ""):
        rendered = pages_of(request)
        response = rendered.page(
            request,
            "error.html",
            status,
            title=rendered.say(request, title or usual),
            back="" if status in (404, 410) else _came_from(request),
            message=rendered.say(request, text) if error is None else rendered.tell(request, error),
        )
    else:
        response = JSONResponse({"error": text if error is None else str(error)}, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = VARY
    return response
