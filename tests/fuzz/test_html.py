"""Strangers' HTML, bent in every way: clean, stable, and never an exception."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from fedcommune.text import html

PIECES = [
    "<p>", "</p>", "<h2>", "</h3>", "<a_href='https://x.example/'>", "<a_href=//x>",
    "<a_href=javascript:x>", "</a>", "<b>", "</b>", "<i>", "</i>", "<table>", "<td>", "<svg>",
    "</svg>", "<style>", "</style>", "<math>", "</math>", "<annotation_encoding=x>",
    "<annotation>", "</annotation>", "<annotation-xml>", "<mi>", "<mtext>", "<mglyph>",
    "<malignmark>", "<foreignObject>", "<desc>", "<li>", "<ul>", "</ul>", "<ol>", "<blockquote>",
    "<pre>", "<br>", "</br>", "<span_class='mention_x'>", "</span>", "<script>", "</script>",
    "<!--", "-->", "<![CDATA[", "]]>", "&lt;", "&amp;lt;", "&", "<textarea>", "<select>",
    "<option>", "<template>", "<button>", "<ruby>", "<rt>", "<rp>", "</ruby>",
    "<img_src=x_onerror=y>", "<form>", "<title>", "<code>", "<em>", "<object>", "<noscript>",
    "<plaintext>", "<frameset>", "<body>", "<nobr>", "<dd>", "<font_color=x>", "x", "é", '"',
    "'", ">", "<", "=", "/", 'class="hashtag"', 'rel="nofollow',
]  # fmt: skip
pieces = st.sampled_from([piece.replace("_", " ") for piece in PIECES]) | st.sampled_from(
    ["\n", "\x00", "\ud800", "\u202e", "\xa0"]
)
anything = st.lists(st.one_of(pieces, pieces, pieces, st.text(max_size=6)), max_size=25).map(
    "".join
)

unhurried = settings(deadline=None)

ALLOWED = {
    "p", "br", "span", "a", "del", "s", "pre", "code", "em", "strong", "b", "i", "u", "ul", "ol",
    "li", "blockquote", "ruby", "rt", "rp",
}  # fmt: skip
TAG = re.compile(r"</?([a-zA-Z0-9]+)((?: [a-z]+=\"[^\"]*\")*)>")


@unhurried
@given(anything)
def test_sec_xss_01_what_is_cleaned_stays_as_it_is(given_html: str) -> None:
    once = html.clean(given_html)

    assert html.clean(once) == once


@unhurried
@given(anything)
def test_sec_xss_01_only_what_is_allowed_remains(given_html: str) -> None:
    cleaned = html.clean(given_html)

    # Each < that is left begins a tag of the list; every other is an entity.
    tags = list(TAG.finditer(cleaned))
    values = sum(match[2].count("<") for match in tags)
    assert len(tags) + values == cleaned.count("<")
    for match in tags:
        assert match[1] in ALLOWED
        attributes = dict(re.findall(r" ([a-z]+)=\"([^\"]*)\"", match[2]))
        assert set(attributes) <= {"href", "rel", "target", "class", "translate", "value"}
        assert re.match("https?:|mailto:", attributes.get("href", "https:"))


@unhurried
@given(anything)
def test_the_words_of_anything_are_found(given_html: str) -> None:
    words = html.plain(given_html)

    assert "\x00" not in words
    assert words.encode().decode() == words
    assert len(html.plain(given_html, limit=10)) <= 10


@unhurried
@given(st.text())
def test_any_text_is_shown_as_it_is(text: str) -> None:
    shown = html.plain(html.paragraphs(text))

    assert html.line(shown, limit=10_000).split() == html.line(text, limit=10_000).split()
