"""@people, #tags and addresses that somebody typed: found, and turned into links."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import quote, urlsplit

from fedcommune.text.html import paragraphs

MAX_FOUND: Final = 1_000

# Atomic and bounded: each character is looked at a few times at most (SEC-PAR-07).
_USER: Final = r"(?>[A-Za-z0-9_]{1,64}(?:[.-]{1,3}[A-Za-z0-9_]{1,64}){0,8})"
_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST: Final = rf"(?>(?:{_LABEL}\.){{0,8}}{_LABEL}(?::[0-9]{{1,5}})?)"
MENTION: Final = re.compile(rf"(?<![\w/@.+-])@({_USER})(?:@({_HOST})|(?!@))(?![\w@])")
HASHTAG: Final = re.compile(r"(?<![\w/&#@.?=-])#([\w·]{1,100})(?![\w·#])")
_ADDRESS: Final = re.compile(r"(?<![\w/])https?://[^\s<>\"'`\x00-\x1f]{1,2000}", re.IGNORECASE)
_CLOSERS: Final = {")": "(", "]": "[", "}": "{"}
_SHOWN: Final = 30


@dataclass(frozen=True, slots=True)
class Found:
    """What a text names, each once, in order.

    *people* are handles in lower case: ``marie``, ``marie@saint-leu.example:8001``. *tags*
    are in lower case, without the sharp sign.
    """

    people: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Links:
    """Where to lead: *people* from handle (lower case) to profile page, *tag* from tag to page.

    A handle that is not in *people* stays text.
    """

    people: Mapping[str, str]
    tag: Callable[[str], str]


def find(text: str) -> Found:
    """Return the people and tags that *text* names, at most 1,000 of each."""
    people: dict[str, None] = {}
    tags: dict[str, None] = {}
    for match in MENTION.finditer(text):
        people[handle(match)] = None
        if len(people) == MAX_FOUND:
            break
    for match in HASHTAG.finditer(text):
        if is_tag(match[1]):
            tags[match[1].lower()] = None
        if len(tags) == MAX_FOUND:
            break
    return Found(tuple(people), tuple(tags))


def handle(match: re.Match[str]) -> str:
    """Return the handle that a match of ``MENTION`` names: ``user`` or ``user@host``."""
    return f"{match[1]}@{match[2]}".lower() if match[2] else match[1].lower()


def is_tag(name: str) -> bool:
    """Tell whether *name* may be a hashtag: not digits or signs alone (FEP-eb48)."""
    return any(char.isalpha() for char in name)


def render(text: str, links: Links) -> str:
    """Return plain *text* as HTML, with links to people, tags and web addresses.

    The markup is Mastodon's, which every reader knows. Source: product 4.1, W-DOC-07.
    """
    return paragraphs(text, lambda line: render_line(line, links))


def render_line(text: str, links: Links) -> str:
    """Return one line of plain text as HTML, without a paragraph around it."""
    return "".join(
        web_link(piece) if is_address else _people_and_tags(piece, links)
        for piece, is_address in addresses(text)
    )


def addresses(text: str) -> list[tuple[str, bool]]:
    """Return *text* in pieces, each with whether it is a web address."""
    pieces: list[tuple[str, bool]] = []
    position = 0
    for match in _ADDRESS.finditer(text):
        address = _without_closers(match[0])
        pieces += ((text[position : match.start()], False), (address, True))
        position = match.start() + len(address)
    pieces.append((text[position:], False))
    return [piece for piece in pieces if piece[0]]


def _people_and_tags(text: str, links: Links) -> str:
    pieces = [
        (match.start(), match.end(), mention_link(match, links)) for match in MENTION.finditer(text)
    ]
    pieces += [
        (match.start(), match.end(), hashtag_link(match[1], links))
        for match in HASHTAG.finditer(text)
        if is_tag(match[1])
    ]
    parts: list[str] = []
    position = 0
    for start, end, html in sorted(pieces):
        if start >= position:
            parts += (escape(text[position:start]), html)
            position = end
    parts.append(escape(text[position:]))
    return "".join(parts)


def mention_link(match: re.Match[str], links: Links) -> str:
    """Return a match of ``MENTION`` as HTML: a link when *links* knows the person."""
    page = links.people.get(handle(match))
    if page is None:
        return escape(match[0])
    return (
        f'<span class="h-card" translate="no"><a href="{escape(page)}" class="u-url mention">'
        f"@<span>{escape(match[1])}</span></a></span>"
    )


def hashtag_link(name: str, links: Links) -> str:
    """Return the tag *name* (without sharp sign) as HTML."""
    page = links.tag(name.lower())
    return (
        f'<a href="{escape(page)}" class="mention hashtag" rel="tag">'
        f"#<span>{escape(name)}</span></a>"
    )


def web_link(address: str) -> str:
    """Return *address* as a link that shows its true host, and its path cut (SEC-XSS-03).

    An address with a user name in it, which may look like another host, stays text.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return escape(address)
    if not host or "@" in parts.netloc or "\\" in address or not address.isprintable():
        return escape(address)
    start = len(parts.scheme) + 3
    shown = address[start : max(start + _SHOWN, start + len(parts.netloc))]
    rest = address[start + len(shown) :]
    href = quote(address, safe="/:?#[]@!$&'()*+,;=%-._~")
    ellipsis = f'<span class="ellipsis">{escape(shown)}</span>' if rest else escape(shown)
    return (
        f'<a href="{escape(href)}" rel="nofollow noopener noreferrer" target="_blank">'
        f'<span class="invisible">{escape(address[:start])}</span>{ellipsis}'
        + (f'<span class="invisible">{escape(rest)}</span>' if rest else "")
        + "</a>"
    )


def _without_closers(address: str) -> str:
    """Return *address* without the punctuation of the sentence around it."""
    while address:
        last = address[-1]
        opener = _CLOSERS.get(last)
        unbalanced = opener is not None and address.count(opener) < address.count(last)
        if not unbalanced and last not in ".,;:!?'\"…»":
            break
        address = address[:-1]
    return address
