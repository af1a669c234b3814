"""RFC 9421 as it comes in: one signature, the needed components, nothing clever."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation import keys
from federation.errors import RefusedError
from federation.keys import PublicKey
from federation.signatures import Message, claim, digest, key_id, rfc9421, verify
from federation.signatures.message import fields
from tests.federation.signatures.messages import (
    BODY,
    KEY_ID,
    NOW,
    header,
    message,
    public_key,
    signer,
    with_headers,
)

SECONDS = int(NOW.timestamp())
NAMES = '"@method" "@target-uri" "content-digest"'


def refused(changed: Message, status: int = 401) -> None:
    with pytest.raises(RefusedError) as refusal:
        claim(changed, NOW)
    assert refusal.value.status_code == status


def signed_anew(
    names: str = NAMES,
    *,
    parameters: str = f'created={SECONDS};keyid="{KEY_ID}"',
    base: Message | None = None,
    key: Any = None,
) -> Message:
    """Return a message really signed over *names* with *parameters*."""
    base = base or message("rfc9421")
    given = f"({names});{parameters}"
    covered = tuple(name.strip('"') for name in names.split())
    text = rfc9421.base(base, fields(base.headers), covered, given)
    made = key.sign(text) if key else keys.sign_rsa(signer().key, text)
    return with_headers(
        base,
        {
            "Signature-Input": f"sig1={given}",
            "Signature": f"sig1=:{base64.b64encode(made).decode()}:",
        },
    )


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("target", ["/inbox", "/", "/a?b=c%20d&e", "/a?"])
def test_w_9421_04_what_we_sign_is_accepted(method: str, target: str) -> None:
    signed = message("rfc9421", method=method, target=target)

    claimed = claim(signed, NOW)

    assert (claimed.key_id, claimed.scheme, claimed.algorithm) == (KEY_ID, "rfc9421", None)
    assert key_id(signed.headers) == KEY_ID
    verify(claimed, public_key())


def test_w_9421_01_the_parts_of_the_target_may_stand_for_the_whole() -> None:
    base = message("rfc9421", target="/inbox?x=1")
    parts = '"@method" "@scheme" "@authority" "@path" "@query" "content-digest"'

    verify(claim(signed_anew(parts, base=base), NOW), public_key())
    for left_out in ("@scheme", "@authority", "@path", "@query"):
        refused(signed_anew(parts.replace(f'"{left_out}" ', ""), base=base))


@pytest.mark.parametrize(
    "names",
    [
        "",
        '"@method"',
        '"@method" "@target-uri"',
        '"@target-uri" "content-digest"',
        '"@method" "content-digest"',
        '"@method" "@request-target" "content-digest"',
    ],
)
def test_sec_sig_08_a_post_must_cover_method_target_and_digest(names: str) -> None:
    refused(signed_anew(names))


def test_sec_sig_08_further_headers_may_be_covered() -> None:
    verify(claim(signed_anew(f'{NAMES} "date" "host" "content-type"'), NOW), public_key())
    other = with_headers(message("rfc9421"), {"Host": "c.example"})
    refused(signed_anew(f'{NAMES} "host"', base=other))


@pytest.mark.parametrize("name", ["req", "bs", "tr", "key", "sf", "name"])
def test_sec_sig_08_parameters_on_components_are_refused(name: str) -> None:
    value = f'sig1=("@method" "@target-uri" "content-digest";{name});created={SECONDS}'
    value += f';keyid="{KEY_ID}"'

    refused(with_headers(message("rfc9421"), {"Signature-Input": value}))


@pytest.mark.parametrize(
    ("names", "status"),
    [
        (f'{NAMES} "@status"', 401),
        (f'{NAMES} "@query-param"', 401),
        (f'{NAMES} "@signature-params"', 401),
        (f'{NAMES} "x-missing"', 401),
        (f'{NAMES} "@method"', 400),
        (f'{NAMES} "Date"', 400),
        (f"{NAMES} date", 400),
        (f"{NAMES} 7", 400),
        (f"{NAMES} :AAAA:", 400),
    ],
)
def test_sec_sig_08_other_components_are_refused(names: str, status: int) -> None:
    value = f'sig1=({names});created={SECONDS};keyid="{KEY_ID}"'

    refused(with_headers(message("rfc9421"), {"Signature-Input": value}), status)


@pytest.mark.parametrize(
    "parameters",
    [
        f'keyid="{KEY_ID}"',
        f"created={SECONDS}",
        f'created={SECONDS};keyid="acct:alice@a.example"',
        f"created={SECONDS};keyid=token",
        f'created={SECONDS}.0;keyid="{KEY_ID}"',
        f'created="{SECONDS}";keyid="{KEY_ID}"',
        f'created;keyid="{KEY_ID}"',
        f'created=-1;keyid="{KEY_ID}"',
        f'created=999999999999999;keyid="{KEY_ID}"',
        f'created=@{SECONDS};keyid="{KEY_ID}"',
        f'created={SECONDS - 66 * 60};keyid="{KEY_ID}"',
        f'created={SECONDS + 61 * 60};keyid="{KEY_ID}"',
        f'created={SECONDS};expires={SECONDS - 1};keyid="{KEY_ID}"',
        f'created={SECONDS + 60};expires={SECONDS + 30};keyid="{KEY_ID}"',
        f'created={SECONDS};keyid="{KEY_ID}";alg="hmac-sha256"',
        f'created={SECONDS};keyid="{KEY_ID}";alg="rsa-pss-sha512"',
        f'created={SECONDS};keyid="{KEY_ID}";alg=ed25519',
    ],
)
def test_w_9421_01_parameters_must_be_whole_and_timely(parameters: str) -> None:
    refused(signed_anew(parameters=parameters))


@pytest.mark.parametrize(
    "parameters",
    [
        f'created={SECONDS - 64 * 60};keyid="{KEY_ID}"',
        f'created={SECONDS + 59 * 60};keyid="{KEY_ID}"',
        f'created={SECONDS};expires={SECONDS + 1};keyid="{KEY_ID}"',
        f'created={SECONDS};keyid="{KEY_ID}";alg="rsa-v1_5-sha256"',
        f'created={SECONDS};keyid="{KEY_ID}";nonce="n";tag="t";new=?0',
    ],
)
def test_w_9421_01_optional_parameters_are_covered_and_accepted(parameters: str) -> None:
    verify(claim(signed_anew(parameters=parameters), NOW), public_key())


def test_w_9421_01_alg_must_agree_with_the_key() -> None:
    curve = Ed25519PrivateKey.generate()
    key = PublicKey(KEY_ID, KEY_ID, "ed25519", curve.public_key())
    told = f'created={SECONDS};keyid="{KEY_ID}";alg='

    verify(claim(signed_anew(key=curve), NOW), key)
    verify(claim(signed_anew(parameters=f'{told}"ed25519"', key=curve), NOW), key)
    with pytest.raises(RefusedError):
        verify(claim(signed_anew(parameters=f'{told}"rsa-v1_5-sha256"', key=curve), NOW), key)
    with pytest.raises(RefusedError):
        verify(claim(signed_anew(parameters=f'{told}"ed25519"'), NOW), public_key())


@pytest.mark.parametrize(
    "changes",
    [
        {"Signature": None},
        {"Signature": "sig2=:AAAA:"},
        {"Signature": "sig1=:AAAA:, sig2=:AAAA:"},
        {"Content-Digest": None},
        {"Content-Digest": "sha-512=:AAAA:"},
        {"Content-Digest": digest.write_content_digest(BODY + b" ")},
    ],
)
def test_sec_sig_08_what_is_missing_or_different_is_refused(
    changes: dict[str, str | None],
) -> None:
    refused(with_headers(message("rfc9421"), changes))


def test_sec_sig_08_two_labels_are_refused() -> None:
    signed = message("rfc9421")
    one = header(signed, "Signature-Input")
    two = {
        "Signature-Input": f"{one}, {one.replace('sig1', 'sig2')}",
        "Signature": header(signed, "Signature")
        + ", "
        + header(signed, "Signature").replace("sig1", "sig2"),
    }

    refused(with_headers(signed, two))
    refused(with_headers(signed, {"Signature-Input": two["Signature-Input"]}))


@pytest.mark.parametrize(
    "changes",
    [
        {"Signature-Input": "sig1"},
        {"Signature-Input": "sig1=()("},
        {"Signature-Input": 'sig1="text"'},
        {"Signature-Input": "sig1=(" + '"a" ' * 3000},
        {"Signature-Input": "é=()"},
        {"Signature-Input": "sig1=();created=1;created=2"},
        {"Signature-Input": "sig1=();created=@99999999999999"},
        {"Signature-Input": "sig1=(),sig1=()"},
        {"Signature": "sig1"},
        {"Signature": "sig1=AAAA"},
        {"Signature": 'sig1="AAAA"'},
        {"Signature": "sig1=::"},
        {"Signature": "sig1=:A:"},
        {"Signature": f"sig1=:{'A' * 4000}:"},
        {"Content-Digest": "sha-256=AAAA"},
        {"Content-Digest": "sha-256"},
        {"Content-Digest": "("},
    ],
)
def test_sec_sig_08_malformed_fields_are_refused_as_syntax(changes: dict[str, str]) -> None:
    refused(with_headers(message("rfc9421"), changes), 400)


def test_w_9421_03_a_failed_signature_never_falls_back_to_cavage() -> None:
    good = message("cavage")
    bad_input = header(message("rfc9421"), "Signature-Input")

    verify(claim(good, NOW), public_key())
    refused(with_headers(good, {"Signature-Input": bad_input}), 400)
    refused(with_headers(good, {"Signature-Input": ""}))


def test_w_9421_02_the_target_is_that_of_the_configuration() -> None:
    signed = message("rfc9421")
    forged = with_headers(signed, {"Host": "c.example"})

    verify(claim(forged, NOW), public_key())
    for elsewhere in (
        replace(signed, authority="c.example"),
        replace(signed, scheme="http"),
        replace(signed, target="/inbox?x"),
        replace(signed, method="PUT"),
    ):
        with pytest.raises(RefusedError) as refusal:
            verify(claim(elsewhere, NOW), public_key())
        assert refusal.value.status_code == 401


def test_sec_sig_01_a_changed_body_is_refused() -> None:
    refused(replace(message("rfc9421"), body=BODY + b" "))
    refused(replace(message("rfc9421"), body=None))


def test_sec_sig_04_an_old_signature_of_ours_is_refused() -> None:
    refused(message("rfc9421", now=NOW - timedelta(minutes=66)))
