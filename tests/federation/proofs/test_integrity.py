"""Object integrity proofs: made by us, and read from anybody."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from federation import documents, keys
from federation.errors import RefusedError
from federation.keys import PublicKey
from federation.names import AS2, DATA_INTEGRITY_V2
from federation.proofs import integrity

ALICE = "https://a.example/users/alice"
KEY_ID = f"{ALICE}#ed25519-key"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@functools.cache
def private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def public_key() -> PublicKey:
    return PublicKey(KEY_ID, ALICE, "ed25519", private_key().public_key())


def activity(**changes: Any) -> dict[str, Any]:
    return {
        "@context": [AS2, DATA_INTEGRITY_V2],
        "id": "https://a.example/activities/1",
        "type": "Create",
        "actor": ALICE,
        "object": {"type": "Note", "content": "Été 🌿", "latitude": -21.0, "n": 1e-7},
        **changes,
    }


def proven(**changes: Any) -> dict[str, Any]:
    return integrity.sign(activity(**changes), key=private_key(), key_id=KEY_ID, now=NOW)


def test_w_oip_01_what_we_prove_survives_the_wire() -> None:
    received = documents.read(documents.write(proven()))

    integrity.verify(received, public_key(), NOW)
    assert integrity.method(received) == KEY_ID
    assert received["proof"]["@context"] == received["@context"]
    assert received["proof"]["created"] == "2026-09-01T12:00:00Z"


def test_w_oip_01_proving_again_replaces_the_proof() -> None:
    again = integrity.sign(proven(), key=private_key(), key_id=KEY_ID, now=NOW)

    assert again == proven()


def test_w_oip_01_an_object_is_proven_by_its_author() -> None:
    note = {"id": "https://a.example/notes/1", "type": "Note", "attributedTo": [{"id": ALICE}]}
    signed = integrity.sign(note, key=private_key(), key_id=KEY_ID, now=NOW)

    integrity.verify(signed, public_key(), NOW)
    assert "@context" not in signed["proof"]


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": "https://a.example/users/bob"},
        {"actor": [ALICE, "https://a.example/users/bob"]},
        {"actor": None, "attributedTo": ALICE},
        {"id": "https://b.example/activities/1"},
        {"id": None},
        {"id": ["https://a.example/activities/1"]},
    ],
)
def test_w_oip_01_a_true_proof_of_the_wrong_actor_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as refusal:
        integrity.verify(proven(**changes), public_key(), NOW)
    assert refusal.value.status_code == 401


def test_w_oip_01_a_document_without_author_is_refused() -> None:
    signed = integrity.sign({"type": "Note"}, key=private_key(), key_id=KEY_ID, now=NOW)

    integrity.check(signed, private_key().public_key(), NOW)
    with pytest.raises(RefusedError):
        integrity.verify(signed, public_key(), NOW)


def test_w_key_04_expired_revoked_and_foreign_keys_are_refused() -> None:
    rsa = keys.load_public_der(keys.generate().rsa_public)

    integrity.verify(proven(), replace(public_key(), expires=NOW + timedelta(seconds=1)), NOW)
    for key in (
        replace(public_key(), expires=NOW),
        replace(public_key(), revoked=NOW),
        replace(public_key(), id=f"{ALICE}#other"),
        replace(public_key(), owner="https://a.example/users/bob"),
        replace(public_key(), key=Ed25519PrivateKey.generate().public_key()),
        PublicKey(KEY_ID, ALICE, "rsa", rsa),
    ):
        with pytest.raises(RefusedError):
            integrity.verify(proven(), key, NOW)


def test_w_oip_01_a_proof_from_the_future_is_refused() -> None:
    integrity.verify(proven(), public_key(), NOW - timedelta(minutes=60))
    with pytest.raises(RefusedError):
        integrity.verify(proven(), public_key(), NOW - timedelta(minutes=61))


@pytest.mark.parametrize(
    "context", [AS2, [DATA_INTEGRITY_V2, AS2], [AS2], [AS2, DATA_INTEGRITY_V2, {}], None]
)
def test_w_oip_01_document_and_proof_share_their_context(context: Any) -> None:
    with pytest.raises(RefusedError):
        integrity.verify({**proven(), "@context": context}, public_key(), NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
PROOF_NAMES = [
    *("type", "cryptosuite", "verificationMethod", "proofPurpose", "created", "proofValue"),
    *("expires", "@context", "other"),
]


@given(st.sampled_from(PROOF_NAMES), JSON)
def test_sec_par_04_only_refusals_leave_for_any_proof(name: str, value: Any) -> None:
    document = proven()
    document["proof"] = {**document["proof"], name: value}

    if value == proven()["proof"].get(name, object()):
        return
    with pytest.raises(RefusedError):
        integrity.verify(document, public_key(), NOW)


@given(JSON, JSON)
def test_sec_par_04_only_refusals_leave_for_any_document(proof: Any, actor: Any) -> None:
    document = {"actor": actor, "proof": proof, "signature": proof}

    integrity.method(document)
    with pytest.raises(RefusedError):
        integrity.verify(document, public_key(), NOW)
    with pytest.raises(RefusedError):
        integrity.identity({"type": "VerifiableIdentityStatement", "proof": proof}, ALICE, NOW)
