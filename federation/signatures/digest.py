"""The digest of a body, as ``Digest`` and ``Content-Digest`` write it.

A digest is what ties a signed header to the bytes of the body: it is always compared with
the bytes as received, before anybody parses them (W-SIG-08, SEC-SIG-02).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from typing import Final

from federation.errors import RefusedError
from federation.signatures import fieldvalues

_KNOWN: Final[dict[str, Callable[[bytes], bytes]]] = {
    "sha-256": lambda body: hashlib.sha256(body).digest(),
    "sha-512": lambda body: hashlib.sha512(body).digest(),
}
REQUIRED: Final = "sha-256"


def write_digest(body: bytes) -> str:
    """Return the value of ``Digest`` (RFC 3230), upper case as some peers compare it (W-SIG-03)."""
    return "SHA-256=" + _sha256_base64(body)


def write_content_digest(body: bytes) -> str:
    """Return the value of ``Content-Digest`` (RFC 9530)."""
    return f"sha-256=:{_sha256_base64(body)}:"


def check_digest(value: str, body: bytes) -> None:
    """Raise RefusedError unless the ``Digest`` header *value* matches *body*.

    SHA-256 is needed, other algorithms are ignored. 400 when it cannot be read, 401 when
    it is missing or differs (W-SIG-08).
    """
    found: bytes | None = None
    for item in value.split(","):
        name, equals, encoded = item.strip(" \t").partition("=")
        if not equals:
            raise RefusedError("The Digest header is not a list of algorithm=value.", 400)
        if name.strip(" \t").lower() != REQUIRED:
            continue
        if found is not None:
            raise RefusedError("The Digest header has SHA-256 twice.", 400)
        found = _decoded(encoded.strip(" \t"))
    if found is None:
        raise RefusedError("The Digest header lacks SHA-256.", 401)
    _compare(REQUIRED, found, body)


def check_content_digest(value: str, body: bytes, *, required: str = REQUIRED) -> None:
    """Raise RefusedError unless the ``Content-Digest`` header *value* matches *body*.

    The *required* algorithm must be there; every algorithm we know must match, the others
    are ignored. 400 when it cannot be read, 401 otherwise (W-9421-01, RFC 9530 §2).
    """
    members = fieldvalues.dictionary(value)
    if required not in members:
        raise RefusedError(f"The Content-Digest header lacks {required}.", 401)
    for name, member in members.items():
        if name not in _KNOWN:
            continue
        digest = member[0]
        if not isinstance(digest, bytes):
            raise RefusedError("A digest in Content-Digest is not a byte sequence.", 400)
        _compare(name, digest, body)


def _compare(name: str, digest: bytes, body: bytes) -> None:
    if not hmac.compare_digest(digest, _KNOWN[name](body)):
        raise RefusedError("The digest is not that of the body.", 401)


def _decoded(encoded: str) -> bytes:
    try:
        digest = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise RefusedError("The SHA-256 of the Digest header is not base64.", 400) from error
    if len(digest) != hashlib.sha256().digest_size:
        raise RefusedError("The SHA-256 of the Digest header does not have 32 bytes.", 400)
    return digest


def _sha256_base64(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
