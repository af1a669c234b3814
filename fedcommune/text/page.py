"""What a page of somebody else says about itself: its title, and little more."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

from fedcommune.text import html
from federation import documents

# What a page says of itself stands in its first part; the rest is not looked at (SEC-DOS-05).
MAX_HEAD: Final = 256 * 1024
MAX_TITLE: Final = 300
MAX_DESCRIPTION: Final = 500
MAX_NAME: Final = 200
_MAX_METAS: Final = 200
_LANGUAGE: Final = 12
_CHARSET: Final = re.compile(rb"charset=[\"' ]{0,2}([a-z0-9_-]{1,40})")


@dataclass(frozen=True, slots=True)
class Facts:
    """Plain text in every field; empty when nothing is said. *oembed* is where more is said."""

    title: str = ""
    description: str = ""
    provider: str = ""
    author: str = ""
    language: str | None = None
    published_at: datetime | None = None
    oembed: str | None = None


class _Reader(HTMLParser):
    """Collects the title, the ``meta`` and the ``link`` of a page; runs nothing, loads nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.metas: dict[str, str] = {}
        self.title = ""
        self.language = ""
        self.oembed = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "meta" and len(self.metas) < _MAX_METAS:
            name = (said.get("property") or said.get("name") or "").strip().lower()
            if name and said.get("content"):
                self.metas.setdefault(name, said["content"])
        elif tag == "title" and not self.title:
            self._in_title = True
        elif tag == "html":
            self.language = said.get("lang", "")
        elif tag == "link" and said.get("type", "").lower() == "application/json+oembed":
            self.oembed = self.oembed or said.get("href", "")
        elif tag in ("body", "svg"):
            self._in_title = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title and len(self.title) < MAX_TITLE * 4:
            self.title += data


def read(body: bytes, *, url: str, charset: str = "") -> Facts:
    """Return what the page *body*, found at *url*, says of itself; never raises.

    OpenGraph wins over the words that were there before. Source: SEC-XSS-02, SEC-PAR-04.
    """
    reader = _Reader()
    # What was understood until something makes no sense is what there is.
    with suppress(AssertionError, ValueError, RecursionError):
        reader.feed(_decoded(body[:MAX_HEAD], charset))
    metas = reader.metas
    language = (metas.get("og:locale") or reader.language).replace("_", "-").strip()
    return Facts(
        title=_line(metas.get("og:title") or reader.title or metas.get("twitter:title"), MAX_TITLE),
        description=_line(metas.get("og:description") or metas.get("description"), MAX_DESCRIPTION),
        provider=_line(metas.get("og:site_name"), MAX_NAME),
        author=_line(metas.get("author"), MAX_NAME),
        language=language.partition("-")[0].lower() if _is_language(language) else None,
        published_at=_moment(metas.get("article:published_time")),
        oembed=_beside(url, reader.oembed),
    )


def _decoded(body: bytes, charset: str) -> str:
    said = charset or _declared(body)
    try:
        return body.decode(said or "utf-8", "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def _declared(body: bytes) -> str:
    """Return the charset that the first bytes of a page name."""
    head = body[:2048].lower()
    place = head.find(b"charset=")
    if place < 0:
        return ""
    found = _CHARSET.match(head, place)
    return found[1].decode("ascii") if found else ""


def _line(text: str | None, limit: int) -> str:
    return html.line(text[: limit * 8], limit=limit) if text else ""


def _is_language(text: str) -> bool:
    first = text.partition("-")[0]
    return len(text) <= _LANGUAGE and first.isascii() and first.isalpha() and len(first) in (2, 3)


def _moment(text: str | None) -> datetime | None:
    found = documents.moment(text) if text else None
    return None if found is None else found.astimezone(UTC)


def _beside(url: str, address: str) -> str | None:
    if not address or len(address) > 2_000:
        return None
    try:
        joined = urljoin(url, address)
    except ValueError:
        return None
    return joined if joined.startswith(("https://", "http://")) else None
