"""Digests of bodies, as peers write them and as attackers would."""

from __future__ import annotations

import base64
import hashlib

import pytest

from federation.errors import RefusedError
from federation.signatures import digest

BODY = b'{"type":"Follow"}'
RIGHT = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
LONG = base64.b64encode(hashlib.sha512(BODY).digest()).decode()
OTHER = base64.b64encode(hashlib.sha256(b"other").digest()).decode()


@pytest.mark.parametrize(
    "value",
    [
        f"SHA-256={RIGHT}",
        f"sha-256={RIGHT}",
        f"SHA-512={LONG},SHA-256={RIGHT}",
        f"unixsum=30637 , Sha-256={RIGHT}, x=%%%",
    ],
)
def test_w_sig_08_a_right_digest_is_accepted_among_others(value: str) -> None:
    digest.check_digest(value, BODY)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (f"SHA-256={OTHER}", 401),
        ("", 400),
        ("SHA-256", 400),
        ("MD5=AAAA", 401),
        (f"SHA-512={LONG}", 401),
        (f"SHA-256={RIGHT},SHA-256={OTHER}", 400),
        (f"SHA-256={OTHER},SHA-256={RIGHT}", 400),
        (f"SHA-256={RIGHT[:-4]}", 400),
        (f"SHA-256={RIGHT[:-1]}", 400),
        (f"SHA-256={RIGHT}=", 400),
        (f"SHA-256= {RIGHT[:10]} {RIGHT[10:]}", 400),
        ("SHA-256=é", 400),
        ("SHA-256=", 400),
        (f"SHA-256={LONG}", 400),
    ],
)
def test_sec_sig_02_another_digest_is_refused(value: str, status: int) -> None:
    with pytest.raises(RefusedError) as refusal:
        digest.check_digest(value, BODY)
    assert refusal.value.status_code == status


def test_sec_sig_02_one_byte_of_the_body_is_enough() -> None:
    for body in (BODY + b" ", BODY[:-1], b"", BODY.replace(b"F", b"f")):
        with pytest.raises(RefusedError):
            digest.check_digest(digest.write_digest(BODY), body)
        with pytest.raises(RefusedError):
            digest.check_content_digest(digest.write_content_digest(BODY), body)


def test_w_sig_03_the_digest_is_written_as_peers_compare_it() -> None:
    assert digest.write_digest(BODY) == f"SHA-256={RIGHT}"
    assert digest.write_content_digest(BODY) == f"sha-256=:{RIGHT}:"


@pytest.mark.parametrize("value", [f"sha-256=:{RIGHT}:", f"md5=:AAAA:, sha-256=:{RIGHT}:;x=1"])
def test_w_9421_01_a_right_content_digest_is_accepted(value: str) -> None:
    digest.check_content_digest(value, BODY)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (f"sha-256=:{OTHER}:", 401),
        (f"sha-512=:{LONG}:", 401),
        (f"sha-256=:{RIGHT}:, sha-512=:{OTHER}:", 401),
        (f"SHA-256=:{RIGHT}:", 400),
        (f"sha-256={RIGHT}", 400),
        (f"sha-256=:{RIGHT}:, sha-256=:{RIGHT}:", 400),
        ("sha-256=:AAAA:", 401),
        ("", 401),
    ],
)
def test_w_9421_01_another_content_digest_is_refused(value: str, status: int) -> None:
    with pytest.raises(RefusedError) as refusal:
        digest.check_content_digest(value, BODY)
    assert refusal.value.status_code == status
