"""Markdown that citizens type."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcommune.text import html, markdown
from tests.fedcommune.text.test_html import CORPUS, DANGEROUS, outside_of_text
from tests.fedcommune.text.test_mentions import LINKS


def test_what_markdown_means_is_rendered() -> None:
    text = "# Titre\n\nUn *mot* et **deux**,\nà la ~~ligne~~.\n\n- a\n- b\n\n> cite\n\n`code`"

    assert markdown.render(text, LINKS) == (
        "<p><strong>Titre</strong></p>\n<p>Un <em>mot</em> et <strong>deux</strong>,<br>\n"
        "à la <s>ligne</s>.</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"
        "<blockquote>\n<p>cite</p>\n</blockquote>\n<p><code>code</code></p>\n"
    )


def test_people_and_tags_become_links() -> None:
    rendered = markdown.render("Bonjour @marie, *@marie* #Fête @jean@ailleurs.example", LINKS)

    assert rendered.count('class="u-url mention"') == 2
    assert 'rel="tag nofollow noopener noreferrer ugc"' in rendered
    assert html.plain(rendered) == "Bonjour @marie, @marie #Fête @jean@ailleurs.example"


def test_underscores_belong_to_names_and_addresses() -> None:
    rendered = markdown.render("@_marie_ https://a.example/a_b_c_d", LINKS)

    assert "<em>" not in rendered
    assert 'href="https://a.example/a_b_c_d"' in rendered


def test_code_and_links_are_left_alone() -> None:
    rendered = markdown.render("`@marie #x https://a.example` [@marie](https://a.example/)", LINKS)

    assert "mention" not in rendered
    assert rendered.count("<a ") == 1


def test_a_hash_and_a_space_make_a_title_and_no_space_a_tag() -> None:
    assert "<strong>Fête</strong>" in markdown.render("# Fête", LINKS)
    assert "hashtag" in markdown.render("#Fête", LINKS)


def test_pictures_become_links() -> None:
    rendered = markdown.render("![la place](https://a.example/1.png)", LINKS)

    assert "<img" not in rendered
    assert 'href="https://a.example/1.png"' in rendered


@pytest.mark.parametrize(
    "text",
    [
        *CORPUS,
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x 'y')",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        '[a](https://a.example/"onmouseover=alert(1))',
        "```<script>\nalert(1)\n```",
        "&lt;script&gt; &#x202e;",
    ],
)
def test_sec_xss_01_markdown_is_no_way_in(text: str) -> None:
    rendered = markdown.render(text, LINKS)

    assert not DANGEROUS.search(outside_of_text(rendered)), rendered
    assert html.clean(rendered) == rendered


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5_000,
        "*_" * 5_000,
        ">" * 5_000,
        "- " * 5_000,
        "`" * 5_000,
        "[a](" * 2_000,
        "![" * 5_000,
    ],
    ids=lambda text: text[:4],
)
def test_sec_par_07_hostile_markdown_is_read(text: str) -> None:
    assert re.sub(r"\s", "", html.plain(markdown.render(text, LINKS))) is not None


@settings(deadline=None)
@given(st.text(alphabet="@#*_`[]()<>!~-+> \n\\&;abhtps:/.", max_size=120))
def test_any_markdown_is_rendered_clean(text: str) -> None:
    rendered = markdown.render(text, LINKS)

    assert html.clean(rendered) == rendered
