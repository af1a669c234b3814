"""Key pairs: made, kept as bytes, published as PEM and Multikey, and read from strangers' actors.

Whatever a stranger publishes is either a key we are willing to trust or no key at all:
RSA of 2048 to 8192 bits with a sane exponent, or Ed25519 (SEC-SIG-06).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

import base58
from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from federation import instants, iris
from federation.errors import RefusedError

Algorithm = Literal["rsa", "ed25519"]
AnyPublicKey = RSAPublicKey | Ed25519PublicKey

MAIN_KEY: Final = "#main-key"
PROOF_KEY: Final = "#ed25519-key"

MAX_KEYS: Final = 10
MIN_RSA_BITS: Final = 2048
MAX_RSA_BITS: Final = 8192
MIN_EXPONENT: Final = 65537
# A verification costs as much as the exponent is long; nobody publishes one of 64 bits.
MAX_EXPONENT_BITS: Final = 64
MAX_KEY_ID: Final = 2048
MAX_PEM: Final = 8 * 1024
MAX_MULTIBASE: Final = 2048

# Multicodec prefixes, as FEP-521a and the Multikey specification give them.
ED25519_PREFIX: Final = b"\xed\x01"
RSA_PREFIX: Final = b"\x85\x24"

_UNREADABLE: Final = (ValueError, TypeError, OverflowError, UnsupportedAlgorithm, InternalError)
_PKCS1V15: Final = padding.PKCS1v15()
_SHA256: Final = hashes.SHA256()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that a stranger's actor lists; ``expires`` and ``revoked`` are aware, in UTC."""

    id: str
    owner: str
    algorithm: Algorithm
    key: AnyPublicKey
    expires: datetime | None = None
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """One of our actors and the keys with which it signs requests and documents."""

    actor_id: str
    key_id: str
    key: RSAPrivateKey
    proof_key_id: str | None = None
    proof_key: Ed25519PrivateKey | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """The two key pairs of a new actor, as bytes ready to be sealed and stored.

    RSA: PKCS#8 DER and SubjectPublicKeyInfo DER. Ed25519: 32 raw bytes each.
    """

    rsa_private: bytes
    rsa_public: bytes
    ed25519_private: bytes
    ed25519_public: bytes


def generate() -> Pair:
    """Make an RSA-2048 and an Ed25519 pair; takes 30 to 100 ms, so call it from a thread."""
    main = rsa.generate_private_key(public_exponent=MIN_EXPONENT, key_size=MIN_RSA_BITS)
    proof = Ed25519PrivateKey.generate()
    return Pair(
        rsa_private=private_der(main),
        rsa_public=public_der(main.public_key()),
        ed25519_private=private_raw(proof),
        ed25519_public=public_raw(proof.public_key()),
    )


def private_der(key: RSAPrivateKey) -> bytes:
    """Return *key* as unencrypted PKCS#8 DER: seal it before it is stored (SEC-SIG-11)."""
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def load_private_der(data: bytes) -> RSAPrivateKey:
    """Return the RSA key that ``private_der`` wrote.

    Only for keys this server made: the arithmetic of the key is not checked again, which
    is what makes loading cheap. Raises ValueError when *data* is not an RSA private key.
    """
    key = serialization.load_der_private_key(
        data, password=None, unsafe_skip_rsa_key_validation=True
    )
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("This is not an RSA private key: store what private_der returns.")
    return key


def private_raw(key: Ed25519PrivateKey) -> bytes:
    """Return the 32 secret bytes of *key*: seal them before they are stored (SEC-SIG-11)."""
    return key.private_bytes_raw()


def load_private_raw(data: bytes) -> Ed25519PrivateKey:
    """Return the Ed25519 key that ``private_raw`` wrote; ValueError unless 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(data)


def public_der(key: RSAPublicKey) -> bytes:
    """Return *key* as SubjectPublicKeyInfo DER."""
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def public_raw(key: Ed25519PublicKey) -> bytes:
    """Return the 32 bytes of *key*."""
    return key.public_bytes_raw()


def load_public_der(data: bytes) -> AnyPublicKey:
    """Return the public key in SubjectPublicKeyInfo DER; RefusedError when it is none."""
    try:
        key = serialization.load_der_public_key(data)
    except _UNREADABLE as error:
        raise RefusedError("The public key cannot be read: publish RSA or Ed25519.", 401) from error
    return _either(key)


def load_public_raw(data: bytes) -> Ed25519PublicKey:
    """Return the Ed25519 key in 32 raw bytes; RefusedError at any other length."""
    try:
        return Ed25519PublicKey.from_public_bytes(data)
    except _UNREADABLE as error:
        raise RefusedError("An Ed25519 key has exactly 32 bytes.", 401) from error


def to_pem(key: AnyPublicKey) -> str:
    """Return *key* as SubjectPublicKeyInfo PEM, as ``publicKeyPem`` carries it."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode("ascii")


