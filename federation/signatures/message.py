"""What a signature is about: the message as it came, and what its signature claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from federation.errors import RefusedError
from federation.keys import MAX_KEY_ID, Algorithm

Scheme = Literal["cavage", "rfc9421"]

MAX_FIELD: Final = 8 * 1024
MAX_TARGET: Final = 8 * 1024
# A signature of an RSA key of 8192 bits.
MAX_SIGNATURE: Final = 1024

# All but the tab: a line break in a value would let its sender write lines of the base.
_CONTROLS: Final = dict.fromkeys((*range(9), *range(10, 32), 127))


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it was received, before anything in it is believed.

    ``target`` is the raw path and query of the request line; ``authority`` and ``scheme``
    are the configured ones of this server, never what the request says (W-SIG-09).
    """

    method: str
    target: str
    authority: str
    scheme: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature whose headers are in order, and which only cryptography can confirm now.

    ``algorithm`` is what the message says, None when it says nothing; ``bases`` are the
    texts the signature may be over, the likeliest first; ``at`` is when it was received.
    """

    key_id: str
    scheme: Scheme
    algorithm: Algorithm | None
    signature: bytes
    bases: tuple[bytes, ...]
    at: datetime


def fields(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the headers by lower-case name, repeated lines joined with comma and space.

    Source: draft-cavage-12 §2.3, RFC 9421 §2.1 (W-SIG-11).
    """
    lines: dict[str, list[str]] = {}
    for name, value in headers:
        lines.setdefault(name.lower(), []).append(value.strip(" \t"))
    return {name: ", ".join(values) for name, values in lines.items()}


def printable(text: str) -> str:
    """Return *text* unchanged, or raise RefusedError(400) when it holds a control character."""
    if len(text.translate(_CONTROLS)) != len(text):
        raise RefusedError("A signed header or address holds a control character.", 400)
    return text


def octets(text: str) -> bytes:
    """Return the bytes that *text* had on the wire, headers being read as ISO 8859-1."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise RefusedError("A signed header holds characters no header can carry.", 400) from error


def checked_method(message: Message) -> str:
    """Return the method, or raise RefusedError(400) when it is not a word."""
    if not message.method.isascii() or not message.method.isalpha():
        raise RefusedError("The request method is not a word.", 400)
    return message.method


def checked_target(message: Message) -> str:
    """Return the raw request target, or raise RefusedError(400) when it is not a path."""
    target = message.target
    if not target.startswith("/") or len(target) > MAX_TARGET or " " in target:
        raise RefusedError("The request target is not a path of sensible length.", 400)
    return printable(target)


def checked_key_id(key_id: str) -> str:
    """Return *key_id* when it is a web address, else raise RefusedError(401) (W-KEY-01)."""
    if not key_id.startswith(("https://", "http://")) or len(key_id) > MAX_KEY_ID:
        raise RefusedError("The keyId must be the web address of a key.", 401)
    if not key_id.isascii() or not key_id.isprintable() or " " in key_id:
        raise RefusedError("The keyId holds characters that an address cannot hold.", 401)
    return key_id


def bare_authority(authority: str, scheme: str) -> str:
    """Return *authority* in lower case without the default port of *scheme* (W-SIG-09)."""
    default = ":443" if scheme == "https" else ":80"
    return authority.lower().removesuffix(default)
