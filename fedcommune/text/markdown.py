"""Markdown that citizens type becomes clean HTML."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from fedcommune.text import mentions
from fedcommune.text.html import clean
from fedcommune.text.mentions import Links

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_LINKS: Final = "links"


def render(text: str, links: Links) -> str:
    """Return *text* (Markdown without HTML) as clean HTML, with links to people and tags.

    A line end is a line break, pictures become links, nothing nests deeper than 20 levels.
    Nothing in code or in a link's text becomes a mention. Source: SEC-XSS-01, OBJ-07.
    """
    return clean(_parser().render(text, {_LINKS: links}))


def _name(state: StateInline, silent: bool) -> bool:
    """Turn ``@somebody`` and ``#tag`` at the position of *state* into links."""
    char = state.src[state.pos]
    if char not in "@#" or state.linkLevel:
        return False
    pattern = mentions.MENTION if char == "@" else mentions.HASHTAG
    match = pattern.match(state.src, state.pos, state.posMax)
    if match is None or (char == "#" and not mentions.is_tag(match[1])):
        return False
    if not silent:
        links: Links = state.env[_LINKS]
        token = state.push("html_inline", "", 0)
        if char == "@":
            token.content = mentions.mention_link(match, links)
        else:
            token.content = mentions.hashtag_link(match[1], links)
    state.pos = match.end()
    return True


def _addresses(state: StateCore) -> None:
    """Turn bare web addresses into links, except inside of links."""
    from markdown_it.token import Token

    for block in state.tokens:
        if block.type != "inline" or "://" not in block.content:
            continue
        inside = 0
        children: list[Token] = []
        for token in block.children or []:
            inside += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            if inside or token.type != "text":
                children.append(token)
                continue
            for piece, is_address in mentions.addresses(token.content):
                kind = "html_inline" if is_address else "text"
                content = mentions.web_link(piece) if is_address else piece
                children.append(Token(kind, "", 0, content=content, level=token.level))
        block.children = children


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20})
    parser.enable("strikethrough").disable(["image", "html_block", "html_inline"])
    parser.inline.ruler.before("emphasis", "name", _name)
    parser.core.ruler.after("text_join", "addresses", _addresses)
    return parser
