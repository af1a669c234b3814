"""Search: people, posts and hashtags; an address or a handle finds exactly what it names."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from fedcommune import lookup, retrieval
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections.model import Collection
from fedcommune.domain.posts import search as words
from fedcommune.domain.posts.model import Page, Post
from fedcommune.domain.reading import tags as tag_queries
from fedcommune.errors import CommuneError, Invalid, NotAllowed
from fedcommune.mastodon import entities
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.render import account as render_accounts
from fedcommune.mastodon.render import collection as collections
from fedcommune.mastodon.render import status as render
from fedcommune.mastodon.tags import of_names
from federation.errors import FederationError
from federation.vocabulary.tags import hashtag

LONGEST: Final = 500
_FARTHEST: Final = 1_000
TYPES: Final = ("accounts", "statuses", "hashtags")


class Search(Struct, frozen=True, kw_only=True):
    """What was found."""

    accounts: list[entities.Account] = []
    statuses: list[entities.Status] = []
    hashtags: list[entities.Tag] = []
    collections: list[entities.Collection] = []


async def search(call: Call) -> Answer:
    """Look here; with ``resolve``, by somebody signed in, on other servers too (SEC-VIS-06)."""
    params = call.params
    text = params.required("q").strip()[:LONGEST]
    kind = params.text("type")
    if kind and kind not in TYPES:
        raise Invalid("type", f"Choose one of {', '.join(TYPES)}.")
    signed_in = call.viewer.account_id is not None
    resolve = params.flag("resolve")
    if not signed_in and (resolve or params.number("offset")):
        raise NotAllowed("Sign in to search on other servers, or beyond the first results.")
    limit = max(1, min(params.number("limit") or 20, 40))
    skip = max(0, min(params.number("offset") or 0, _FARTHEST))
    if _is_address(text):
        return await _at(call, text, kind, resolve=resolve)
    return Search(
        accounts=await _accounts(call, text, limit, skip, resolve=resolve)
        if kind in ("", "accounts")
        else [],
        statuses=await _statuses(call, text, limit, skip) if kind in ("", "statuses") else [],
        hashtags=await _hashtags(call, text, limit, skip) if kind in ("", "hashtags") else [],
    )


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://")) and " " not in text


async def _at(call: Call, address: str, kind: str, *, resolve: bool) -> Search:
    """Return the one account or post of an address, or nothing."""
    found: retrieval.Found | None = await retrieval.known(call.commune, address, call.viewer)
    if found is None and resolve:
        try:
            found = await retrieval.fetched(call.commune, address, call.viewer)
        except (CommuneError, FederationError):
            found = None
    if isinstance(found, Account) and kind in ("", "accounts"):
        one = await render_accounts.account(call.db, call.instance, found, call.viewer)
        return Search(accounts=[one])
    if isinstance(found, Post) and kind in ("", "statuses"):
        status = await render.status(call.db, call.instance, found, call.viewer, call.now)
        return Search(statuses=[status])
    if isinstance(found, Collection) and not kind:
        recommended = await collections.collection(call.db, call.instance, found, call.viewer)
        return Search(collections=[recommended])
    return Search()


async def _accounts(
    call: Call, text: str, limit: int, skip: int, *, resolve: bool
) -> list[entities.Account]:
    found: list[Account] = []
    if _is_handle(text) and not skip:
        whole = await _by_handle(call, text, resolve=resolve)
        found = [] if whole is None else [whole]
    if not found and not text.startswith("#"):
        found = await accounts.search(
            call.db,
            call.viewer.account_id,
            text,
            limit=limit,
            skip=skip,
            following=call.params.flag("following"),
        )
    return await render_accounts.accounts(call.db, call.instance, found, call.viewer)


def _is_handle(text: str) -> bool:
    name, _, domain = text.removeprefix("@").partition("@")
    return bool((name and "." in domain) or ":" in domain) and " " not in text


async def _by_handle(call: Call, text: str, *, resolve: bool) -> Account | None:
    """Return whom a whole handle names; asked elsewhere only with *resolve*."""
    name, _, domain = text.removeprefix("@").partition("@")
    known = await accounts.by_handle(call.db, name, domain.lower())
    if known is None and resolve:
        try:
            known = await lookup.actor(call.commune, text)
        except (CommuneError, FederationError):
            return None
    return known if known is not None and known.is_active else None


async def _statuses(call: Call, text: str, limit: int, skip: int) -> list[entities.Status]:
    if text.startswith(("#", "@")) and " " not in text:
        return []
    part = Page(
        max_id=call.params.identifier("max_id"),
        min_id=call.params.identifier("min_id"),
        limit=limit,
    )
    author = call.params.identifier("account_id")
    found = await words.search(call.db, call.viewer, text, part, author_id=author, skip=skip)
    return await render.of_posts(call.db, call.instance, found, call.viewer, call.now)


async def _hashtags(call: Call, text: str, limit: int, skip: int) -> list[entities.Tag]:
    name = hashtag(text)
    if name is None:
        return []
    return await of_names(call, await tag_queries.known_like(call.db, name, limit=limit, skip=skip))


ENDPOINTS: Final = (Endpoint("GET", "/api/v2/search", search, "read:search", "anyone"),)
