"""Nothing but what we allow is ever shown."""

from __future__ import annotations

import json
import re

import pytest

from fedcommune.text import html

DANGEROUS = re.compile(
    r"<(?:script|style|svg|math|iframe|object|embed|img|form|input|button|link|meta|base|template"
    r"|video|audio|source|textarea|select|noscript|table|div)\b|\son\w+=|javascript:|data:"
    r"|vbscript:|style=|srcdoc|<!--|\x00|[\ud800-\udfff]|[\u202a-\u202e]",
    re.IGNORECASE,
)


def outside_of_text(cleaned: str) -> str:
    """Return only the tags of *cleaned*: what stands between them is text."""
    return "".join(re.findall(r"<(?:[^<>\"]|\"[^\"]*\")*>", cleaned))


CORPUS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg/onload=alert(1)>",
    '<svg><p><style><g title="</style><img src onerror=alert(1)>">',
    '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--><img src=1 onerror=alert(1)>">',
    '<math><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt&colon;alert(1)">x</a>',
    '<a href=" javascript:alert(1)">x</a>',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:x">x</a>',
    "<a href='//evil.example'>x</a>",
    "<a href='/auth/sign_out'>x</a>",
    "<a href='https://a.example/' onclick=alert(1) style='position:fixed' id=x name=y>x</a>",
    "<p style='background:url(javascript:alert(1))' class='evil mention'>x</p>",
    "<span class='invisible modal-root'>x</span>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object><embed src='javascript:alert(1)'>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    '<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>',
    "<template><script>alert(1)</script></template>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<link rel=stylesheet href=https://evil.example/x.css><meta http-equiv=refresh content=0>",
    "<base href='https://evil.example/'><a href='x'>x</a>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "<a href=https://a.example/><a href=javascript:alert(1)>x</a></a>",
    "<p>a\x00b\ud800c\u202ed</p>",
    "<li value='\"><script>alert(1)</script>'>x",
    "<plaintext><script>alert(1)</script>",
    "<xmp><script>alert(1)</script></xmp>",
    "<b" + " a" * 5_000,
    "<p class",
    "<",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
]


@pytest.mark.parametrize("attack", CORPUS)
def test_sec_xss_01_an_attack_leaves_nothing_dangerous(attack: str) -> None:
    cleaned = html.clean(attack)

    assert not DANGEROUS.search(outside_of_text(cleaned)), cleaned
    assert not re.search(r"[\x00\ud800-\udfff\u202a-\u202e]", cleaned)
    assert html.clean(cleaned) == cleaned


@pytest.mark.parametrize(
    "attack",
    [
        "<div>" * 10_000,
        "<b>" * 10_000,
        "<b><p>" * 10_000,
        "<a href=x>" * 10_000,
        "<span>" * 100_000,
        "<blockquote>" * 100_000 + "</p>" * 100_000,
        "<math>" * 100_000,
        "<" * 500_000,
        "&" * 500_000,
        "\xa0" * 500_000,
        "<a " + "x=1 " * 100_000,
    ],
    ids=lambda attack: attack[:12],
)
def test_sec_xss_01_nesting_without_end_is_flattened(attack: str) -> None:
    cleaned = html.clean(attack)

    assert html.clean(cleaned) == cleaned
    assert cleaned.count("<") <= 2 * html.MAX_HTML
    assert not re.search(r"<(?:div|span|blockquote|math)", cleaned) or len(cleaned) < html.MAX_HTML


def test_what_people_write_stays() -> None:
    written = (
        "<p>Un <strong>mot</strong>, <em>deux</em>, <del>trois</del>, <code>x</code><br>fin</p>"
        '<ul><li>a</li></ul><ol><li value="3">b</li></ol><blockquote><p>c</p></blockquote>'
        "<pre>d</pre><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>"
    )

    assert html.clean(written) == written


def test_links_open_elsewhere_and_lend_no_reputation() -> None:
    cleaned = html.clean('<a href="https://a.example/?a=1&amp;b" rel="me opener" target="x">l</a>')

    assert 'href="https://a.example/?a=1&amp;b"' in cleaned
    assert 'rel="nofollow noopener noreferrer ugc"' in cleaned
    assert 'target="_blank"' in cleaned
    assert "me" not in re.findall(r'rel="([^"]*)"', cleaned)[0].split()


