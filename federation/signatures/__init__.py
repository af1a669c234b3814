"""Signed requests: made and verified, whichever scheme the peer speaks.

``claim`` refuses everything a message gives away by its headers alone, before any key is
looked for; ``verify`` then needs nothing but the key (wire: pipeline steps 4 and 7).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from federation import keys
from federation.errors import RefusedError
from federation.keys import PublicKey, Signer
from federation.names import LD_JSON_AS2
from federation.signatures import cavage, rfc9421
from federation.signatures.message import Claim, Message, Scheme, fields

__all__ = ["Claim", "Message", "Scheme", "claim", "key_id", "sign", "verify"]


def claim(message: Message, now: datetime) -> Claim:
    """Return what the signature of *message*, received at *now* (aware), claims.

    Everything but cryptography is checked, and the first failure ends it: RefusedError with
    400 for syntax and 401 for anything else (W-SIG-06 to 11, W-9421-01 to 03). When
    ``Signature-Input`` is there, RFC 9421 alone decides.
    """
    by_name = fields(message.headers)
    if "signature-input" in by_name:
        return rfc9421.claim(message, by_name, now)
    if "signature" in by_name:
        return cavage.claim(message, by_name, now)
    raise RefusedError("The request is not signed.", 401)


def verify(claim: Claim, key: PublicKey) -> None:
    """Return when *key* made the signature of *claim*; RefusedError(401) otherwise.

    The key chooses the algorithm, the message may only agree (W-SIG-10). A weak, expired or
    revoked key is refused whatever it signed (SEC-SIG-06, W-KEY-04).
    """
    if key.id != claim.key_id:
        raise RefusedError("The key is not the one the signature names.", 401)
    keys.check_usable(key, claim.at)
    if claim.algorithm is not None and claim.algorithm != key.algorithm:
        raise RefusedError("The signature names another algorithm than that of its key.", 401)
    if not any(keys.made(key.key, claim.signature, base) for base in claim.bases):
        raise RefusedError("The signature is not one of this key over this message.", 401)


def key_id(headers: Iterable[tuple[str, str]]) -> str | None:
    """Return the key id that a request names, None when there is none to read.

    Nothing is validated: enough to refuse a blocked host before any other work.
    """
    by_name = fields(headers)
    try:
        if "signature-input" in by_name:
            return rfc9421.key_id_of(by_name)
        if "signature" in by_name:
            return cavage.parameters(by_name["signature"]).get("keyId")
    except RefusedError:
        return None
    return None


def sign(
    *,
    method: str,
    url: str,
    body: bytes | None,
    signer: Signer,
    scheme: Scheme,
    now: datetime,
    content_type: str = LD_JSON_AS2,
) -> dict[str, str]:
    """Return the headers with which to send *body* (None for a GET) to *url* as *signer*.

    *url* is a normalised IRI without fragment, sent exactly as given. *now* is aware; make a
    new signature for each attempt (W-SIG-04). ``Content-Type`` is among the headers when
    there is a body, because it is signed.
    """
    host, _, rest = url.partition("://")[2].partition("/")
    if scheme == "rfc9421":
        return rfc9421.sign(
            method=method,
            url=url,
            host=host,
            body=body,
            content_type=content_type,
            signer=signer,
            now=now,
        )
    return cavage.sign(
        method=method,
        target=f"/{rest}",
        host=host,
        body=body,
        content_type=content_type,
        signer=signer,
        now=now,
    )