def from_pem(text: str) -> AnyPublicKey:
    """Return the RSA or Ed25519 public key in *text*, of any strength.

    Raises RefusedError(401) for a private key, another kind of key, or no key at all.
    """
    if not isinstance(text, str) or len(text) > MAX_PEM:
        raise RefusedError("The public key is not a PEM text of sensible length.", 401)
    try:
        key = serialization.load_pem_public_key(text.strip().encode("ascii"))
    except _UNREADABLE as error:
        raise RefusedError("The public key is not readable as PEM.", 401) from error
    return _either(key)


def to_multibase(key: AnyPublicKey) -> str:
    """Return *key* as a Multikey: ``z`` and base58btc of prefix and key (W-521A-01)."""
    if isinstance(key, Ed25519PublicKey):
        encoded = ED25519_PREFIX + key.public_bytes_raw()
    else:
        encoded = RSA_PREFIX + key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.PKCS1
        )
    return "z" + base58.b58encode(encoded).decode("ascii")


def from_multibase(text: str) -> AnyPublicKey:
    """Return the RSA or Ed25519 key of a Multikey, of any strength (W-521A-01).

    Only the one spelling that ``to_multibase`` writes is accepted; RefusedError(401) otherwise.
    """
    encoded = multibase_bytes(text, MAX_MULTIBASE)
    key: AnyPublicKey
    if encoded.startswith(ED25519_PREFIX):
        key = load_public_raw(encoded[2:])
    elif encoded.startswith(RSA_PREFIX):
        key = load_public_der(encoded[2:])
    else:
        raise RefusedError("The Multikey is neither Ed25519 nor RSA.", 401)
    if to_multibase(key) != text:
        raise RefusedError("The Multikey is not written in its one canonical form.", 401)
    return key


def multibase_bytes(text: str, limit: int) -> bytes:
    """Return the bytes of a ``z`` (base58btc) multibase text of at most *limit* characters.

    Raises RefusedError(401). The limit matters: base58 costs the square of its length.
    """
    if not isinstance(text, str) or not text.startswith("z") or len(text) > limit:
        raise RefusedError("Expected multibase base58btc: a text that begins with z.", 401)
    try:
        return bytes(base58.b58decode(text[1:]))
    except _UNREADABLE as error:
        raise RefusedError("The multibase text is not base58btc.", 401) from error


def check(key: AnyPublicKey) -> Algorithm:
    """Return the algorithm of *key*; RefusedError(401) when it is too weak (SEC-SIG-06)."""
    if isinstance(key, Ed25519PublicKey):
        return "ed25519"
    if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        raise RefusedError("An RSA key must have 2048 to 8192 bits.", 401)
    numbers = key.public_numbers()
    if (
        numbers.e < MIN_EXPONENT
        or numbers.e % 2 == 0
        or numbers.e.bit_length() > MAX_EXPONENT_BITS
        or numbers.n % 2 == 0
    ):
        raise RefusedError("The exponent or modulus of the RSA key is unsafe.", 401)
    return "rsa"


def check_usable(key: PublicKey, now: datetime) -> None:
    """Raise RefusedError(401) when *key* is weak, or expired or revoked at *now* (W-KEY-04)."""
    if check(key.key) != key.algorithm:
        raise RefusedError("The key is not of the kind it is said to be.", 401)
    if key.expires is not None and key.expires <= now:
        raise RefusedError("The key has expired.", 401)
    if key.revoked is not None and key.revoked <= now:
        raise RefusedError("The key has been revoked.", 401)


def made(key: AnyPublicKey, signature: bytes, data: bytes) -> bool:
    """Say whether the owner of *key* made *signature* over *data*, whatever the key's strength.

    The kind of key alone chooses the algorithm: RSA means PKCS#1 v1.5 with SHA-256 (W-SIG-10).
    """
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, data)
        else:
            key.verify(signature, data, _PKCS1V15, _SHA256)
    except (InvalidSignature, *_UNREADABLE):
        return False
    return True


