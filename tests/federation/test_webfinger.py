"""What our WebFinger answers, and what it takes for a question."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import webfinger
from federation.errors import RefusedError
from federation.names import ACTIVITY_JSON
from federation.webfinger import Handle

TEMPLATE = "https://commune.example/authorize_interaction?uri={uri}"


@pytest.mark.parametrize(
    ("text", "username", "domain"),
    [
        ("@a@b.example", "a", "b.example"),
        ("a@b.example", "a", "b.example"),
        ("acct:a@b.example", "a", "b.example"),
        ("ACCT:@a@B.example.", "a", "b.example"),
        ("Marie.Dupont-2_x@café.example", "Marie.Dupont-2_x", "xn--caf-dma.example"),
        ("commune.example@commune.example", "commune.example", "commune.example"),
        ("marie@saint-leu.localhost:8001", "marie", "saint-leu.localhost:8001"),
        ("localhost:3000@localhost:3000", "localhost:3000", "localhost:3000"),
    ],
)
def test_w_wf_02_a_handle_is_read_in_every_spelling(text: str, username: str, domain: str) -> None:
    assert webfinger.parse_handle(text) == Handle(username, domain)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@a",
        "a@",
        "@b.example",
        "a@b@c.example",
        "a b@c.example",
        ".a@b.example",
        "a.@b.example",
        "é@b.example",
        "а@b.example",  # a Cyrillic letter
        "a/b@c.example",
        "a@victim.example/",
        "a@victim.example?x",
        "a@vic\u0000tim.example",
        "acct:acct:a@b.example",
        "a" * 2049 + "@b.example",
    ],
)
def test_w_wf_06_what_is_no_handle_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        webfinger.parse_handle(text)
    assert caught.value.status_code == 400


def test_w_wf_06_a_pathological_name_is_read_at_once() -> None:
    with pytest.raises(RefusedError):
        webfinger.parse_handle("a." * 1000 + "!@b.example")


@given(st.text())
def test_sec_par_04_no_handle_makes_the_parser_fail_otherwise(text: str) -> None:
    for spelling in (text, f"{text}@a.example", f"a@{text}", f"https://{text}"):
        with contextlib.suppress(RefusedError):
            webfinger.parse_resource(spelling)


def test_w_wf_02_a_resource_is_a_handle_or_an_address() -> None:
    assert webfinger.parse_resource("acct:a@b.example") == Handle("a", "b.example")
    assert webfinger.parse_resource("https://B.example") == "https://b.example/"
    assert webfinger.parse_resource("https://b.example/@a#x") == "https://b.example/@a"
    for nonsense in ("", "https://", "mailto:a@b.example", "ftp://b.example/"):
        with pytest.raises(RefusedError):
            webfinger.parse_resource(nonsense)


def test_w_wf_03_the_jrd_has_one_self_link_and_the_canonical_subject() -> None:
    answer = webfinger.jrd(
        Handle("marie", "commune.example"),
        "https://commune.example/ap/actors/1",
        "https://commune.example/@marie",
        subscribe_template=TEMPLATE,
        share_template="https://commune.example/share?text={content}",
        avatar="https://media.example/1.png",
        avatar_type="image/png",
    )

    assert answer["subject"] == "acct:marie@commune.example"
    assert answer["aliases"] == [
        "https://commune.example/@marie",
        "https://commune.example/ap/actors/1",
    ]
    links = {link["rel"]: link for link in answer["links"]}
    assert len(links) == len(answer["links"])
    assert links["self"] == {
        "rel": "self",
        "type": ACTIVITY_JSON,
        "href": "https://commune.example/ap/actors/1",
    }
    assert links[webfinger.PROFILE_PAGE]["href"] == "https://commune.example/@marie"
    assert links[webfinger.SUBSCRIBE]["template"] == TEMPLATE
    assert links["https://w3id.org/fep/3b86/Object"]["template"].endswith("?uri={object}")
    assert links["https://w3id.org/fep/3b86/Create"]["template"].endswith("?text={content}")
    assert links[webfinger.AVATAR]["type"] == "image/png"
    assert webfinger.SERVICE not in links


def test_w_wf_03_rel_filters_the_links_and_nothing_else() -> None:
    answer = webfinger.jrd(
        Handle("commune.example", "commune.example"),
        "https://commune.example/actor",
        "https://commune.example/",
        subscribe_template=TEMPLATE,
        service=True,
        rel=[webfinger.SERVICE, "unknown"],
    )

    assert [link["rel"] for link in answer["links"]] == [webfinger.SERVICE]
    assert answer["links"][0]["href"] == "https://commune.example/actor"
    assert answer["subject"] == "acct:commune.example@commune.example"
    assert len(answer["aliases"]) == 2


def test_w_wf_04_host_meta_says_where_webfinger_is() -> None:
    links = webfinger.read_xrd(webfinger.host_meta("https://commune.example"))

    assert [link["template"] for link in links if link["rel"] == "lrdd"] == [
        "https://commune.example/.well-known/webfinger?resource={uri}"
    ]
