"""The vectors of RFC 9421, and the golden signature of our own profile of it."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from federation import keys
from federation.errors import RefusedError
from federation.keys import Signer
from federation.signatures import Message, claim, digest, fieldvalues, rfc9421, sign, verify
from federation.signatures.message import fields
from tests.vectors.files import key_named, rsa_private, vectors

RFC9421 = vectors()["rfc9421_appendix_b"]


# V-9421


def appendix_b(case: str) -> tuple[Message, list[Any], dict[str, Any], str]:
    vector = RFC9421["cases"][case]
    given = vector["signature_base"].rpartition('"@signature-params": ')[2]
    request = RFC9421["test_request"]
    message = Message(
        "POST",
        request["target"],
        "example.com",
        "https",
        tuple(request["headers"].items()),
        request["body"].encode(),
    )
    if case == "b4-transform":
        # The request of B.4 before a proxy touched it; accept is the only header signed.
        headers = (("accept", "application/json, */*"),)
        message = Message("GET", "/demo?name1=Value1", "example.org", "https", headers, None)
    items, parameters = fieldvalues.dictionary(f"sig={given}")["sig"]
    return message, items, parameters, given


@pytest.mark.parametrize("case", ["b21", "b23", "b25", "b26", "b4-transform"])
def test_w_9421_01_the_signature_bases_of_the_rfc_are_ours(case: str) -> None:
    message, items, parameters, given = appendix_b(case)
    covered = rfc9421.components(items)

    assert fieldvalues.written(items, parameters) == given
    text = rfc9421.base(message, fields(message.headers), covered, given)
    assert text.decode() == RFC9421["cases"][case]["signature_base"]


@pytest.mark.parametrize("case", ["b26", "b4-transform"])
def test_w_9421_01_the_ed25519_signatures_of_the_rfc_verify(case: str) -> None:
    vector = RFC9421["cases"][case]
    public = keys.from_pem(RFC9421["keys"]["test-key-ed25519(pub)"])
    private = serialization.load_pem_private_key(
        RFC9421["keys"]["test-key-ed25519(priv)"].encode(), None
    )
    assert isinstance(private, Ed25519PrivateKey)

    text = vector["signature_base"].encode()
    assert keys.made(public, base64.b64decode(vector["signature_b64"]), text)
    assert base64.b64encode(private.sign(text)).decode() == vector["signature_b64"]
    assert not keys.made(public, base64.b64decode(vector["signature_b64"]), text + b"\n")


def test_w_9421_01_the_other_signatures_of_the_rfc_are_over_the_same_bases() -> None:
    cases, material = RFC9421["cases"], RFC9421["keys"]
    pss = serialization.load_pem_public_key(material["test-key-rsa-pss(pub)"].encode())
    curve = serialization.load_pem_public_key(material["test-key-ecc-p256(pub)"].encode())
    assert isinstance(pss, RSAPublicKey)
    assert isinstance(curve, ec.EllipticCurvePublicKey)

    for case in ("b21", "b22", "b23"):
        pss.verify(
            base64.b64decode(cases[case]["signature_b64"]),
            cases[case]["signature_base"].encode(),
            padding.PSS(padding.MGF1(hashes.SHA512()), 64),
            hashes.SHA512(),
        )
    raw = base64.b64decode(cases["b24"]["signature_b64"])
    pair = utils.encode_dss_signature(
        int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    )
    curve.verify(pair, cases["b24"]["signature_base"].encode(), ec.ECDSA(hashes.SHA256()))
    secret = base64.b64decode(material["test-shared-secret(b64)"])
    code = hmac.digest(secret, cases["b25"]["signature_base"].encode(), "sha256")
    assert base64.b64encode(code).decode() == cases["b25"]["signature_b64"]


@pytest.mark.parametrize("case", ["b22", "b24"])
def test_sec_sig_08_components_beyond_the_profile_are_refused(case: str) -> None:
    message, items, _, given = appendix_b(case)

    def build() -> bytes:
        return rfc9421.base(message, fields(message.headers), rfc9421.components(items), given)

    with pytest.raises(RefusedError):
        build()


@pytest.mark.parametrize("case", [case for case in RFC9421["cases"] if case != "b4-transform"])
def test_w_9421_01_no_signature_of_the_rfc_covers_what_we_need(case: str) -> None:
    message = appendix_b(case)[0]
    vector = RFC9421["cases"][case]
    label = vector["signature_input"].partition("=")[0]
    signed = (
        *message.headers,
        ("signature-input", vector["signature_input"]),
        ("signature", f"{label}=:{vector['signature_b64']}:"),
    )
    message = Message("POST", message.target, "example.com", "https", signed, message.body)

    with pytest.raises(RefusedError) as refusal:
        claim(message, datetime.fromtimestamp(1618884473, UTC))
    assert refusal.value.status_code == 401


def test_w_9421_01_the_digests_of_the_rfc_match_their_bodies() -> None:
    for part in ("test_request", "test_response"):
        value = RFC9421[part]["headers"]["content-digest"]
        body = RFC9421[part]["body"].encode()

        digest.check_content_digest(value, body, required="sha-512")
        with pytest.raises(RefusedError):
            digest.check_content_digest(value, body + b" ", required="sha-512")
        with pytest.raises(RefusedError):
            digest.check_content_digest(value, body)


# V-OWN


def test_w_9421_04_our_own_signature_is_the_golden_one() -> None:
    golden = vectors()["own_golden_rfc9421_fediverse_profile"]
    private = rsa_private(RFC9421["keys"]["test-key-rsa"])
    signer = Signer(
        "https://sender.example/users/a", "https://sender.example/users/a#main-key", private
    )
    now = datetime.fromtimestamp(1618884473, UTC)

    headers = sign(
        method="POST",
        url="https://example.com/inbox",
        body=golden["body"].encode(),
        signer=signer,
        scheme="rfc9421",
        now=now,
    )

    assert headers["Signature-Input"] == golden["signature_input"]
    assert headers["Signature"] == golden["signature"]
    message = Message(
        "POST", "/inbox", "example.com", "https", tuple(headers.items()), golden["body"].encode()
    )
    claimed = claim(message, now)
    assert claimed.bases[0].decode() == golden["signature_base"]
    verify(claimed, key_named(signer.key_id, private.public_key()))
