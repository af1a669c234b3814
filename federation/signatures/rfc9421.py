"""HTTP Message Signatures (RFC 9421), in the profile the fediverse uses.

The signature base is built here, and only the parsing of structured fields is http_sf's:
the http-message-signatures library looks keys up by itself in the middle of its checks and
takes address and host from the request, where we refuse a message before any key is fetched
and believe only our own configuration (W-SIG-09).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from federation.errors import RefusedError
from federation.keys import Algorithm, Signer, sign_rsa
from federation.names import LD_JSON_AS2
from federation.signatures import digest, fieldvalues, window
from federation.signatures.message import (
    MAX_SIGNATURE,
    Claim,
    Message,
    bare_authority,
    checked_key_id,
    checked_method,
    checked_target,
    octets,
    printable,
)

LABEL: Final = "sig1"
_ALGORITHMS: Final[dict[str, Algorithm]] = {"rsa-v1_5-sha256": "rsa", "ed25519": "ed25519"}
_WHOLE_TARGET: Final = frozenset({"@scheme", "@authority", "@path", "@query"})


def key_id_of(fields: dict[str, str]) -> str | None:
    """Return the ``keyid`` of the only signature in *fields*; RefusedError(400) on bad syntax."""
    _, _, given = _only_input(fields)
    key_id = given.get("keyid")
    return key_id if isinstance(key_id, str) else None


def claim(message: Message, fields: dict[str, str], now: datetime) -> Claim:
    """Return what the signature claims, once everything but cryptography is checked.

    *fields* are the headers of *message* by name. Raises RefusedError at the first failure:
    400 for syntax, 401 for anything missing, foreign, late or different (W-9421-01, 02).
    """
    label, items, given = _only_input(fields)
    signature = _signature(fields, label)
    key_id = given.get("keyid")
    if not isinstance(key_id, str):
        raise RefusedError("The signature lacks keyid.", 401)
    checked_key_id(key_id)
    algorithm: Algorithm | None = None
    if "alg" in given:
        name = given["alg"]
        if not isinstance(name, str) or name not in _ALGORITHMS:
            raise RefusedError("The algorithm of the signature is none we verify.", 401)
        algorithm = _ALGORITHMS[name]

    covered = components(items)
    _check_coverage(message, covered)
    if "host" in covered and bare_authority(
        fields.get("host", ""), message.scheme
    ) != bare_authority(message.authority, message.scheme):
        raise RefusedError("The message was signed for another server.", 401)
    _check_time(given, now)
    if "content-digest" in covered:
        if "content-digest" not in fields:
            raise RefusedError("The signed Content-Digest header is missing.", 401)
        digest.check_content_digest(fields["content-digest"], message.body or b"")

    return Claim(
        key_id=key_id,
        scheme="rfc9421",
        algorithm=algorithm,
        signature=signature,
        bases=(base(message, fields, covered, fieldvalues.written(items, given)),),
        at=now,
    )


def components(items: Sequence[Any]) -> tuple[str, ...]:
    """Return the names of the covered components.

    Refuses parameters on components (``req``, ``bs``, ``tr``, ``key``, ``sf``, ``name``):
    no peer uses them and each changes what was signed (SEC-SIG-08). RefusedError(401), or
    400 when a component is not a string or comes twice.
    """
    names: list[str] = []
    for item in items:
        name, parameters = item if isinstance(item, tuple) else (item, {})
        if not isinstance(name, str) or name != name.lower():
            raise RefusedError("A covered component is not a lower-case string.", 400)
        if parameters:
            raise RefusedError("Parameters on covered components are not accepted.", 401)
        names.append(name)
    if len(set(names)) != len(names):
        raise RefusedError("The signature covers the same component twice.", 400)
    return tuple(names)


def base(message: Message, fields: dict[str, str], covered: tuple[str, ...], given: str) -> bytes:
    """Return the signature base (RFC 9421 §2.5); *given* is the text of ``@signature-params``.

    RefusedError(401) when a covered component is absent or unknown.
    """
    lines = [f'"{name}": {_value(message, fields, name)}' for name in covered]
    lines.append(f'"@signature-params": {given}')
    return octets("\n".join(lines))


def sign(
    *,
    method: str,
    url: str,
    host: str,
    body: bytes | None,
    content_type: str = LD_JSON_AS2,
    signer: Signer,
    now: datetime,
) -> dict[str, str]:
    """Return the headers that make this request one of *signer* (W-9421-04)."""
    created = int(now.timestamp())
    headers = {"Host": host, "Date": window.fixdate(now)}
    lines = f'"@method": {method.upper()}\n"@target-uri": {url}\n'
    names = '"@method" "@target-uri"'
    if body is not None:
        value = digest.write_content_digest(body)
        headers["Content-Digest"] = value
        headers["Content-Type"] = content_type
        lines += f'"content-digest": {value}\n'
        names += ' "content-digest"'
    given = f'({names});created={created};keyid="{signer.key_id}"'
    signature = sign_rsa(signer.key, f'{lines}"@signature-params": {given}'.encode("ascii"))
    headers["Signature-Input"] = f"{LABEL}={given}"
    headers["Signature"] = f"{LABEL}=:{base64.b64encode(signature).decode('ascii')}:"
    return headers


def _only_input(fields: dict[str, str]) -> tuple[str, list[Any], dict[str, Any]]:
    members = fieldvalues.dictionary(fields["signature-input"])
    if len(members) != 1:
        raise RefusedError("Send exactly one signature.", 401)
    [(label, (items, given))] = members.items()
    if not isinstance(items, list):
        raise RefusedError("Signature-Input is not an inner list of components.", 400)
    return label, items, given


def _signature(fields: dict[str, str], label: str) -> bytes:
    if "signature" not in fields:
        raise RefusedError("The Signature header is missing.", 401)
    members = fieldvalues.dictionary(fields["signature"])
    if list(members) != [label]:
        raise RefusedError("Send exactly one signature, under one label.", 401)
    signature = members[label][0]
    if not isinstance(signature, bytes) or not 0 < len(signature) <= MAX_SIGNATURE:
        raise RefusedError("The signature is not a byte sequence of sensible length.", 400)
    return signature


def _check_coverage(message: Message, covered: tuple[str, ...]) -> None:
    if "@method" not in covered:
        raise RefusedError("The signature must cover @method.", 401)
    if "@target-uri" not in covered and not _WHOLE_TARGET.issubset(covered):
        raise RefusedError("The signature must cover @target-uri.", 401)
    carries = message.method.upper() not in ("GET", "HEAD") or message.body
    if carries and "content-digest" not in covered:
        raise RefusedError("The signature must cover content-digest.", 401)


def _check_time(given: dict[str, Any], now: datetime) -> None:
    if "created" not in given:
        raise RefusedError("The signature lacks created.", 401)
    created = window.from_epoch(_whole(given["created"]))
    window.check(created, now)
    if "expires" in given:
        window.check_expiry(window.from_epoch(_whole(given["expires"])), created, now)


def _value(message: Message, fields: dict[str, str], name: str) -> str:
    if not name.startswith("@"):
        if name not in fields:
            raise RefusedError(f"The signed header {name} is missing.", 401)
        return printable(fields[name])
    target = checked_target(message)
    path, _, query = target.partition("?")
    match name:
        case "@method":
            return checked_method(message)
        case "@target-uri":
            authority = bare_authority(message.authority, message.scheme)
            return f"{message.scheme}://{authority}{target}"
        case "@authority":
            return bare_authority(message.authority, message.scheme)
        case "@scheme":
            return message.scheme
        case "@request-target":
            return target
        case "@path":
            return path
        case "@query":
            return f"?{query}"
        case _:
            raise RefusedError(f"The component {name} is not accepted.", 401)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise RefusedError("created and expires must be whole seconds since 1970.", 401)
    return value
