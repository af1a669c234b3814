"""Where files are shown: pictures, sounds and films, and never anything else."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Final, cast

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from fedcommune.commune import Commune
from fedcommune.copies import PURPOSES, Copies, Purpose
from fedcommune.domain.media import queries
from fedcommune.files import store
from fedcommune.web.render import STATIC

FOREVER: Final = "public, max-age=31536000, immutable"
A_WHILE: Final = "public, max-age=86400"
A_MOMENT: Final = "public, max-age=300"
_LONGEST: Final = 4_000
# What is shown until a face or a banner can be had.
_INSTEAD: Final = {"face": "avatar.png", "banner": "header.png"}


def routes() -> list[Route]:
    """GET and HEAD alone."""
    return [
        Route("/media/{name:str}", show),
        Route("/media/copies/{purpose:str}/{seal:str}/{address:str}", show_copy),
    ]


async def show(request: Request) -> Response:
    """One of our own files, of the type that we gave it; 404 once it is deleted (SEC-MED-08)."""
    name = request.path_params["name"]
    commune = _commune(request)
    if not store.is_name(name):
        return _nothing()
    media_type = await queries.media_type(commune.database.pool, name)
    if media_type is None or media_type != store.media_type(name):
        return _nothing()
    if elsewhere := _elsewhere(request, commune):
        return elsewhere
    return _file(commune, name, FOREVER)


async def show_copy(request: Request) -> Response:
    """Our copy of a stranger's picture, for an address that bears our seal (SEC-MED-06)."""
    commune = _commune(request)
    purpose, seal = request.path_params["purpose"], request.path_params["seal"]
    url = _unpacked(request.path_params["address"])
    if (
        purpose not in PURPOSES
        or url is None
        or not hmac.compare_digest(commune.instance.copy_seal(purpose, url).encode(), seal.encode())
    ):
        return _nothing()
    if elsewhere := _elsewhere(request, commune):
        return elsewhere
    copies = request.app.state.copies
    assert isinstance(copies, Copies), "the application is made with its copies"
    name = await copies.of(cast(Purpose, purpose), url)
    shown = None if name is None else _file(commune, name, A_WHILE)
    if shown is not None and shown.status_code == 200:
        return shown
    if purpose in _INSTEAD:
        path = STATIC / _INSTEAD[purpose]
        return _dressed(FileResponse(path, media_type="image/png"), A_MOMENT)
    return _nothing()


def _file(commune: Commune, name: str, cached: str) -> Response:
    path = commune.workshop.files.find(name)
    if path is None:
        return _nothing()
    return _dressed(FileResponse(path, media_type=store.media_type(name)), cached)


def _dressed(response: Response, cached: str) -> Response:
    """Say that this is to be looked at, by anybody, and can do nothing (SEC-MED-01)."""
    media_type = response.headers["content-type"].partition("/")[0]
    response.headers["Cache-Control"] = cached
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    shown = media_type in ("image", "audio", "video")
    response.headers["Content-Disposition"] = "inline" if shown else "attachment"
    return response


def _nothing() -> Response:
    headers = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
    return PlainTextResponse("Not found.", 404, headers=headers)


def _elsewhere(request: Request, commune: Commune) -> Response | None:
    """Send who asks the commune itself to the host of the files, when there is one."""
    host = commune.instance.media_host
    if not host or request.headers.get("host", "").lower().removesuffix(":443") == host:
        return None
    path = request.scope["raw_path"].decode("latin-1")
    location = f"{commune.instance.media_origin}{path}"
    headers = {"Cache-Control": A_MOMENT, "Access-Control-Allow-Origin": "*"}
    return RedirectResponse(location, 308, headers=headers)


def _unpacked(address: str) -> str | None:
    if len(address) > _LONGEST:
        return None
    try:
        padded = address.encode("ascii") + b"=" * (-len(address) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def _commune(request: Request) -> Commune:
    commune = request.app.state.commune
    assert isinstance(commune, Commune), "the application is made with its commune"
    return commune
