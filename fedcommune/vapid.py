"""The key that signs pushed messages: made of the secret of the commune, stored nowhere."""

from __future__ import annotations

import base64
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedcommune.keyring import Keyring

# The order of P-256: a private key is a number from 1 to one below it (SEC 2, §2.4.2).
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def private_key(keyring: Keyring) -> ec.EllipticCurvePrivateKey:
    """Return the P-256 key of this commune (RFC 8292); restored with the secret file."""
    number = int.from_bytes(keyring.derived("web push"), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def public_key(keyring: Keyring) -> str:
    """Return its public part as browsers take it: the uncompressed point in base64url."""
    point = private_key(keyring).public_key()
    octets = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
