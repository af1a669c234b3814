"""Strangers' HTML becomes ours, or plain text; whatever is shown goes through here."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape as _escape
from html import unescape
from typing import Any, Final

import nh3
import orjson

MAX_HTML: Final = 100_000
# A parser needs quadratic time for elements in elements; this many cost some milliseconds.
MAX_TAGS: Final = 3_000
# Each of these becomes an entity, which is the slowest thing to write.
MAX_ENTITIES: Final = 10_000
_ROUNDS: Final = 4

_TAGS: Final = (
    {"p", "br", "span", "a", "del", "s", "pre", "code", "em", "strong", "b", "i", "u"}
    | {"ul", "ol", "li", "blockquote", "ruby", "rt", "rp"}
    | {"h1", "h2", "h3", "h4", "h5", "h6"}  # turned into <strong> afterwards
)
_DROPPED: Final = {
    "script",
    "style",
    "template",
    "noscript",
    "noembed",
    "noframes",
    "iframe",
    "textarea",
} | {"title", "xmp", "plaintext", "svg", "math", "object", "embed"}
_CLASSES: Final = {
    "a": {"mention", "hashtag", "u-url"},
    "span": {"mention", "hashtag", "invisible", "ellipsis", "quote-inline", "h-card"},
    "p": {"quote-inline"},
}
_CLEANER: Final = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_DROPPED,
    attributes={"a": {"href", "translate"}, "span": {"translate"}, "li": {"value"}},
    link_rel=None,
    set_tag_attribute_values={"a": {"rel": "nofollow noopener noreferrer ugc", "target": "_blank"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    allowed_classes=_CLASSES,
)

# A tag says that it is one, which some readers look for.
_HASHTAG: Final = re.compile(
    r"(class=\"[^\"]*\bhashtag\"(?: (?:href|target|translate)=\"[^\"]*\"){0,3} rel=\")nofollow"
)
_HEADING: Final = re.compile(r"<(/?)h[1-6]>")
# Overrides and embeddings turn the text that follows around; isolates and marks do not.
_BIDI: Final = re.compile("[\u202a-\u202e]")
_POISON: Final = re.compile("[\x00\ud800-\udfff]")
_MATHS: Final = re.compile(r"<(/?)(math|annotation)\b[^<>]*>", re.IGNORECASE | re.ASCII)
_TAG: Final = re.compile(r"<(?:[^<>\"]++|\"[^\"]*+\")*+>")
_SIMPLE_TAG: Final = re.compile(r"</?(?:p|br)>")
_ANY_TAG: Final = re.compile(r"<[^<>]*>?")
_END_OF_LINE: Final = re.compile(r"<br>|</li>|</h[1-6]>")
_END_OF_BLOCK: Final = re.compile(r"</(?:p|pre|blockquote|ul|ol)>")
_LINK: Final = re.compile(r"<a ([^<>]*)href=\"(https?://[^\"<>]*)\"([^<>]*)>")
_NAMED: Final = re.compile(r"class=\"[^\"]*\b(?:mention|hashtag|u-url)\b")
_BLANKS: Final = re.compile(r"[ \t\r\f\v]+")
_EMPTY_LINES: Final = re.compile(r"\n\s*\n")


def clean(html: str) -> str:
    """Return *html* with nothing in it but what we allow; never raises, idempotent.

    Headings become ``strong`` paragraphs, formulas the text of their annotation; links lead
    to http(s) or mailto, open elsewhere and lend no reputation. What has more than 3,000
    tags keeps its paragraphs only. Apply it when receiving and again when showing.
    Source: SEC-XSS-01, SEC-XSS-03.
    """
    for _ in range(_ROUNDS):
        cleaned = _once(html)
        if cleaned == html:
            return cleaned
        html = cleaned
    # It changes at each reading: whoever wrote this did not mean well. The words remain.
    return _once(paragraphs(_words(html)))


def _once(html: str) -> str:
    html = _BIDI.sub("", _POISON.sub("", html[:MAX_HTML]))
    if _MATHS.search(html):
        html = _without_formulas(html)
    if html.count("&") + html.count("\xa0") > MAX_ENTITIES:
        html = html.replace("&", "").replace("\xa0", " ")
    if html.count("<") > MAX_TAGS:
        html = _ANY_TAG.sub(_keep_simple, html)
    html = _CLEANER.clean(html)
    if "hashtag" in html:
        html = _HASHTAG.sub(r"\1tag nofollow", html)
    return _HEADING.sub(_as_paragraph, html) if "<h" in html or "</h" in html else html


def _as_paragraph(heading: re.Match[str]) -> str:
    return "</strong></p>" if heading[1] else "<p><strong>"


def _keep_simple(match: re.Match[str]) -> str:
    return match[0] if _SIMPLE_TAG.fullmatch(match[0]) else ""


def _without_formulas(html: str) -> str:
    """Replace each ``math`` element by the text of its annotations, as Mastodon does."""
    kept: list[str] = []
    position = depth = 0
    annotation: int | None = None
    for match in _MATHS.finditer(html):
        closing, name = match[1] == "/", match[2].lower()
        if name == "math" and not closing:
            if depth == 0:
                kept.append(html[position : match.start()])
            depth += 1
        elif name == "math" and depth:
            depth -= 1
            position = match.end()
        elif depth and not closing:
            annotation = match.end()
        elif depth and annotation is not None:
            kept.append(_ANY_TAG.sub("", html[annotation : match.start()]))
            annotation = None
    if depth == 0:
        kept.append(html[position:])
    return "".join(kept)


def plain(html: str, *, limit: int | None = None) -> str:
    """Return the words of *html*: lines and paragraphs apart, entities resolved.

    Cut after *limit* characters with an ellipsis. The result is text: escape it to show it.
    """
    text = _words(clean(html))
    return text if limit is None else shorten(text, limit)


def running(html: str, *, limit: int) -> str:
    """Return the words of *html* in one line, as glimpses show them: :func:`plain`.

    A paragraph that no mark ends, a title for one, is kept from the next by a dot.
    """
    lines = [each for each in _words(clean(html)).split("\n") if each]
    parts = [f"{each} ·" if each[-1].isalnum() else each for each in lines[:-1]]
    return shorten(" ".join([*parts, *lines[-1:]]), limit)


def _words(html: str) -> str:
    html = _END_OF_LINE.sub("\n", html.replace("\n", " "))
    text = unescape(_TAG.sub("", _END_OF_BLOCK.sub("\n\n", html)))
    text = _BLANKS.sub(" ", _POISON.sub("", _BIDI.sub("", text)))
    lines = (line.strip() for line in text.split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def links(html: str) -> list[str]:
    """Return where sanitised *html* leads to on the web, people and tags left out, each once."""
    found = (
        unescape(match[2])
        for match in _LINK.finditer(html)
        if not _NAMED.search(match[1] + match[3])
    )
    return list(dict.fromkeys(found))


def line(text: str, *, limit: int = 500) -> str:
    """Return *text* (not HTML) fit for one line: a name, a title (SEC-XSS-02, SEC-XSS-03).

    Without control characters, line ends and characters that turn the text around them.
    """
    text = _BIDI.sub("", _POISON.sub("", text))
    text = "".join(char if char.isprintable() or char == "\u200d" else " " for char in text)
    return shorten(" ".join(text.split()), limit)


def shorten(text: str, limit: int) -> str:
    """Return *text* with at most *limit* characters, the last one an ellipsis when cut."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def escape(text: str) -> str:
    """Return *text* as HTML that shows exactly it."""
    return _escape(text)


def paragraphs(text: str, inline: Callable[[str], str] = escape) -> str:
    """Return plain *text* as HTML: empty lines part paragraphs, line ends become breaks.

    *inline* turns the words of a line into HTML; it must escape them.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    blocks = (block.strip("\n") for block in re.split(r"\n[ \t]*\n", text))
    return "".join(
        f"<p>{'<br>'.join(inline(line) for line in block.split(chr(10)))}</p>"
        for block in blocks
        if block.strip()
    )


def script_json(value: Any) -> str:
    """Return *value* as JSON that may stand inside ``<script>`` (SEC-XSS-02)."""
    text = orjson.dumps(value).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
