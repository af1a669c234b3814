"""The published test vectors, read once, and the keys in them."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import keys
from federation.keys import PublicKey


@functools.cache
def vectors() -> dict[str, Any]:
    text = (Path(__file__).parent / "vectors.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


def rsa_private(pem: str) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def key_named(key_id: str, key: keys.AnyPublicKey) -> PublicKey:
    algorithm: keys.Algorithm = "ed25519" if isinstance(key, Ed25519PublicKey) else "rsa"
    return PublicKey(key_id, key_id.partition("#")[0], algorithm, key)
