"""The vectors of the specifications and of other software for signed requests and keys."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from federation import keys
from federation.errors import RefusedError
from federation.keys import PublicKey
from federation.proofs import canonical
from federation.signatures import Message, cavage, claim, digest, verify
from federation.signatures.message import fields
from tests.vectors.files import key_named, rsa_private, vectors

CAVAGE = vectors()["cavage12_appendix_c"]
MASTODON = vectors()["mastodon_fixtures"]
RFC9421 = vectors()["rfc9421_appendix_b"]
LEMMY = vectors()["lemmy_golden"]
JCS = {name: case for name, case in vectors()["jcs"].items() if name != "numbers_ieee_hex"}

NOW = datetime(2023, 12, 20, 10, tzinfo=UTC)


# V-JCS


@pytest.mark.parametrize("name", JCS)
def test_w_oip_02_canonical_json_is_that_of_rfc_8785(name: str) -> None:
    written = canonical.jcs(json.loads(JCS[name]["input"]))

    assert written.decode() == JCS[name]["output"]
    assert hashlib.sha256(written).hexdigest() == JCS[name]["sha256"]


@pytest.mark.parametrize(("bits", "text"), vectors()["jcs"]["numbers_ieee_hex"].items())
def test_w_oip_02_numbers_are_written_as_ecmascript_does(bits: str, text: str) -> None:
    number = struct.unpack(">d", bytes.fromhex(bits.zfill(16)))[0]

    assert canonical.jcs(number).decode() == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {1: 2}, object()])
def test_w_oip_02_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(RefusedError):
        canonical.jcs({"value": value})


# V-CAV


def appendix_c(case: str) -> Message:
    listed = " ".join(CAVAGE["cases"][case]["headers"])
    value = (
        f'keyId="https://a.example/Test",algorithm="rsa-sha256",headers="{listed}",'
        f'signature="{CAVAGE["cases"][case]["signature"]}"'
    )
    headers = (*CAVAGE["headers"].items(), ("signature", value))
    return Message(
        "POST", CAVAGE["target"], "example.com", "https", headers, CAVAGE["body"].encode()
    )


@pytest.mark.parametrize("case", CAVAGE["cases"])
def test_w_sig_11_the_signing_strings_of_the_draft_are_ours(case: str) -> None:
    message = appendix_c(case)
    vector = CAVAGE["cases"][case]
    text = cavage.base(
        "POST", message.target, tuple(vector["headers"]), fields(message.headers), {}
    )
    public = keys.from_pem(CAVAGE["public_key_pem"])

    assert text.decode() == vector["signing_string"]
    assert keys.made(public, base64.b64decode(vector["signature"]), text)
    assert not keys.made(public, base64.b64decode(vector["signature"]), text + b" ")
    made = keys.sign_rsa(rsa_private(CAVAGE["private_key_pem"]), text)
    assert base64.b64encode(made).decode() == vector["signature"]


@pytest.mark.parametrize("case", ["C.1 default (date only)", "C.2 basic"])
def test_w_sig_06_signatures_of_the_draft_that_cover_too_little_are_refused(case: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        claim(appendix_c(case), datetime(2014, 1, 5, 21, 32, tzinfo=UTC))
    assert refusal.value.status_code == 401


def test_sec_sig_06_the_1024_bit_key_of_the_draft_is_refused() -> None:
    claimed = claim(appendix_c("C.3 all headers"), datetime(2014, 1, 5, 21, 32, tzinfo=UTC))
    key = key_named(claimed.key_id, keys.from_pem(CAVAGE["public_key_pem"]))

    assert keys.made(key.key, claimed.signature, claimed.bases[0])
    with pytest.raises(RefusedError) as refusal:
        verify(claimed, key)
    assert refusal.value.status_code == 401


# V-MASTO


def mastodon_cavage(case: str, *, body: bytes = b"Hello world", **changed: str | None) -> Message:
    vector = MASTODON["cavage"][case]
    method, target = vector["request_target"].split(" ")
    headers: dict[str, str | None] = {
        "Host": MASTODON["host"],
        "Date": "Wed, 20 Dec 2023 10:00:00 GMT",
        **vector["extra"],
        "Signature": f'keyId="{MASTODON["keyid"]}",algorithm="rsa-sha256",'
        f'headers="{" ".join(vector["headers"])}",signature="{vector["signature"]}"',
        **changed,
    }
    kept = tuple((name, value) for name, value in headers.items() if value is not None)
    sent = body if method == "post" else None
    return Message(method.upper(), target, MASTODON["host"], "https", kept, sent)


def mastodon_rfc9421(case: str, *, body: bytes = b"Hello world") -> Message:
    vector = MASTODON["rfc9421"][case]
    lines = dict(line.split(": ", 1) for line in vector["signature_base"].split("\n"))
    uri = lines['"@target-uri"']
    headers = [
        ("Host", MASTODON["host"]),
        ("Signature-Input", vector["signature_input"]),
        ("Signature", vector["signature"]),
    ]
    if '"content-digest"' in lines:
        headers.append(("Content-Digest", lines['"content-digest"']))
    target = uri.removeprefix(f"https://{MASTODON['host']}")
    method = lines['"@method"']
    sent = body if method == "POST" else None
    return Message(method, target, MASTODON["host"], "https", tuple(headers), sent)


def mastodon_key() -> PublicKey:
    return key_named(MASTODON["keyid"], keys.from_pem(MASTODON["public_key_pem"]))


@pytest.mark.parametrize("case", ["GET /activitypub/success", "GET with query", "POST with digest"])
def test_w_sig_06_what_mastodon_signs_with_cavage_is_accepted(case: str) -> None:
    claimed = claim(mastodon_cavage(case), NOW)

    assert claimed.key_id == MASTODON["keyid"]
    assert claimed.bases[0].decode() == MASTODON["cavage"][case]["signing_string"]
    verify(claimed, mastodon_key())


def test_w_sig_06_a_post_whose_digest_is_not_signed_is_refused() -> None:
    right = digest.write_digest(b"Hello world")

    with pytest.raises(RefusedError) as refusal:
        claim(mastodon_cavage("POST digest not signed (must fail)", Digest=right), NOW)
    assert refusal.value.status_code == 401


@pytest.mark.parametrize("case", ["GET", "GET query", "POST"])
def test_w_9421_01_what_mastodon_signs_with_rfc_9421_is_accepted(case: str) -> None:
    claimed = claim(mastodon_rfc9421(case), NOW)

    assert claimed.bases[0].decode() == MASTODON["rfc9421"][case]["signature_base"]
    verify(claimed, mastodon_key())


def test_w_9421_01_what_mastodon_signs_with_ed25519_is_accepted() -> None:
    private = serialization.load_pem_private_key(MASTODON["ed25519_private_key_pem"].encode(), None)
    assert isinstance(private, Ed25519PrivateKey)
    claimed = claim(mastodon_rfc9421("GET ed25519 (4.7)"), NOW)

    verify(claimed, key_named(MASTODON["keyid"], private.public_key()))
    with pytest.raises(RefusedError):
        verify(claimed, mastodon_key())


def test_sec_sig_04_the_signature_of_two_days_ago_is_refused_and_was_right_then() -> None:
    message = mastodon_rfc9421("GET created 2 days ago (must fail: time window)")

    with pytest.raises(RefusedError) as refusal:
        claim(message, NOW)

    assert refusal.value.status_code == 401
    verify(claim(message, NOW - timedelta(days=2)), mastodon_key())


@pytest.mark.parametrize(
    "message",
    [
        mastodon_cavage("POST with digest", Date="Wed, 20 Dec 2023 08:00:00 GMT"),
        mastodon_cavage("POST with digest", Signature=None),
        mastodon_cavage("POST with digest", digest=None),
        mastodon_cavage("POST with digest", digest="SHA-512=" + "A" * 86 + "=="),
        mastodon_cavage("POST with digest", body=b"Hello worle"),
        mastodon_rfc9421("POST", body=b"Hello worle"),
    ],
    ids=["too old", "unsigned", "no digest", "SHA-512 only", "cavage body", "9421 body"],
)
def test_sec_sig_01_mastodons_refusals_are_ours(message: Message) -> None:
    with pytest.raises(RefusedError) as refusal:
        claim(message, NOW)
    assert refusal.value.status_code == 401


@pytest.mark.parametrize("message", [mastodon_cavage("POST with digest"), mastodon_rfc9421("POST")])
def test_w_key_02_the_key_of_somebody_else_verifies_nothing(message: Message) -> None:
    other = rsa_private(RFC9421["keys"]["test-key-rsa"]).public_key()

    with pytest.raises(RefusedError):
        verify(claim(message, NOW), key_named(MASTODON["keyid"], other))
    with pytest.raises(RefusedError):
        verify(claim(message, NOW), key_named("https://a.example/b#main-key", mastodon_key().key))


@pytest.mark.parametrize(
    ("apart", "around"), [(", ", "="), (" ,\t", " = "), (",", "= "), (",  ", "\t=")]
)
def test_sec_sig_07_odd_spacing_between_parameters_is_read(apart: str, around: str) -> None:
    plain = dict(mastodon_cavage("POST with digest").headers)["Signature"]
    pairs = [part.split("=", 1) for part in plain.split(",")]
    odd = apart.join(around.join(pair) for pair in pairs)

    verify(claim(mastodon_cavage("POST with digest", Signature=odd), NOW), mastodon_key())


# V-LEMMY


def test_w_sig_10_what_lemmy_signs_as_hs2019_is_accepted() -> None:
    private = rsa_private(LEMMY["private_key_pem"])
    method, target = LEMMY["values"]["(request-target)"].split(" ")
    value = (
        f'keyId="{LEMMY["keyid"]}",algorithm="hs2019",headers="{" ".join(LEMMY["headers"])}",'
        f'signature="{LEMMY["signature"]}"'
    )
    headers = (
        *((name, text) for name, text in LEMMY["values"].items() if name[0] != "("),
        ("signature", value),
    )
    message = Message(
        method.upper(), target, "example.com", "https", headers, LEMMY["body"].encode()
    )

    claimed = claim(message, datetime(2023, 3, 28, 21, 4, tzinfo=UTC))

    assert claimed.bases[0].decode() == LEMMY["signing_string"]
    verify(claimed, key_named(LEMMY["keyid"], private.public_key()))


# V-521A


def test_w_521a_01_multikeys_are_read_and_written() -> None:
    vector = vectors()["fep_521a"]
    ed25519, rsa = (entry["publicKeyMultibase"] for entry in vector["multikeys"])

    curve, number = keys.from_multibase(ed25519), keys.from_multibase(rsa)

    assert isinstance(curve, Ed25519PublicKey)
    assert keys.public_raw(curve).hex() == vector["ed25519_hex"]
    assert isinstance(number, RSAPublicKey)
    pkcs1 = number.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    assert pkcs1.hex() == vector["rsa_pkcs1_der_hex"]
    assert [keys.to_multibase(curve), keys.to_multibase(number)] == [ed25519, rsa]
    document = {"id": "https://server.example/users/alice", "assertionMethod": vector["multikeys"]}
    assert [key.algorithm for key in keys.keys_of(document)] == ["ed25519", "rsa"]
