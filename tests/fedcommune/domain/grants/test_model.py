"""Scopes and their reach, redirect addresses, PKCE."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcommune.domain.grants import model
from fedcommune.domain.grants.model import ALL, WIDE, Scopes
from fedcommune.errors import Invalid

NAMES = st.lists(st.sampled_from(ALL), max_size=8)
# Appendix B of RFC 7636.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_sec_aut_06_a_wide_scope_covers_what_it_stands_for_and_nothing_else() -> None:
    assert Scopes.parse("read").covers("read:statuses")
    assert not Scopes.parse("read").covers("write:statuses")
    assert not Scopes.parse("read").covers("profile")
    assert not Scopes.parse("write").covers("admin:write")
    assert not Scopes.parse("write").covers("read:statuses")
    assert not Scopes.parse("read:statuses").covers("read")
    assert Scopes.parse("follow").covers("write:blocks")
    assert Scopes.parse("follow").covers("read:mutes")
    assert not Scopes.parse("follow").covers("read:statuses")
    assert Scopes.parse("admin:read").covers("admin:read:reports")
    assert not Scopes.parse("admin:read").covers("admin:write:reports")


def test_scopes_are_written_in_one_order_each_once() -> None:
    scopes = Scopes.parse("  push write:media read push\tread ")

    assert str(scopes) == "read write:media push"
    assert scopes == Scopes(["push", "write:media", "read"])
    assert len({scopes, Scopes.parse("read push write:media")}) == 1


@pytest.mark.parametrize("text", ["all", "read write:", "READ", "admin", "read,write"])
def test_an_unknown_scope_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Scopes.parse(text)


@given(NAMES, NAMES)
def test_sec_aut_06_covering_is_having_every_part(some: list[str], other: list[str]) -> None:
    one, two = Scopes(some), Scopes(other)

    parts = {part for name in two for part in (name, *WIDE.get(name, ()))}
    covered = {part for name in one for part in (name, *WIDE.get(name, ()))}
    if one.covers_all(two):
        assert parts <= covered
    assert one.covers_all(one)
    assert not one.without_administration().administer


def test_sec_aut_05_the_challenge_is_the_one_of_the_rfc() -> None:
    assert model.s256(VERIFIER) == CHALLENGE
    assert model.answers(VERIFIER, CHALLENGE)
    assert model.answers(None, None)
    assert not model.answers(VERIFIER, None)
    assert not model.answers(None, CHALLENGE)
    assert not model.answers("", CHALLENGE)
    assert not model.answers(CHALLENGE, CHALLENGE)


def test_sec_aut_05_plain_is_refused() -> None:
    assert model.check_challenge(CHALLENGE, "S256") == CHALLENGE
    assert model.check_challenge(None, None) is None
    for challenge, method in ((CHALLENGE, "plain"), (CHALLENGE, None), ("x", "S256"), ("", "S256")):
        with pytest.raises(Invalid):
            model.check_challenge(challenge, method)


@pytest.mark.parametrize(
    "address",
    [
        "https://app.example/back?x=1",
        "https://app.example:8443/",
        "http://localhost:3000/",
        "http://127.0.0.1/",
        "icecubesapp://",
        "oauth2redirect://com.keylesspalace.tusky/",
        "com.example.app:/oauth",
        model.OUT_OF_BAND,
    ],
)
def test_what_apps_register_is_legal(address: str) -> None:
    model.check_redirect(address)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JAVASCRIPT://x/%0aalert(1)",
        "data:text/html,x",
        "blob:https://x/1",
        "mailto:x@y.example",
        "urn:example:x",
        "https://",
        "https:///back",
        "https:/app.example",
        "https://a@app.example/",
        "https://app.example/#x",
        "https://app.example/*",
        "https://app.example/\n",
        "https://app.example/é",
        "https://app.example/<script>",
        " https://app.example/",
        "app.example",
        "1app://x",
        "https://app.example/" + "x" * 2000,
    ],
)
def test_sec_aut_05_what_would_send_people_astray_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        model.check_redirect(address)


@given(st.text())
def test_a_secret_of_any_text_has_a_digest(text: str) -> None:
    assert len(model.hashed(text)) == 32


def test_sec_aut_07_secrets_have_256_bits() -> None:
    made = {model.fresh() for _ in range(100)}

    assert len(made) == 100
    assert {len(each) for each in made} == {43}
