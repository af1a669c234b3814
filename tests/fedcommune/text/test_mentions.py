"""People, tags and addresses in what somebody typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcommune.text import html, mentions
from fedcommune.text.mentions import Links

LINKS = Links(
    people={
        "marie": "https://saint-leu.example/@marie",
        "jean@bassins.localhost:8002": "http://bassins.localhost:8002/@jean",
    },
    tag=lambda name: f"https://saint-leu.example/tags/{name}",
)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@marie", ["marie"]),
        ("@Marie, @jean@b.localhost:8002.", ["marie", "jean@b.localhost:8002"]),
        ("(@marie) «@jean.b@a.example»", ["marie", "jean.b@a.example"]),
        ("@marie @MARIE", ["marie"]),
        ("@marie's @x_y-z!", ["marie", "x_y-z"]),
        ("@marie@café.example", ["marie@café.example"]),
        ("@marie@a.example:8001/chemin", ["marie@a.example:8001"]),
        ("@marie@a.example.", ["marie@a.example"]),
        ("@théatre", []),
        ("marie@a.example", []),
        ("https://a.example/@marie", []),
        ("@@marie @ marie @", []),
        ("@marie@", []),
        ("@marie@-a.example", []),
        ("a@marie .@marie -@marie", []),
    ],
)  # fmt: skip
def test_people_are_found(text: str, people: list[str]) -> None:
    assert list(mentions.find(text).people) == people


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Fête du #village_2026, #l·l (#x)", ["fête", "village_2026", "l·l", "x"]),
        ("#a #A", ["a"]),
        ("#2026 #_ # # a ##b", []),
        ("a#b &#39; https://a.example/#b https://a.example/?q=#b", []),
        ("#" + "a" * 101, []),
        ("#a#b", []),
        ("#日本", ["日本"]),
    ],
)
def test_fep_eb48_tags_are_found(text: str, tags: list[str]) -> None:
    assert list(mentions.find(text).tags) == tags


def test_w_doc_07_known_people_and_tags_become_links_in_the_markup_of_all() -> None:
    text = "@Marie #Fête @inconnue <b>\nfin\n\n@jean@bassins.localhost:8002"

    assert mentions.render(text, LINKS) == (
        '<p><span class="h-card" translate="no"><a href="https://saint-leu.example/@marie" '
        'class="u-url mention">@<span>Marie</span></a></span> '
        '<a href="https://saint-leu.example/tags/fête" class="mention hashtag" rel="tag">'
        "#<span>Fête</span></a> @inconnue &lt;b&gt;<br>fin</p>"
        '<p><span class="h-card" translate="no"><a href="http://bassins.localhost:8002/@jean" '
        'class="u-url mention">@<span>jean</span></a></span></p>'
    )  # fmt: skip


def test_sec_xss_03_a_link_shows_its_true_host() -> None:
    shown = mentions.web_link('https://tres-long-nom-de-domaine.commune.example/un/chemin?a=1&b="')

    assert '<span class="ellipsis">tres-long-nom-de-domaine.commune.example</span>' in shown
    assert html.plain(shown) == 'https://tres-long-nom-de-domaine.commune.example/un/chemin?a=1&b="'
    short = mentions.web_link("https://a.example/")
    assert '<span class="invisible">https://</span>a.example/</a>' in short


@pytest.mark.parametrize(
    "address",
    [
        "https://banque.example@evil.example/",
        "https://banque.example:secret@evil.example/",
        "https://",
        "https://[::1",
        "https://a.example/\u202egpj.exe",
        "https://a.example\\@evil.example",
    ],
)
def test_sec_xss_03_an_address_that_misleads_stays_text(address: str) -> None:
    assert "<a" not in mentions.web_link(address)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Voir https://a.example/x.", "https://a.example/x"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("https://a.example/x_(y)", "https://a.example/x_(y)"),
        ("«https://a.example/x»", "https://a.example/x"),
        ("HTTPS://A.example/x!?", "HTTPS://A.example/x"),
        ("https://a.example/@marie#x", "https://a.example/@marie#x"),
    ],
)
def test_addresses_end_where_the_sentence_goes_on(text: str, address: str) -> None:
    assert [piece for piece, is_address in mentions.addresses(text) if is_address] == [address]
    assert "".join(piece for piece, _ in mentions.addresses(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "@a" * 50_000, "@a@" * 30_000, "@a@" + "a-" * 50_000, "@" + "a." * 50_000, "#" * 100_000,
        "#a" * 50_000, "#" + "a" * 100_000, "@a@a" + "-" * 100_000, "@a@" + "a." * 50_000,
        "https://" * 12_000, "https://a(" + ")" * 100_000, "@a@" + "é_" * 50_000, "http" * 25_000,
        ("@a@a" + "-" * 60 + " ") * 1_500, "@" * 100_000, "\n\n" * 50_000, "@_" * 50_000,
    ],
    ids=lambda text: text[:10],
)  # fmt: skip
def test_sec_par_07_a_hundred_thousand_hostile_characters_are_read(text: str) -> None:
    mentions.find(text)

    assert mentions.render(text, LINKS) is not None


@settings(deadline=None)
@given(st.text(alphabet="@#ab_.-:/ é·\n<>&()0https", max_size=200))
def test_nothing_typed_becomes_markup_that_is_not_ours(text: str) -> None:
    rendered = mentions.render(text, LINKS)

    assert html.plain(rendered).split() == html.plain(html.paragraphs(text)).split()
    assert set(re.findall(r"<(\w+)", rendered)) <= {"p", "br", "a", "span"}


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read(text: str) -> None:
    found = mentions.find(text)

    assert len(found.people) <= mentions.MAX_FOUND
    assert mentions.render(text, LINKS) is not None


def test_at_most_a_thousand_of_each_are_found() -> None:
    found = mentions.find(" ".join(f"@a{n} #a{n}" for n in range(3_000)))

    assert (len(found.people), len(found.tags)) == (1_000, 1_000)
