"""The list of pages, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fedcommune.errors import CommuneError, Invalid, NotAllowed, NotFound
from fedcommune.web import pages
from fedcommune.web.pages import home, pages_of, post, profile

__all__ = ["exception_handlers", "home", "post", "profile", "routes"]

Handler = Callable[[Request, Exception], Awaitable[Response]]


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


def routes() -> list[Route]:
    """The pages that have no document of the same address."""
    return [
        Route("/actors", pages.actors),
        Route("/tags/{name:str}", pages.tag),
        Route("/authorize_interaction", pages.interaction),
    ]


def exception_handlers() -> Mapping[Any, Handler]:
    """What the application answers to errors: pages for people, a sentence for machines."""
    return {CommuneError: _commune_error, HTTPException: _http_error, 500: _bug}


async def _commune_error(request: Request, error: Exception) -> Response:
    match error:
        case NotFound():
            return _page(request, 404)
        case NotAllowed():
            return _page(request, 403, str(error))
        case Invalid():
            return _page(request, 422, str(error))
        case _:
            return _page(request, 400, str(error))


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    response = _page(request, status)
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


async def _bug(request: Request, error: Exception) -> Response:
    return _page(request, 500)


_TITLES = {
    403: (_("This is not allowed"), _("You may look, not do that.")),
    404: (_("Nothing here"), _("This page does not exist, or is not for you to see.")),
    405: (_("Not like that"), _("This address is not made for that.")),
    500: (_("Something broke"), _("It is our fault, and it has been noted. Try again later.")),
}


def _page(request: Request, status: int, message: str | None = None) -> Response:
    title, text = _TITLES.get(status, (_("This did not work"), _("Check the address and retry.")))
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"error": message or text}, status)
    rendered = pages_of(request)
    return rendered.page(
        request,
        "error.html",
        status,
        title=rendered.say(request, title),
        message=message or rendered.say(request, text),
    )