def sign_rsa(key: RSAPrivateKey, data: bytes) -> bytes:
    """Return the PKCS#1 v1.5 SHA-256 signature of *data*."""
    return key.sign(data, _PKCS1V15, _SHA256)


def keys_of(actor_document: Mapping[str, Any]) -> list[PublicKey]:
    """Return the keys that *actor_document* lists as its own: at most ten, none of them weak.

    Reads ``publicKey`` (an object or several) and the Multikeys of ``assertionMethod``
    (FEP-521a). A key counts only when its id has the origin of the actor's id and its
    owner or controller is the actor (W-KEY-02, SEC-ORI-05). Expired and revoked keys stay
    in the list with their dates, so that whoever verifies can say why they are refused.
    Never raises: what cannot be read is left out.
    """
    actor_id = actor_document.get("id")
    if not isinstance(actor_id, str):
        return []
    entries = [
        *((entry, "owner", "publicKeyPem") for entry in _many(actor_document.get("publicKey"))),
        *(
            (entry, "controller", "publicKeyMultibase")
            for entry in _many(actor_document.get("assertionMethod"))
        ),
    ]
    found: dict[str, PublicKey] = {}
    for entry, owner_name, material_name in entries[:MAX_KEYS]:
        key = _read(entry, actor_id, owner_name, material_name)
        if key is not None:
            found.setdefault(key.id, key)
    return list(found.values())


def key_of(actor_document: Mapping[str, Any], key_id: str) -> PublicKey:
    """Return the key *key_id* that *actor_document* lists; RefusedError(401) without one.

    This is the way back from owner to key, without which a key proves nothing (W-KEY-02).
    """
    keys = keys_of(actor_document)
    for key in keys:
        if key.id == key_id:
            return key
    if keys and key_id == actor_document.get("id"):
        # Old PeerTube names its actor instead of the key (W-KEY-01).
        return replace(keys[0], id=key_id)
    raise RefusedError("The owner of the key does not list it among its own usable keys.", 401)


def owner_of(document: Mapping[str, Any], key_id: str) -> str:
    """Return the id of the actor that *document*, fetched from *key_id*, names as key's owner.

    *document* is the actor itself, or the key by itself (W-KEY-01). The answer is only a
    claim: fetch that actor and ask ``key_of``. Raises RefusedError(401).
    """
    own_id = document.get("id")
    candidates = [document] if own_id == key_id else []
    for name in ("publicKey", "assertionMethod"):
        candidates += [entry for entry in _many(document.get(name)) if entry.get("id") == key_id]
    for candidate in candidates:
        for name in ("owner", "controller"):
            owner = _reference(candidate.get(name))
            if owner is not None and iris.same_origin(owner, key_id):
                return owner
    # A keyId may also be the actor's own address (old PeerTube).
    if isinstance(own_id, str) and own_id == key_id and "inbox" in document:
        return own_id
    raise RefusedError("The document of the key names no owner on the key's own server.", 401)


def _read(
    entry: Mapping[str, Any], actor_id: str, owner_name: str, material_name: str
) -> PublicKey | None:
    key_id = entry.get("id")
    if (
        not isinstance(key_id, str)
        or len(key_id) > MAX_KEY_ID
        or _reference(entry.get(owner_name)) != actor_id
        or not iris.same_origin(key_id, actor_id)
        or (material_name == "publicKeyMultibase" and entry.get("type") != "Multikey")
    ):
        return None
    material = entry.get(material_name)
    if not isinstance(material, str):
        return None
    try:
        read = from_multibase if material_name == "publicKeyMultibase" else from_pem
        key = read(material)
        return PublicKey(
            id=key_id,
            owner=actor_id,
            algorithm=check(key),
            key=key,
            expires=_date(entry.get("expires")),
            revoked=_date(entry.get("revoked")),
        )
    except RefusedError:
        return None


def _date(value: object) -> datetime | None:
    # A date that cannot be read is refused: nobody could tell whether such a key still holds.
    return None if value is None else instants.read(value)


def _either(key: object) -> AnyPublicKey:
    if isinstance(key, RSAPublicKey | Ed25519PublicKey):
        return key
    raise RefusedError("Only RSA and Ed25519 keys are understood.", 401)


def _many(value: object) -> list[Mapping[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [entry for entry in values if isinstance(entry, Mapping)]


def _reference(value: object) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) else None