def test_classes_are_those_of_the_list() -> None:
    cleaned = html.clean(
        '<span class="h-card big"><a href="https://a.example/@b" class="u-url mention red">@b</a>'
        '</span><span class="invisible">x</span><span class="ellipsis">y</span>'
        '<p class="quote-inline fixed">RE</p><p class="mention">z</p>'
    )

    assert 'class="h-card"' in cleaned
    assert 'class="u-url mention"' in cleaned
    assert 'class="quote-inline"' in cleaned
    assert not re.search("big|red|fixed", cleaned)
    assert '<p class="mention">' not in cleaned


def test_a_hashtag_still_says_that_it_is_one() -> None:
    link = (
        '<a href="https://a.example/tags/x" class="mention hashtag" rel="tag">#<span>x</span></a>'
    )

    once = html.clean(link)

    assert 'rel="tag nofollow noopener noreferrer ugc"' in once
    assert html.clean(once) == once


@pytest.mark.parametrize("level", range(1, 7))
def test_headings_become_strong(level: int) -> None:
    cleaned = html.clean(f"<h{level} id=x>Titre</h{level}><p>texte</p>")

    assert cleaned == "<p><strong>Titre</strong></p><p>texte</p>"


@pytest.mark.parametrize(
    "formula",
    [
        '<math><semantics><mi>x</mi><annotation encoding="x">x^2</annotation></semantics></math>',
        "<math><mi>x</mi><annotation>x^2</annotation></math>",
        "<MATH><annotation encoding>x^2</annotation><mi>y</mi></MATH>",
        "<math><annotation encoding=x>x<b>^</b>2</annotation></math>",
        "<math><math><annotation>x^2</annotation></math></math>",
    ],
)
def test_of_a_formula_the_annotation_stays(formula: str) -> None:
    assert html.clean(f"<p>Soit {formula} !</p>") == "<p>Soit x^2 !</p>"


def test_an_annotation_is_not_a_way_in() -> None:
    attack = "<math><annotation><scr<b>ipt>alert(1)</scr</b>ipt></annotation></math>"

    assert "<scr" not in html.clean(attack)
    assert html.clean("<math><annotation>") == ""
    assert html.clean("</math></annotation>a") == "a"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("<p>Un</p><p>Deux<br>Trois</p>", "Un\n\nDeux\nTrois"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ('<p><a href="https://a.example/?a&gt;b">lien</a></p>', "lien"),
        ("<script>alert(1)</script>x", "x"),
        ("  a \t b\r\n c  ", "a b c"),
        ("<h2>Titre</h2>texte", "Titre\n\ntexte"),
        ("&#0;&#55296;a&#8238;b", "\ufffd\ufffdab"),
        ("", ""),
    ],
)
def test_the_words_are_found(given: str, expected: str) -> None:
    assert html.plain(given) == expected


def test_the_words_are_cut_with_an_ellipsis() -> None:
    assert html.plain("<p>Bonjour tout le monde</p>", limit=8) == "Bonjour…"
    assert html.shorten("abc", 3) == "abc"
    assert html.shorten("abcd", 1) == "…"


@pytest.mark.parametrize(
    ("given", "limit", "expected"),
    [
        (
            "<p><strong>Vélo</strong></p><p>Deux roues.</p><p>Un<br>deux</p>",
            99,
            "Vélo · Deux roues. Un · deux",
        ),
        ("<p>Bal</p><p>Samedi</p>", 6, "Bal ·…"),
        ("", 9, ""),
    ],
)
def test_a_glimpse_is_one_line_in_which_a_title_stays_apart(
    given: str, limit: int, expected: str
) -> None:
    assert html.running(given, limit=limit) == expected


def test_sec_xss_03_a_name_stays_on_its_line_and_turns_nothing_around() -> None:
    assert html.line("Ma\u202erie\n\x00 Dupont\ud800\u2028 <b>") == "Marie Dupont <b>"
    assert html.line("👩\u200d🌾") == "👩\u200d🌾"
    assert len(html.line("x" * 900)) == 500


def test_plain_text_becomes_paragraphs() -> None:
    text = "Un <b>\r\nDeux\n\n\n \n& trois\n\n"

    assert html.paragraphs(text) == "<p>Un &lt;b&gt;<br>Deux</p><p>&amp; trois</p>"
    assert html.paragraphs(" \n\n ") == ""


def test_sec_xss_02_json_may_stand_inside_a_script() -> None:
    value = {"name": "</script><!--\u2028\u2029&"}

    written = html.script_json(value)

    assert not re.search("[<>&\u2028\u2029]", written)
    assert json.loads(written) == value
