"""A pushed message as it travels: only the app can read it, and its service knows who sends it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fedcommune import vapid
from fedcommune.domain.notifications.subscriptions import Subscription
from federation import iris

# After two days nobody wants to know any more.
TTL: Final = timedelta(hours=48)
# A push service takes no more than 4,096 bytes in all (RFC 8030 §7.2).
MOST: Final = 3_800


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: our key, its public part as text, and where to complain."""

    key: ec.EllipticCurvePrivateKey
    public_key: str
    contact: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is posted to the push service."""

    body: bytes
    headers: dict[str, str]


def sealed(
    message: bytes, subscription: Subscription, sender: Sender, now: datetime, *, urgent: bool
) -> Envelope:
    """Return *message* for the app of a subscription, with our token for its push service.

    ``aes128gcm`` (RFC 8291) with a ``vapid`` token (RFC 8292), or, for an app that never said
    that it reads these, ``aesgcm`` and ``WebPush`` of the drafts before them.
    """
    # A key of its own for every message (RFC 8291 §3.1).
    key = ec.generate_private_key(ec.SECP256R1())
    salt = os.urandom(16)
    version = "aes128gcm" if subscription.standard else "aesgcm"
    body: bytes = http_ece.encrypt(
        message,
        salt=salt,
        private_key=key,
        dh=subscription.public_key,
        auth_secret=subscription.secret,
        version=version,
    )
    origin = iris.origin(subscription.endpoint)
    audience = f"{origin.scheme}://{iris.authority(subscription.endpoint)}"
    token = vapid.token(sender.key, audience, sender.contact, now)
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": version,
        "TTL": str(int(TTL.total_seconds())),
        "Urgency": "high" if urgent else "normal",
    }
    if subscription.standard:
        headers["Authorization"] = f"vapid t={token},k={sender.public_key}"
    else:
        ours = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        headers["Authorization"] = f"WebPush {token}"
        headers["Encryption"] = f"salt={vapid.encoded(salt)}"
        headers["Crypto-Key"] = f"dh={vapid.encoded(ours)};p256ecdsa={sender.public_key}"
    return Envelope(body, headers)
