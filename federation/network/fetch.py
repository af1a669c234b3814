"""One GET, and a document that nobody but its own server can have written."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from html import unescape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from federation import documents, iris
from federation.errors import RefusedError
from federation.names import ACTIVITY_JSON, LD_JSON_AS2, MAX_DOCUMENT
from federation.network.answers import Response, is_as2
from federation.network.client import Client

if TYPE_CHECKING:
    from federation.keys import Signer

ACCEPT_AS2: Final = f"{ACTIVITY_JSON}, {LD_JSON_AS2}"
_ACCEPT_AS2_OR_PAGE: Final = f"{ACCEPT_AS2}, text/html;q=0.1"

_HEAD: Final = 64 * 1024
_LINK: Final = re.compile(r"<link\s([^<>]{1,2048})>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(
    r"\b(rel|type|href)\s{0,8}=\s{0,8}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE
)


async def document(client: Client, iri: str, *, signer: Signer | None) -> dict[str, Any]:
    """Return the ActivityStreams document at *iri*, authentic by W-ORI-02.

    Authentic: its ``id`` is the very address it came from, reached without leaving the origin
    that was asked. When that is not so, its ``id`` is asked once, and must then hold. A page may
    point to it by a link of its own origin. The result's ``id`` can therefore differ from *iri*
    (a page's address, a key's): whoever needs *iri* itself compares.

    Raises RefusedError (404 as ``status_code`` when there is none), UnavailableError, GoneError.
    """
    asked = iris.without_fragment(iris.check(iri, client.reach))
    response = await _get(client, asked, _ACCEPT_AS2_OR_PAGE, signer)
    if response.media_type == "text/html":
        asked = _alternate(response, client.reach)
        response = await _get(client, asked, ACCEPT_AS2, signer)
    found, claimed = _read(response)
    if not _is_home(claimed, asked, response.url):
        asked = iris.check(claimed, client.reach)
        response = await _get(client, asked, ACCEPT_AS2, signer)
        found, claimed = _read(response)
        if not _is_home(claimed, asked, response.url):
            raise RefusedError("This document is not what is kept at its own address.")
    _check_owners(found, claimed)
    if documents.kind(found) is not documents.Kind.KEY and not documents.speaks_activitystreams(
        found
    ):
        raise RefusedError("This document is not an ActivityStreams document.")
    return found


async def json(
    client: Client,
    url: str,
    *,
    accept: str,
    limit: int,
    content_types: Collection[str],
    signer: Signer | None = None,
) -> tuple[dict[str, Any], str]:
    """Return the JSON object at *url* and the address it came from after redirects.

    Its media type must be one of *content_types* (SEC-NET-09), its length at most *limit*
    bytes. Raises RefusedError, UnavailableError or GoneError.
    """
    response = await client.get(url, accept=accept, limit=limit, signer=signer)
    if response.media_type not in content_types:
        raise RefusedError("The answer is not of the kind that was asked for.")
    return documents.read(response.body, limit=limit), response.url


async def _get(client: Client, url: str, accept: str, signer: Signer | None) -> Response:
    return await client.get(url, accept=accept, limit=MAX_DOCUMENT, signer=signer)


def _read(response: Response) -> tuple[dict[str, Any], str]:
    """Return the document and its id. Raises RefusedError for anything anonymous (W-ORI-04)."""
    if not response.is_as2:
        raise RefusedError("The answer is not an ActivityStreams document.")
    found = documents.read(response.body, limit=MAX_DOCUMENT)
    claimed = documents.identifier(found)
    if claimed is None:
        raise RefusedError("This document does not say which one it is.")
    return found, claimed


def _is_home(claimed: str, asked: str, came_from: str) -> bool:
    """Tell whether the id *claimed* is the address it *came_from*, on the origin that was *asked*.

    It is spelled in one way only: capitals in the host, a port, a dot or a question mark too
    many would be a second name for the same thing (SEC-ORI-01). Only a bare origin may lack its
    slash, and letters beyond ASCII may stand unescaped in the path.
    """
    if not iris.same_origin(asked, came_from):
        return False
    if claimed.isascii():
        return claimed == came_from or (claimed.count("/") == 2 and f"{claimed}/" == came_from)
    server = came_from[: came_from.index("/", 8)]
    loose = iris.Reach(development=True)
    return claimed.startswith(f"{server}/") and iris.check(claimed, loose) == came_from


def _check_owners(found: Mapping[str, Any], claimed: str) -> None:
    for name in ("attributedTo", "actor"):
        for owner in documents.iris(found.get(name)):
            if not iris.same_origin(owner, claimed):
                raise RefusedError("This document names an owner who lives on another server.")


def _alternate(page: Response, reach: iris.Reach) -> str:
    """Return the address of the document that an HTML *page* of the same origin points to."""
    for tag in _LINK.finditer(page.body[:_HEAD].decode("utf-8", "replace")):
        attributes = {
            found[1].lower(): unescape(found[2] or found[3] or found[4] or "")
            for found in _ATTRIBUTE.finditer(tag[1])
        }
        if "alternate" in attributes.get("rel", "").lower().split() and is_as2(
            attributes.get("type", "")
        ):
            try:
                target = urljoin(page.url, attributes.get("href", ""))
            except ValueError:
                continue
            if iris.same_origin(page.url, target):
                return iris.without_fragment(iris.check(target, reach))
    raise RefusedError("This page is not an ActivityStreams document, and points to none.")
