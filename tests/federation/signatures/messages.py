"""Signed requests to start from, changed one thing at a time."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import rsa

from federation.keys import PublicKey, Signer
from federation.signatures import Message, Scheme, sign

ALICE = "https://a.example/users/alice"
KEY_ID = f"{ALICE}#main-key"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
BODY = b'{"type":"Follow"}'


@functools.cache
def signer() -> Signer:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return Signer(ALICE, KEY_ID, private)


def public_key() -> PublicKey:
    return PublicKey(KEY_ID, ALICE, "rsa", signer().key.public_key())


def message(
    scheme: Scheme = "cavage",
    *,
    method: str = "POST",
    target: str = "/inbox",
    now: datetime = NOW,
) -> Message:
    """Return a request to https://b.example as ``sign`` makes it."""
    body = BODY if method == "POST" else None
    headers = sign(
        method=method,
        url=f"https://b.example{target}",
        body=body,
        signer=signer(),
        scheme=scheme,
        now=now,
    )
    return Message(method, target, "b.example", "https", tuple(headers.items()), body)


def with_headers(message: Message, changes: Mapping[str, str | None]) -> Message:
    """Return *message* with these headers changed, or left out when None."""
    wanted = {name.lower(): value for name, value in changes.items()}
    kept = [(name, value) for name, value in message.headers if name.lower() not in wanted]
    added = [(name, value) for name, value in changes.items() if value is not None]
    return replace(message, headers=(*kept, *added))


def header(message: Message, name: str) -> str:
    return next(value for one, value in message.headers if one.lower() == name.lower())
