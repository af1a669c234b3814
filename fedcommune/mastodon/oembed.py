"""Our open posts inside the pages of others: oEmbed, with words and nothing that runs."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.visibility import ANYONE
from fedcommune.errors import NotFound
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.render import readable
from fedcommune.text import html

WIDTH: Final = 400
_NARROWEST: Final = 200
_WIDEST: Final = 1_000
_MAX_TITLE: Final = 100
_CACHE: Final = 86_400


class OEmbed(Struct, frozen=True, kw_only=True):
    """What stands for a post elsewhere (oembed.com, 2.3.4.4)."""

    type: str = "rich"
    version: str = "1.0"
    title: str
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    cache_age: int = _CACHE
    html: str
    width: int
    height: int | None = None


async def show(call: Call) -> Answer:
    """An open post of ours, named by its page or its id (SEC-VIS-01: for anyone, or not at all)."""
    address = call.params.required("url").strip()
    if not call.instance.owns(address):
        raise NotFound
    post = await posts.by_address(call.db, ANYONE, address.partition("#")[0])
    author = None if post is None else await accounts.by_id(call.db, post.author_id)
    if post is None or author is None or not post.local or not post.visibility.is_open:
        raise NotFound
    instance = call.instance
    page = instance.post_page(author.username, post.id)
    profile = instance.profile_page(author.username)
    name = author.name or author.username
    words = readable.content(post)
    if post.summary:
        words = html.paragraphs(post.summary)
    width = call.params.number("maxwidth") or WIDTH
    return OEmbed(
        title=f"{name}: {html.plain(words, limit=_MAX_TITLE)}",
        author_name=name,
        author_url=profile,
        provider_name=instance.name,
        provider_url=f"{instance.origin}/",
        html=(
            f'<blockquote cite="{html.escape(page)}">{words}'
            f'<p><a href="{html.escape(page)}">{html.escape(name)} '
            f"({html.escape(urlsplit(page).netloc)})</a></p></blockquote>"
        ),
        width=max(_NARROWEST, min(width, _WIDEST)),
    )


ENDPOINTS: Final = (Endpoint("GET", "/api/oembed", show, access="anyone"),)
