"""What stands behind the link that stops a letter, which works without signing in (RFC 8058).

A link says whose letters of which kind it stops, and only we can write it: it holds for as long
as the letter is kept, and lets nobody do anything else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from fedcommune.instance import Instance
from fedcommune.keyring import Keyring

Whose: TypeAlias = Literal["citizen", "subscriber"]
PATH: Final = "/letters/stop"
_TOKEN: Final = re.compile(
    r"(citizen|subscriber)\.([0-9]{1,18})\.([a-z_]{1,20})\.([\w-]{43})", re.A
)


@dataclass(frozen=True, slots=True)
class Stop:
    """Let *id*, a citizen's account or a subscriber, get no more letters about *what*.

    That is a subject, or the pace of gathered letters, of a citizen; a subscriber has one kind.
    """

    whose: Whose
    id: int
    what: str


def link(instance: Instance, keyring: Keyring, stop: Stop) -> str:
    """Return the address that stops a letter."""
    return f"{instance.origin}{PATH}?token={token(keyring, stop)}"


def token(keyring: Keyring, stop: Stop) -> str:
    """Return what only we can write of *stop* (HMAC-SHA256)."""
    said = f"{stop.whose}.{stop.id}.{stop.what}"
    return f"{said}.{_seal(keyring, said)}"


def read(keyring: Keyring, text: str) -> Stop | None:
    """Return what a token stops; None when we did not write it."""
    found = _TOKEN.fullmatch(text)
    if found is None:
        return None
    said, _, seal = text.rpartition(".")
    if not hmac.compare_digest(_seal(keyring, said).encode(), seal.encode()):
        return None
    return Stop("citizen" if found[1] == "citizen" else "subscriber", int(found[2]), found[3])


def _seal(keyring: Keyring, said: str) -> str:
    digest = hmac.new(keyring.derived("stopping letters"), said.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
