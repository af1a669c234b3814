"""What an IRI may be: every spelling that leads inside is refused, before any request."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from federation import iris
from federation.errors import RefusedError
from federation.iris import PUBLIC_WEB, Origin, Reach

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "ssrf_addresses.json").read_text("utf-8")
)
DEVELOPMENT = Reach(development=True)


@pytest.mark.parametrize("host", VECTORS["refuse_host_spellings"])
def test_sec_net_06_a_host_that_is_no_public_name_is_refused(host: str) -> None:
    with pytest.raises(RefusedError):
        iris.check(f"https://{host}/path")


@pytest.mark.parametrize("host", VECTORS["refuse_host_spellings"])
def test_sec_net_06_such_a_host_is_refused_at_the_end_of_an_address_too(host: str) -> None:
    with pytest.raises(RefusedError):
        iris.check(f"https://{host}")


@pytest.mark.parametrize("address", VECTORS["deny"] + VECTORS["allow"])
def test_sec_net_06_a_bare_address_is_refused_whatever_it_is(address: str) -> None:
    host = f"[{address}]" if ":" in address else address

    with pytest.raises(RefusedError):
        iris.check(f"https://{host}/")


@pytest.mark.parametrize(
    "iri",
    [
        "http://a.example/",
        "ftp://a.example/",
        "data:application/json,{}",
        "javascript:alert(1)",
        "//a.example/",
        "/path",
        "https:a.example",
        "https:///path",
        "https://a.example:22/",
        "https://a.example:8443/",
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://a.example:/",
        "https://a.example:4x3/",
        "https://user@a.example/",
        "https://a.example\\@evil.test/",
        "https://a.example/a b",
        "https://a.example/\u00a0",
        "https://a.example/\r\nX: y",
        "https://a.example/\x00",
        "https://a.example/\x7f",
        "https://a.example/\u202e",
        "https://a.example/\ud800",
        "https://a.example/x/../y",
        "https://a.example/x/%2e%2E/y",
        "https://a.example?@evil.test",
        "https://a_b.example/",
        "https://xn--a.example/",
        "https://％６１.example/",
        f"https://{'a' * 64}.example/",
        f"https://{'a.' * 130}example/",
        f"https://a.example/{'a' * 2048}",
        "",
    ],
)
def test_sec_net_06_an_address_of_another_kind_is_refused(iri: str) -> None:
    with pytest.raises(RefusedError):
        iris.check(iri)


@pytest.mark.parametrize("value", [None, 1, ["https://a.example/"], {"id": "https://a.example/"}])
def test_sec_ori_02_an_address_that_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(RefusedError):
        iris.check(value)  # type: ignore[arg-type]  # what a careless caller might pass
    assert not iris.same_origin(value, value)  # type: ignore[arg-type]  # the same


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("https://A.Example", "https://a.example/"),
        ("HTTPS://a.example:443/x", "https://a.example/x"),
        ("https://a.example./x", "https://a.example/x"),
        ("https://café.example/é", "https://xn--caf-dma.example/%C3%A9"),
        ("https://ⅴictim.example/", "https://victim.example/"),
        (
            "https://a.example/x?y=a/b&c[]=é#main-key",
            "https://a.example/x?y=a/b&c%5B%5D=%C3%A9#main-key",
        ),
        ("https://a.example/x?", "https://a.example/x"),
        ("https://a.example/%E9%2F", "https://a.example/%E9%2F"),
    ],
)
def test_sec_net_06_an_address_is_normalised_before_it_is_checked(iri: str, expected: str) -> None:
    assert iris.check(iri) == expected
    assert iris.check(expected) == expected


def test_sec_net_06_high_ports_are_asked_only_when_that_was_chosen() -> None:
    with pytest.raises(RefusedError):
        iris.check("https://a.example:8443/")

    high = Reach(high_ports=True)
    assert iris.check("https://a.example:8443/", high) == "https://a.example:8443/"
    with pytest.raises(RefusedError):
        iris.check("https://a.example:1023/", high)
    with pytest.raises(RefusedError):
        iris.check("http://a.example/", high)


@pytest.mark.parametrize(
    "iri",
    [
        "http://localhost:3000/",
        "http://saint-leu.localhost:8001/x",
        "http://127.0.0.1:8001/",
        "http://[::1]:8001/",
        "https://a.example/",
    ],
)
def test_sec_net_06_development_reaches_this_machine(iri: str) -> None:
    assert iris.check(iri, DEVELOPMENT) == iri
    if iri != "https://a.example/":
        with pytest.raises(RefusedError):
            iris.check(iri, PUBLIC_WEB)


@pytest.mark.parametrize(
    "iri",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://[fe80::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://127.1/",
        "http://2130706433/",
        "http://db.internal/",
        "http://intranet/",
        "ftp://localhost/",
    ],
)
def test_sec_net_06_development_reaches_nothing_else_inside(iri: str) -> None:
    with pytest.raises(RefusedError):
        iris.check(iri, DEVELOPMENT)


def test_w_ori_01_an_origin_is_scheme_host_and_port() -> None:
    assert iris.origin("https://A.example/x") == Origin("https", "a.example", 443)
    assert iris.same_origin("https://a.example/x", "https://A.EXAMPLE:443/y#z")
    assert not iris.same_origin("https://a.example/", "http://a.example/")
    assert not iris.same_origin("https://a.example/", "https://b.a.example/")
    assert not iris.same_origin("https://a.example/", "https://a.example:8443/")
    assert not iris.same_origin("nonsense", "nonsense")


def test_w_ori_01_an_authority_has_a_port_only_when_it_is_unusual() -> None:
    assert iris.authority("https://A.example:443/") == "a.example"
    assert iris.authority("http://localhost:3000/x") == "localhost:3000"
    assert iris.authority("http://[::1]:3000/x") == "[::1]:3000"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("VICTIM.example", "victim.example"),
        ("victim.example.", "victim.example"),
        ("ⅴictim.example", "victim.example"),
        ("Ｖictim。example", "victim.example"),
        ("café.example", "xn--caf-dma.example"),
        ("localhost:3000", "localhost:3000"),
        ("a.example:443", "a.example"),
    ],
)
def test_sec_ori_09_a_domain_has_one_spelling(text: str, expected: str) -> None:
    assert iris.domain(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "victim.example/",
        "/victim.example",
        "victim.example?",
        "victim.example#",
        "victim.example\\",
        "a@victim.example",
        "victim.example%2f",
        "victim.example／",
        "℀.example",
        "victim.example ",
        "victim..example",
        "",
        ".",
        "https://victim.example",
    ],
)
def test_sec_ori_09_what_only_looks_like_a_domain_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        iris.domain(text)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a.b.example.org", "example.org"),
        ("example.org", "example.org"),
        ("mairie.saint-leu.gouv.fr", "saint-leu.gouv.fr"),
        ("gouv.fr", "gouv.fr"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("saint-leu.localhost:8001", "saint-leu.localhost"),
    ],
)
def test_sec_dos_03_a_budget_is_counted_on_what_somebody_registered(
    host: str, expected: str
) -> None:
    assert iris.registrable(host) == expected


@given(st.text() | st.text("aZé1.:/?#[]@!$&'()*+,;=~-_%2F\\\"<>^`{|}"))
def test_sec_par_04_no_text_makes_the_parser_fail_otherwise(text: str) -> None:
    for iri in (text, f"https://{text}/", f"https://a.example/{text}"):
        try:
            normalised = iris.check(iri)
        except RefusedError:
            continue
        assert normalised.isascii()
        assert iris.check(normalised) == normalised
        # What is signed is what stands on the request line, and what was checked is dialled.
        url = URL(iris.without_fragment(normalised), encoded=True)
        assert url.raw_path_qs == iris.target(normalised)
        assert (url.scheme, url.raw_host, url.port) == iris.origin(normalised)
        assert urlsplit(normalised).hostname == url.raw_host
