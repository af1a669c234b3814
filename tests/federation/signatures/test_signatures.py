"""What leaves: the exact headers peers expect; and the one look before everything else."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import FederationError
from federation.signatures import Message, claim, digest, key_id, sign, window
from tests.federation.signatures.messages import (
    BODY,
    KEY_ID,
    NOW,
    header,
    message,
    signer,
    with_headers,
)

LD_JSON = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


def test_w_sig_01_a_post_carries_just_these_headers() -> None:
    headers = sign(
        method="POST",
        url="https://b.example:8443/users/1/inbox",
        body=BODY,
        signer=signer(),
        scheme="cavage",
        now=NOW,
    )

    assert list(headers) == ["Host", "Date", "Digest", "Content-Type", "Signature"]
    assert headers["Host"] == "b.example:8443"
    assert headers["Date"] == "Tue, 01 Sep 2026 12:00:00 GMT"
    assert headers["Digest"] == digest.write_digest(BODY)
    assert headers["Content-Type"] == LD_JSON
    assert headers["Signature"].startswith(
        f'keyId="{KEY_ID}",algorithm="rsa-sha256",'
        'headers="(request-target) host date digest content-type",signature="'
    )


def test_w_sig_01_a_get_carries_just_these_headers() -> None:
    headers = sign(
        method="GET",
        url="https://b.example/users/1?page=1",
        body=None,
        signer=signer(),
        scheme="cavage",
        now=NOW,
    )

    assert list(headers) == ["Host", "Date", "Signature"]
    assert 'headers="(request-target) host date",signature="' in headers["Signature"]


def test_w_9421_04_rfc_9421_carries_just_these_headers() -> None:
    post, get = message("rfc9421"), message("rfc9421", method="GET")

    assert [name for name, _ in post.headers] == [
        *("Host", "Date", "Content-Digest", "Content-Type", "Signature-Input", "Signature")
    ]
    assert header(post, "Signature-Input") == (
        f'sig1=("@method" "@target-uri" "content-digest");created={int(NOW.timestamp())}'
        f';keyid="{KEY_ID}"'
    )
    assert [name for name, _ in get.headers] == ["Host", "Date", "Signature-Input", "Signature"]


@pytest.mark.parametrize("scheme", ["cavage", "rfc9421"])
def test_another_content_type_is_signed_as_it_is_sent(scheme: Any) -> None:
    headers = sign(
        method="POST",
        url="https://b.example/inbox",
        body=BODY,
        signer=signer(),
        scheme=scheme,
        now=NOW,
        content_type="application/activity+json",
    )
    sent = Message("POST", "/inbox", "b.example", "https", tuple(headers.items()), BODY)

    assert headers["Content-Type"] == "application/activity+json"
    claim(sent, NOW)


def test_w_sig_04_dates_are_written_in_gmt_whatever_the_zone() -> None:
    reunion = datetime(2026, 1, 9, 3, 4, 5, 999, tzinfo=timezone(timedelta(hours=4)))

    assert window.fixdate(reunion) == "Thu, 08 Jan 2026 23:04:05 GMT"
    assert window.from_fixdate("Thu, 08 Jan 2026 23:04:05 GMT") == datetime(
        2026, 1, 8, 23, 4, 5, tzinfo=UTC
    )


@given(st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
def test_w_sig_04_a_written_date_reads_as_the_same_second(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)

    assert window.from_fixdate(window.fixdate(aware)) == aware.replace(microsecond=0)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("Authorization", f'Signature keyId="{KEY_ID}"'),),
        (("Signature", "keyId"),),
        (("Signature", 'headers="date"'),),
        (("Signature-Input", "sig1"), ("Signature", f'keyId="{KEY_ID}"')),
        (("Signature-Input", 'a=();keyid="x", b=();keyid="y"'),),
        (("Signature-Input", "a=();keyid=token"),),
    ],
)
def test_there_may_be_no_key_id_to_read(headers: tuple[tuple[str, str], ...]) -> None:
    assert key_id(headers) is None


def test_the_key_id_seen_at_the_gate_is_the_one_that_is_claimed() -> None:
    for scheme in ("cavage", "rfc9421"):
        signed = message(scheme)
        assert key_id(signed.headers) == claim(signed, NOW).key_id == KEY_ID


# Fuzzing: whatever comes, only our own errors leave.

PIECES = st.sampled_from(
    [
        *('keyId="', KEY_ID, '"', ",", "=", " ", "\t", "\\", "(", ")", ";", ":", "@", "?1", "%"),
        *("headers=", "(request-target)", "(created)", "(expires)", "host", "date", "digest"),
        *("algorithm=", "hs2019", "rsa-sha256", "signature=", "AAAA", "created=", "expires="),
        *('"@method"', '"@target-uri"', '"content-digest"', "sig1=", ";created=", ";keyid="),
        *("1788264000", "-1", "99999999999999999999", "1.5", "\x00", "é", "\ud800", "\n", "🜁"),
    ]
)
VALUES = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60)
NAMES = st.sampled_from(
    [
        *("Signature", "signature-input", "Signature-Input", "SIGNATURE", "Host", "Date"),
        *("Digest", "Content-Digest", "content-type", "x"),
    ]
)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(NAMES, VALUES), max_size=8),
    st.sampled_from(["GET", "POST", "", "\u0130"]) | st.text(max_size=8),
    st.text(max_size=20).map(lambda text: "/" + text) | st.text(max_size=10),
    st.none() | st.binary(max_size=20),
)
def test_sec_sig_07_only_our_own_errors_leave_for_any_request(
    headers: list[tuple[str, str]], method: str, target: str, body: bytes | None
) -> None:
    hostile = Message(method, target, "b.example", "https", tuple(headers), body)

    key_id(hostile.headers)
    with pytest.raises(FederationError) as error:
        claim(hostile, NOW)
    assert error.value.status_code in (400, 401)


@settings(max_examples=300)
@given(
    st.sampled_from(["cavage", "rfc9421"]),
    st.sampled_from(["Signature", "Signature-Input", "Host", "Date", "Digest", "Content-Digest"]),
    st.integers(0, 400),
    st.integers(0, 40),
    VALUES,
)
def test_sec_sig_07_only_our_own_errors_leave_for_a_damaged_signature(
    scheme: Any, name: str, start: int, length: int, piece: str
) -> None:
    signed = message(scheme)
    value = dict(signed.headers).get(name, "")
    damaged = value[:start] + piece + value[start + length :]

    key_id(with_headers(signed, {name: damaged}).headers)
    with contextlib.suppress(FederationError):
        claim(with_headers(signed, {name: damaged}), NOW)


@given(VALUES)
def test_sec_sig_07_only_our_own_errors_leave_for_any_digest(value: str) -> None:
    for check in (digest.check_digest, digest.check_content_digest):
        with pytest.raises(FederationError):
            check(value, BODY)
