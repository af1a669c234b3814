"""Everything else that strangers send: headers, JRD, XRD, NodeInfo, handles, languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fedcommune import i18n
from fedcommune.fediverse.negotiation import wants_document
from fedcommune.proxies import client_of, networks, rate_key
from federation import nodeinfo, webfinger
from federation.errors import RefusedError
from federation.network import answers

unhurried = settings(deadline=None)
NOW = datetime(2026, 9, 1, tzinfo=UTC)

headers = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(
            ["text/html", "application/activity+json", "*/*", ";q=", "0", "nan", "1e999", ",", ";",
             'profile="', "\\", '"', " ", "\t", "application/ld+json", "fr", "en-GB", "-",
             "x" * 500]
        ),
        max_size=20,
    ).map("".join),
)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["subject", "links", "rel", "href", "type", "version", "software", "name", "usage",
                 "users", "total", "metadata", "nodeName", "openRegistrations", "protocols"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)  # fmt: skip


@unhurried
@given(headers)
@example("application/activity+json;q=1e999")
@example(";" * 10_000)
def test_sec_par_04_any_accept_header_is_answered_with_a_page_or_a_document(header: str) -> None:
    assert wants_document(header) in (True, False)
    assert i18n.negotiate(header) in i18n.languages()


@unhurried
@given(headers)
def test_sec_net_09_any_content_type_is_one_or_none(header: str) -> None:
    essence, parameters = answers.media_type(header)

    assert essence == essence.lower()
    assert essence or not parameters
    assert answers.is_as2(header) in (True, False)


@unhurried
@given(headers | st.integers().map(str) | st.floats().map(str))
@example("9" * 5_000)
@example("Tue, 31 Feb 2026 99:99:99 GMT")
def test_w_del_02_any_retry_after_is_at_most_a_day(header: str) -> None:
    seconds = answers.retry_after({"Retry-After": header}, NOW)

    assert seconds is None or 0 <= seconds <= 86_400


@unhurried
@given(st.dictionaries(st.sampled_from(["software", "version", "usage", "metadata"]), values))
def test_w_ni_02_any_nodeinfo_is_read_or_refused(answer: dict[str, Any]) -> None:
    try:
        found = nodeinfo.read(answer)
    except RefusedError:
        return
    assert isinstance(found.software, str)


@unhurried
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode()))
@example(b'<!DOCTYPE x [<!ENTITY a "b">]><XRD>&a;</XRD>')
@example(b"<XRD>" * 10_000)
def test_sec_par_06_any_xrd_is_read_or_refused(body: bytes) -> None:
    try:
        found = webfinger.read_xrd(body)
    except RefusedError:
        return
    assert all(isinstance(link, dict) for link in found)


@unhurried
@given(st.text(max_size=60))
@example("acct:@@")
@example("https://[::1")
@example("@a@" + "b." * 300)
def test_w_wf_02_any_resource_is_read_or_refused(text: str) -> None:
    for read in (webfinger.parse_resource, webfinger.parse_handle):
        try:
            assert read(text)
        except RefusedError:
            continue


@unhurried
@given(st.text(max_size=40), headers)
def test_sec_dos_12_any_forwarded_for_gives_some_address(peer: str, header: str) -> None:
    trusted = networks(["127.0.0.0/8", "::1"])

    assert client_of("203.0.113.9", header, trusted) == "203.0.113.9"
    assert isinstance(rate_key(client_of(peer, header, trusted)), str)
