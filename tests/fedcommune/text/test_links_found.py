"""Where sanitised HTML leads to."""

from __future__ import annotations

from fedcommune.text import html


def test_people_and_tags_are_no_links_and_each_address_comes_once() -> None:
    said = html.clean(
        '<a href="https://a.example/?x=1&amp;y=2">a</a>'
        '<a href="https://a.example/?x=1&amp;y=2">b</a>'
        '<a class="mention hashtag" href="https://c.example/tags/c">#c</a>'
        '<a class="u-url mention" href="https://c.example/@d">@d</a>'
        '<a href="mailto:e@e.example">e</a>'
    )

    assert html.links(said) == ["https://a.example/?x=1&y=2"]
