"""Mentions, hashtags and emoji of a post, in and out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from federation import documents

MAX_TAGS: Final = 1_000
MAX_NAME: Final = 500
MAX_HASHTAG: Final = 100
_PICTURES: Final = {"png": "image/png", "gif": "image/gif", "webp": "image/webp"}
_SHORTCODE: Final = re.compile(r":?([A-Za-z0-9_]{2,2048}):?")


@dataclass(frozen=True, slots=True)
class Mention:
    """A person named in a post: actor id, and the handle as written (plain text)."""

    href: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Emoji:
    """A picture to show for ``:shortcode:``."""

    shortcode: str
    url: str
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tags:
    """What a post is tagged with; hashtags in lower case, without the sharp sign."""

    mentions: tuple[Mention, ...] = ()
    hashtags: tuple[str, ...] = ()
    emojis: tuple[Emoji, ...] = ()


def read(value: object) -> Tags:
    """Return the tags in *value*, each once; the first 1,000 are looked at (W-DOC-07)."""
    mentions: dict[str, Mention] = {}
    hashtags: dict[str, None] = {}
    emojis: dict[str, Emoji] = {}
    for item in documents.many(value)[:MAX_TAGS]:
        if not isinstance(item, Mapping):
            continue
        types = documents.types(item)
        name = documents.string(item, "name", limit=MAX_NAME) or ""
        if "Mention" in types:
            href = documents.link(item.get("href"))
            if href is not None:
                mentions.setdefault(href, Mention(href, name))
        elif "Hashtag" in types:
            tag = hashtag(name)
            if tag is not None:
                hashtags[tag] = None
        elif "Emoji" in types or "toot:Emoji" in types:
            match = _SHORTCODE.fullmatch(name)
            url = documents.link(_icon(item))
            if match is not None and url is not None:
                emojis[match[1]] = Emoji(match[1], url, documents.moment(item.get("updated")))
    return Tags(tuple(mentions.values()), tuple(hashtags), tuple(emojis.values()))


def _icon(item: Mapping[str, Any]) -> Any:
    icon = documents.one(item.get("icon"))
    return icon.get("url") or icon.get("href") if isinstance(icon, Mapping) else icon


def hashtag(text: str) -> str | None:
    """Return *text* as a hashtag: NFKC, lower case, no sharp sign; None when it is none.

    Letters, digits, ``_`` and the middle dot, not digits alone, at most 100 characters.
    Source: FEP-eb48.
    """
    name = unicodedata.normalize("NFKC", text[: MAX_NAME * 2]).strip().removeprefix("#").lower()
    if not 0 < len(name) <= MAX_HASHTAG or name.isdigit():
        return None
    return name if all(char.isalnum() or char in "_·" or _is_mark(char) for char in name) else None


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def mention(href: str, handle: str) -> dict[str, str]:
    """Return a Mention tag; *handle* is ``user@domain``, with its domain always (W-DOC-07)."""
    return {"type": "Mention", "href": href, "name": "@" + handle.removeprefix("@")}


def emoji(id_: str, shortcode: str, url: str, updated: datetime | None = None) -> dict[str, Any]:
    """Return an Emoji, a tag and an object alike (W-DOC-07, FEP-9098)."""
    media_type = _PICTURES.get(url.rpartition(".")[2])
    icon = {"type": "Image", "mediaType": media_type, "url": url}
    document = {
        "id": id_,
        "type": "Emoji",
        "name": f":{shortcode}:",
        "updated": documents.timestamp(updated) if updated else None,
        "icon": {name: value for name, value in icon.items() if value is not None},
    }
    return {name: value for name, value in document.items() if value is not None}


def hashtag_link(href: str, name: str) -> dict[str, str]:
    """Return a Hashtag tag; *name* is without sharp sign (W-DOC-07)."""
    return {"type": "Hashtag", "href": href, "name": "#" + name.removeprefix("#")}
