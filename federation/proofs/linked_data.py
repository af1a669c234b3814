"""RsaSignature2017: how older software proves a forwarded activity. The last resort.

What a reader gets is never the document as it came, only what its signature covers, said
in our own words (W-LDS-01 to 03). Prefer fetching the object from its origin.

What reads graphs (``graph``, with PyLD) is large and seldom needed: it is loaded with the
first signature of this kind.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import instants, iris, keys
from federation.contexts import IDENTITY_V1
from federation.errors import RefusedError
from federation.keys import PublicKey
from federation.names import AS2, SECURITY_V1
from federation.proofs import restraint

TYPE: Final = "RsaSignature2017"
MAX_AGE: Final = timedelta(days=7)
AHEAD: Final = timedelta(minutes=60)
_MAX_SIGNATURE: Final = 2048

_OPTIONS: Final = frozenset({"creator", "created", "expires", "domain", "nonce"})
_NOT_OPTIONS: Final = frozenset({"type", "id", "signatureValue"})


def sign(
    document: Mapping[str, Any], *, key: RSAPrivateKey, key_id: str, now: datetime
) -> dict[str, Any]:
    """Return *document* with a signature by the RSA key *key_id*, made at *now* (W-LDS-01).

    Only for what everybody may read (W-LDS-02). A former signature is replaced.
    RefusedError(401) when the document leans on a context that is not in the bundle.
    """
    bare = _without_signature(document)
    options = {"creator": key_id, "created": instants.write(now)}
    signature = keys.sign_rsa(key, signed_text(bare, options))
    value = base64.b64encode(signature).decode("ascii")
    return {**bare, "signature": {"type": TYPE, **options, "signatureValue": value}}


def creator(document: Mapping[str, Any]) -> str | None:
    """Return the id of the key that the signature of *document* names; None without one."""
    signature = document.get("signature")
    named = signature.get("creator") if isinstance(signature, Mapping) else None
    return named if isinstance(named, str) else None


def verify(document: Mapping[str, Any], key: PublicKey, now: datetime) -> dict[str, Any]:
    """Return what *key* signed of *document*, compacted in our own words: read nothing else.

    The owner of *key* must be the actor of the activity and have the origin of its id.
    RefusedError(401) when anything could have been moved, added or renamed since it was
    signed, when the signature is older than seven days at *now*, expired or wrong (W-LDS-03).
    """
    from federation.proofs import graph

    keys.check_usable(key, now)
    if key.algorithm != "rsa":
        raise RefusedError("RsaSignature2017 needs an RSA key.", 401)
    options, value = _options(document, key, now)
    restraint.check(document)
    bare = _without_signature(document)
    expanded = graph.expand(bare)
    kept = graph.signed_part(expanded)
    text = _hashes(graph.digest(_expanded_options(options)), graph.digest(expanded))
    if not keys.made(key.key, value, text):
        raise RefusedError("The signature is not one of this key over this document.", 401)
    read = graph.compact(kept, restraint.READING)
    if read.get("actor") != key.owner:
        raise RefusedError("The signature was not made by the actor of the activity.", 401)
    if not iris.same_origin(str(read.get("id")), key.owner):
        raise RefusedError("The signed activity is not of its actor's server.", 401)
    return {"@context": [AS2, SECURITY_V1], **_only_words(read)}


def signed_text(bare: Mapping[str, Any], options: Mapping[str, str]) -> bytes:
    """Return the 128 hexadecimal characters that are signed: options first, then document."""
    from federation.proofs import graph

    return _hashes(graph.digest(_expanded_options(options)), graph.digest(graph.expand(bare)))


def _hashes(options: str, document: str) -> bytes:
    return (options + document).encode("ascii")


def _expanded_options(options: Mapping[str, str]) -> dict[str, Any]:
    from federation.proofs import graph

    return graph.expand({"@context": IDENTITY_V1, **options})


def _options(
    document: Mapping[str, Any], key: PublicKey, now: datetime
) -> tuple[dict[str, str], bytes]:
    """Return the signed options and the signature itself, once they are in order."""
    signature = document.get("signature")
    if not isinstance(signature, Mapping) or signature.get("type") != TYPE:
        raise RefusedError("The document carries no single RsaSignature2017.", 401)
    options: dict[str, str] = {}
    for name, value in signature.items():
        if name in _NOT_OPTIONS:
            continue
        if name not in _OPTIONS or not isinstance(value, str):
            raise RefusedError("The signature carries something that is no option of it.", 401)
        options[name] = value
    if options.get("creator") != key.id:
        raise RefusedError("The key is not the one the signature names.", 401)
    created = instants.read(options.get("created"))
    if not now - MAX_AGE <= created <= now + AHEAD:
        raise RefusedError("The signature is older than seven days, or of the future.", 401)
    if "expires" in options and instants.read(options["expires"]) <= now:
        raise RefusedError("The signature has expired.", 401)
    return options, _decoded(signature.get("signatureValue"))


def _decoded(value: Any) -> bytes:
    if not isinstance(value, str) or len(value) > _MAX_SIGNATURE:
        raise RefusedError("The signature is not a text of sensible length.", 401)
    try:
        return base64.b64decode(value.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise RefusedError("The signature is not base64.", 401) from error


def _without_signature(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "signature"}


def _only_words(value: Any) -> Any:
    """Return *value* without the members whose names are not words of ours."""
    if isinstance(value, list):
        return [_only_words(one) for one in value]
    if isinstance(value, dict):
        return {name: _only_words(inner) for name, inner in value.items() if ":" not in name}
    return value
