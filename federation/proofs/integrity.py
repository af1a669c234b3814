"""Object Integrity Proofs (FEP-8b32, eddsa-jcs-2022) and identity statements (FEP-c390)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import base58
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federation import instants, iris, keys
from federation.errors import RefusedError
from federation.keys import PublicKey
from federation.proofs import canonical

TYPE: Final = "DataIntegrityProof"
CRYPTOSUITE: Final = "eddsa-jcs-2022"
PURPOSE: Final = "assertionMethod"

# How far the clock of an honest signer may be ahead of ours.
AHEAD: Final = timedelta(minutes=60)
_SIGNATURE_LENGTH: Final = 64
_MAX_PROOF_VALUE: Final = 128


def sign(
    document: Mapping[str, Any], *, key: Ed25519PrivateKey, key_id: str, now: datetime
) -> dict[str, Any]:
    """Return *document* with a proof by the Multikey *key_id*, made at *now* (W-OIP-01).

    A former proof is replaced; sign after everything else has been put into the document,
    a linked-data signature excepted. RefusedError(400) when it has no canonical form.
    """
    proof = {
        "type": TYPE,
        "cryptosuite": CRYPTOSUITE,
        "verificationMethod": key_id,
        "proofPurpose": PURPOSE,
        "created": instants.write(now),
    }
    if "@context" in document:
        proof = {"@context": document["@context"], **proof}
    bare = {name: value for name, value in document.items() if name != "proof"}
    signature = key.sign(_hashes(bare, proof))
    proof["proofValue"] = "z" + base58.b58encode(signature).decode("ascii")
    return {**bare, "proof": proof}


def method(document: Mapping[str, Any]) -> str | None:
    """Return the id of the key that the proof of *document* names; None when it has no proof."""
    proof = document.get("proof")
    named = proof.get("verificationMethod") if isinstance(proof, Mapping) else None
    return named if isinstance(named, str) else None


def verify(document: Mapping[str, Any], key: PublicKey, now: datetime) -> None:
    """Return when the proof of *document* was made by *key* for what *key*'s owner did or wrote.

    The owner must be the ``actor`` (or, without one, the ``attributedTo``) of the document
    and have the origin of its id. RefusedError(401) otherwise: an invalid proof condemns the
    whole message, whoever carried it (W-OIP-01, SEC-SIG-09).
    """
    keys.check_usable(key, now)
    if method(document) != key.id:
        raise RefusedError("The key is not the one the proof names.", 401)
    if not isinstance(key.key, Ed25519PublicKey):
        raise RefusedError("eddsa-jcs-2022 needs an Ed25519 key.", 401)
    author = document["actor"] if "actor" in document else document.get("attributedTo")
    if _reference(author) != key.owner:
        raise RefusedError("The proof was not made by the author of the document.", 401)
    if "id" in document:
        own_id = document["id"]
        if not isinstance(own_id, str) or not iris.same_origin(own_id, key.owner):
            raise RefusedError("The document is not of the server that proves it.", 401)
    check(document, key.key, now)


def check(document: Mapping[str, Any], key: Ed25519PublicKey, now: datetime) -> None:
    """Return when *key* made the proof of *document*, whoever owns that key.

    A linked-data ``signature`` beside the proof is left out of account: it is added later.
    RefusedError(401) when the proof is missing, malformed, expired at *now* or wrong.
    """
    proof = document.get("proof")
    if not isinstance(proof, Mapping):
        raise RefusedError("The document carries no single proof.", 401)
    if proof.get("type") != TYPE or proof.get("cryptosuite") != CRYPTOSUITE:
        raise RefusedError("Only proofs of eddsa-jcs-2022 are understood.", 401)
    if proof.get("proofPurpose") != PURPOSE:
        raise RefusedError("The proof was made for another purpose than assertionMethod.", 401)
    if "@context" in proof and proof["@context"] != document.get("@context"):
        raise RefusedError("The proof and the document do not share their @context.", 401)
    if instants.read(proof.get("created")) > now + AHEAD:
        raise RefusedError("The proof was made in the future.", 401)
    if "expires" in proof and instants.read(proof["expires"]) <= now:
        raise RefusedError("The proof has expired.", 401)
    value = proof.get("proofValue")
    signature = keys.multibase_bytes(value if isinstance(value, str) else "", _MAX_PROOF_VALUE)
    if len(signature) != _SIGNATURE_LENGTH:
        raise RefusedError("An Ed25519 signature has exactly 64 bytes.", 401)
    bare = {name: value for name, value in document.items() if name not in ("proof", "signature")}
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if not keys.made(key, signature, _hashes(bare, options)):
        raise RefusedError("The proof is not one of this key over this document.", 401)


def identity(statement: Mapping[str, Any], actor_id: str, now: datetime) -> str:
    """Return the ``did:key`` that *statement* proves to be *actor_id* too (W-C390-01).

    *statement* is a ``VerifiableIdentityStatement`` from the attachments of that actor.
    RefusedError(401) when it speaks of somebody else or its proof does not hold.
    """
    subject = statement.get("subject")
    if statement.get("type") != "VerifiableIdentityStatement" or not isinstance(subject, str):
        raise RefusedError("This is not an identity statement.", 401)
    if statement.get("alsoKnownAs") != actor_id:
        raise RefusedError("The identity statement speaks of another actor.", 401)
    scheme, _, multibase = subject.rpartition(":")
    named = method(statement)
    if scheme != "did:key" or named not in (subject, f"{subject}#{multibase}"):
        raise RefusedError("The identity statement is not proven by its own subject.", 401)
    key = keys.from_multibase(multibase)
    if not isinstance(key, Ed25519PublicKey):
        raise RefusedError("eddsa-jcs-2022 needs an Ed25519 key.", 401)
    check(statement, key, now)
    return subject


def _hashes(bare: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    return b"".join(hashlib.sha256(canonical.jcs(dict(part))).digest() for part in (options, bare))


def _reference(value: Any) -> str | None:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) else None
