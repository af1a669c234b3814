"""draft-cavage-http-signatures-12, the scheme every server of the fediverse speaks."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Final

from federation.errors import RefusedError
from federation.keys import Algorithm, Signer, sign_rsa
from federation.names import LD_JSON_AS2
from federation.signatures import digest, window
from federation.signatures.message import (
    MAX_FIELD,
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

REQUEST_TARGET: Final = "(request-target)"
CREATED: Final = "(created)"
EXPIRES: Final = "(expires)"

# What the message may say; the key alone decides (W-SIG-10). hs2019 says nothing.
_ALGORITHMS: Final[dict[str, Algorithm | None]] = {
    "hs2019": None,
    "rsa-sha256": "rsa",
    "ed25519": "ed25519",
}

# Possessive quantifiers: whatever does not match fails at once, in linear time.
_PARAMETER: Final = re.compile(
    r"""
    [\ \t]*+ ([A-Za-z0-9!#$%&'*+.^_`|~-]++) [\ \t]*+ = [\ \t]*+
    (?: " ((?: [^"\\\x00-\x08\x0a-\x1f\x7f]++ | \\["\\] )*+) " | ([A-Za-z0-9!#$%&'*+.^_`|~-]++) )
    [\ \t]*+ (,|\Z)
    """,
    re.VERBOSE,
)
_ESCAPED: Final = re.compile(r"\\(.)")
_HEADER_NAME: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]++\Z")


def parameters(value: str) -> dict[str, str]:
    """Return the parameters of a ``Signature`` header.

    Quoted values may hold commas and escaped quotes, blanks may stand around commas and
    equals signs. RefusedError(400) when it is too long, malformed, or names one twice
    (W-SIG-10, SEC-SIG-07).
    """
    if len(value) > MAX_FIELD:
        raise RefusedError("The Signature header is longer than 8 KiB.", 400)
    found: dict[str, str] = {}
    position, more = 0, True
    while more:
        match = _PARAMETER.match(value, position)
        if match is None:
            raise RefusedError("The Signature header is not a list of name=value.", 400)
        name, quoted, token, comma = match.groups()
        if name in found:
            raise RefusedError(f"The Signature header has {name} twice.", 400)
        if token is not None:
            found[name] = token
        else:
            found[name] = quoted if "\\" not in quoted else _unescaped(quoted)
        position, more = match.end(), comma == ","
    return found


def claim(message: Message, fields: dict[str, str], now: datetime) -> Claim:
    """Return what the signature claims, once everything but cryptography is checked.

    *fields* are the headers of *message* by name. Raises RefusedError at the first failure:
    400 for syntax, 401 for anything missing, foreign, late or different (W-SIG-06 to 11).
    """
    given = parameters(fields["signature"])
    key_id = checked_key_id(_needed(given, "keyId"))
    signature = _decoded(_needed(given, "signature"))
    name = given.get("algorithm", "hs2019").lower()
    if name not in _ALGORITHMS:
        raise RefusedError("The algorithm of the signature is none we verify.", 401)

    covered = _covered(given, name)
    _check_coverage(message, covered)
    _check_host(message, fields)
    _check_time(given, covered, fields, name, now)
    if "digest" in covered:
        if "digest" not in fields:
            raise RefusedError("The signed Digest header is missing.", 401)
        digest.check_digest(fields["digest"], message.body or b"")

    method, target = checked_method(message), checked_target(message)
    targets = [target]
    if "?" in target:
        # Several servers drop the query when they sign (W-SIG-02, W-SIG-11).
        targets.append(target.partition("?")[0])
    return Claim(
        key_id=key_id,
        scheme="cavage",
        algorithm=_ALGORITHMS[name],
        signature=signature,
        bases=tuple(base(method, one, covered, fields, given) for one in targets),
        at=now,
    )


def base(
    method: str,
    target: str,
    covered: tuple[str, ...],
    fields: dict[str, str],
    given: dict[str, str],
) -> bytes:
    """Return the signing string (draft-cavage-12 §2.3).

    RefusedError(401) when a covered header is absent, 400 when one holds control characters.
    """
    lines = []
    for name in covered:
        if name == REQUEST_TARGET:
            value = f"{method.lower()} {target}"
        elif name in (CREATED, EXPIRES):
            value = _needed(given, name[1:-1])
        elif name in fields:
            value = printable(fields[name])
        else:
            raise RefusedError(f"The signed header {name} is missing.", 401)
        lines.append(f"{name}: {value}")
    return octets("\n".join(lines))


def sign(
    *,
    method: str,
    target: str,
    host: str,
    body: bytes | None,
    content_type: str = LD_JSON_AS2,
    signer: Signer,
    now: datetime,
) -> dict[str, str]:
    """Return the headers that make this request one of *signer* (W-SIG-01 to 04).

    *target* is the path and query as they will be sent, *host* the authority.
    """
    date = window.fixdate(now)
    head = f"(request-target): {method.lower()} {target}\nhost: {host}\ndate: {date}"
    if body is None:
        signature = base64.b64encode(sign_rsa(signer.key, head.encode("ascii")))
        return {
            "Host": host,
            "Date": date,
            "Signature": f'keyId="{signer.key_id}",algorithm="rsa-sha256",'
            f'headers="(request-target) host date",signature="{signature.decode("ascii")}"',
        }
    digest_value = digest.write_digest(body)
    text = f"{head}\ndigest: {digest_value}\ncontent-type: {content_type}"
    signature = base64.b64encode(sign_rsa(signer.key, text.encode("ascii")))
    return {
        "Host": host,
        "Date": date,
        "Digest": digest_value,
        "Content-Type": content_type,
        "Signature": f'keyId="{signer.key_id}",algorithm="rsa-sha256",'
        'headers="(request-target) host date digest content-type",'
        f'signature="{signature.decode("ascii")}"',
    }


def _covered(given: dict[str, str], algorithm: str) -> tuple[str, ...]:
    listed = given.get("headers")
    if listed is None:
        return (CREATED,) if algorithm == "hs2019" else ("date",)
    covered = tuple(listed.lower().split(" "))
    if len(set(covered)) != len(covered):
        raise RefusedError("The signature lists the same header twice.", 400)
    for name in covered:
        if name not in (REQUEST_TARGET, CREATED, EXPIRES) and not _HEADER_NAME.match(name):
            raise RefusedError("The signature lists something that is not a header.", 400)
    return covered


def _check_coverage(message: Message, covered: tuple[str, ...]) -> None:
    needed = [REQUEST_TARGET, "host"]
    if message.method.upper() not in ("GET", "HEAD") or message.body:
        needed.append("digest")
    for name in needed:
        if name not in covered:
            raise RefusedError(f"The signature must cover {name}.", 401)
    if "date" not in covered and CREATED not in covered:
        raise RefusedError("The signature must cover date or (created).", 401)


def _check_host(message: Message, fields: dict[str, str]) -> None:
    host = fields.get("host")
    if host is None:
        raise RefusedError("The signed Host header is missing.", 401)
    expected = bare_authority(message.authority, message.scheme)
    if bare_authority(host, message.scheme) != expected:
        raise RefusedError("The message was signed for another server.", 401)


def _check_time(
    given: dict[str, str],
    covered: tuple[str, ...],
    fields: dict[str, str],
    algorithm: str,
    now: datetime,
) -> None:
    if algorithm != "hs2019" and (CREATED in covered or EXPIRES in covered):
        raise RefusedError("(created) and (expires) go with hs2019 only.", 401)
    created: datetime | None = None
    if "date" in covered:
        if "date" not in fields:
            raise RefusedError("The signed Date header is missing.", 401)
        created = window.from_fixdate(fields["date"])
        window.check(created, now)
    if CREATED in covered:
        created = window.from_epoch(_whole(_needed(given, "created")))
        window.check(created, now)
    if "expires" in given:
        window.check_expiry(window.from_epoch(_whole(given["expires"])), created, now)


def _needed(given: dict[str, str], name: str) -> str:
    value = given.get(name)
    if not value:
        raise RefusedError(f"The Signature header lacks {name}.", 401)
    return value


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise RefusedError("created and expires must be whole seconds since 1970.", 401)
    return int(text)


def _decoded(text: str) -> bytes:
    try:
        signature = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise RefusedError("The signature is not base64.", 400) from error
    if not 0 < len(signature) <= MAX_SIGNATURE:
        raise RefusedError("The signature is not of sensible length.", 400)
    return signature


def _unescaped(quoted: str) -> str:
    return _ESCAPED.sub(r"\1", quoted)
