"""Where a page of somebody else says that its author is found, too: ``rel=me``."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

# A page may say so anywhere; what is beyond this is not looked at (SEC-DOS-05).
MAX_PAGE: Final = 1024 * 1024
MAX_LINKS: Final = 1_000


class _Reader(HTMLParser):
    """Collects the addresses of links with ``rel=me``; runs nothing, loads nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("a", "link") or len(self.found) >= MAX_LINKS:
            return
        said = {name: value or "" for name, value in attrs}
        if "me" in said.get("rel", "").lower().split() and said.get("href"):
            self.found.append(said["href"].strip()[:2_000])


def of_page(body: bytes, url: str) -> set[str]:
    """Return the addresses that the page *body*, found at *url*, says are of the same person."""
    reader = _Reader()
    reader.feed(body[:MAX_PAGE].decode("utf-8", "replace"))
    return {address for each in reader.found if (address := _joined(url, each))}


def _joined(url: str, href: str) -> str:
    try:
        return urljoin(url, href).partition("#")[0].rstrip("/")
    except ValueError:
        return ""
