"""A push service, and an app behind it that can read what it is told."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from dataclasses import dataclass, field
from typing import Any

import http_ece
import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.evil import Asked, EvilServer, answer


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@dataclass
class Phone:
    """An app with a key pair of its own, behind *server*; it answers with *status*."""

    server: EvilServer
    path: str = "/push/abc"
    host: str = "push.localhost"
    status: int = 201
    headers: list[tuple[str, str]] = field(default_factory=list)
    received: list[Asked] = field(default_factory=list)
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    def __post_init__(self) -> None:
        async def take(asked: Asked, writer: asyncio.StreamWriter) -> None:
            self.received.append(asked)
            writer.write(answer(self.status, b"", self.headers))

        self.server.plays(self.path, take, host=self.host)

    @property
    def endpoint(self) -> str:
        return self.server.url(self.host, self.path)

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def wishes(self, *alerts: str, standard: bool = True, policy: str = "all") -> dict[str, Any]:
        """Return what the app asks for."""
        keys = {"p256dh": encoded(self.public_key), "auth": encoded(self.secret)}
        return {
            "subscription": {"endpoint": self.endpoint, "keys": keys, "standard": standard},
            "data": {"alerts": dict.fromkeys(alerts, True), "policy": policy},
        }

    def read(self, asked: Asked) -> dict[str, Any]:
        """Return what was told, as only this app can read it (RFC 8291)."""
        plain = http_ece.decrypt(
            asked.body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        message: dict[str, Any] = json.loads(plain)
        return message


def claims(token: str, public_key: str) -> dict[str, Any]:
    """Return what a VAPID token says; InvalidSignature unless *public_key* signed it."""
    head, said, signature = token.split(".")
    assert orjson.loads(decoded(head)) == {"typ": "JWT", "alg": "ES256"}
    octets = decoded(signature)
    assert len(octets) == 64
    r, s = int.from_bytes(octets[:32], "big"), int.from_bytes(octets[32:], "big")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(public_key))
    key.verify(encode_dss_signature(r, s), f"{head}.{said}".encode(), ec.ECDSA(hashes.SHA256()))
    found: dict[str, Any] = orjson.loads(decoded(said))
    return found
