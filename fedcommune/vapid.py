"""The key that signs pushed messages: made of the secret of the commune, stored nowhere."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Final

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedcommune.keyring import Keyring

# The order of P-256: a private key is a number from 1 to one below it (SEC 2, §2.4.2).
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# How long a token is good; a push service takes none that is good for more than a day.
LIVES: Final = timedelta(hours=12)


def private_key(keyring: Keyring) -> ec.EllipticCurvePrivateKey:
    """Return the P-256 key of this commune (RFC 8292); restored with the secret file."""
    number = int.from_bytes(keyring.derived("web push"), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def public_key(keyring: Keyring) -> str:
    """Return its public part as browsers take it: the uncompressed point in base64url."""
    point = private_key(keyring).public_key()
    return encoded(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def token(key: ec.EllipticCurvePrivateKey, origin: str, contact: str, now: datetime) -> str:
    """Return a signed token for the push service at *origin* (RFC 8292 §2, RFC 7515).

    *contact* is an address to complain to, ``mailto:`` or ``https:``.
    """
    claims = {"aud": origin, "exp": int((now + LIVES).timestamp()), "sub": contact}
    head = encoded(orjson.dumps({"typ": "JWT", "alg": "ES256"}))
    said = f"{head}.{encoded(orjson.dumps(claims))}"
    r, s = decode_dss_signature(key.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{said}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def encoded(octets: bytes) -> str:
    """Return *octets* in base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
