"""Find people, posts and hashtags; an address or a whole name is looked for elsewhere, too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune import lookup, retrieval
from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import throttles
from fedcommune.domain.posts import search as words
from fedcommune.domain.posts.model import Page, Post
from fedcommune.domain.reading import tags
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import CommuneError, Invalid
from fedcommune.web import acting, forms, items
from fedcommune.web.pages import PAGE, pages_of
from fedcommune.web.signing import commune_of, count
from federation.errors import FederationError
from federation.vocabulary.tags import hashtag

LONGEST: Final = 500


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(slots=True)
class Found:
    """What a search found."""

    people: list[Account] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


async def show(request: Request) -> Response:
    """``GET /find?q=``: only who is signed in searches, for others are asked too (SEC-VIS-06)."""
    reader = await acting.required(request)
    commune = commune_of(request)
    text = request.query_params.get("q", "").replace("\x00", "").strip()[:LONGEST]
    found = Found()
    if text:
        await count(request, (throttles.LOOK, str(reader.who.account.id)))
        found = await _search(commune, text, reader.viewer)
    now = commune.database.clock()
    return forms.page(
        request,
        "social/find.html",
        here="find",
        text=text,
        people=found.people,
        tags=found.tags,
        items=await items.of_posts(commune.database.pool, found.posts, now, reader.viewer),
    )


async def interaction(request: Request) -> Response:
    """Where other servers send somebody who wants to follow or answer something from here.

    Nothing is done on a GET (FEP-3b86): the page shows the address to put into one's own
    application, and leads who is signed in to it here.
    """
    uri = request.query_params.get("uri", "").strip()[:2000]
    if not uri.startswith(("https://", "http://", "acct:", "@")):
        raise Invalid("uri", _("Say whom to follow or what to answer: add its address as uri."))
    return pages_of(request).page(request, "interaction.html", uri=uri)


async def _search(commune: Commune, text: str, viewer: Viewer) -> Found:
    db = commune.database.pool
    if text.startswith(("https://", "http://")) and " " not in text:
        return await _at(commune, text, viewer)
    found = Found()
    text = text.removeprefix("acct:")
    name, _at_sign, domain = text.removeprefix("@").partition("@")
    if name and ("." in domain or ":" in domain) and " " not in text:
        try:
            one = await lookup.actor(commune, f"@{name}@{domain}")
            found.people = [one] if one.is_active else []
        except (CommuneError, FederationError):
            found.people = []
        return found
    if not text.startswith("#"):
        found.people = await accounts.search(db, viewer.account_id, text, limit=PAGE)
    if not text.startswith(("#", "@")):
        found.posts = await words.search(db, viewer, text, Page(limit=PAGE))
    tag = hashtag(text)
    if tag is not None:
        found.tags = await tags.known_like(db, tag, limit=PAGE)
    return found


async def _at(commune: Commune, address: str, viewer: Viewer) -> Found:
    """Return the one account or post of an address, here or at its server, or nothing."""
    found = await retrieval.known(commune, address, viewer)
    if found is None:
        try:
            found = await retrieval.fetched(commune, address, viewer)
        except (CommuneError, FederationError):
            return Found()
    match found:
        case Account():
            return Found(people=[found])
        case Post():
            return Found(posts=[found])
        case _:
            return Found()
