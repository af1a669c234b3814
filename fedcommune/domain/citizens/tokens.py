"""Secrets that somebody carries in a link or a cookie, of which we keep the digest only."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def new() -> str:
    """Return a new token: 256 random bits, safe in an address and in a cookie (SEC-AUT-07)."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """Return what is kept of *token*; of something that is no token, a digest nobody has."""
    if _TOKEN.fullmatch(token) is None:
        return b""
    return hashlib.sha256(token.encode()).digest()
