"""Passkeys: a device that knows its owner signs in, without a password (SEC-AUT-02).

The device checks who holds it (user verification), so a passkey is both steps at once.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import timedelta
from typing import Any, Final

import msgspec
import webauthn
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from fedcommune.database import Transaction
from fedcommune.domain.citizens import outgoing, queries
from fedcommune.domain.citizens.model import Citizen, Passkey, SignedIn
from fedcommune.domain.citizens.queries import passkeys
from fedcommune.errors import Conflict, Invalid, NotFound

GOOD_FOR: Final = timedelta(minutes=5)
MOST: Final = 20
MAX_NAME: Final = 60
MAX_ANSWER: Final = 20_000
_CHALLENGE_BYTES: Final = 32


async def begin(tx: Transaction, who: SignedIn) -> str:
    """Return what the browser must be asked for a new passkey of *who*, as JSON."""
    challenge = await _challenge(tx, who.account.id)
    options = webauthn.generate_registration_options(
        rp_id=tx.instance.host,
        rp_name=tx.instance.name,
        user_id=who.account.id.to_bytes(8, "big"),
        user_name=who.account.username,
        user_display_name=who.account.display_name,
        challenge=challenge,
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=each.id)
            for each in await passkeys.of_citizen(tx.db, who.account.id)
        ],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return webauthn.options_to_json(options)


async def add(tx: Transaction, who: SignedIn, answer: str, name: str) -> Passkey:
    """Keep the passkey that the browser made. Raises Invalid for any other answer."""
    challenge = _challenge_of(answer)
    if not await passkeys.use_challenge(tx.db, challenge, who.account.id, tx.now):
        raise _refused()
    if len(await passkeys.of_citizen(tx.db, who.account.id)) >= MOST:
        raise Conflict(_("You have twenty passkeys: remove one first."))
    try:
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=tx.instance.host,
            expected_origin=tx.instance.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, LookupError, TypeError, AttributeError):
        raise _refused() from None
    passkey = Passkey(
        id=verified.credential_id,
        account_id=who.account.id,
        name=" ".join(name.split())[:MAX_NAME] or _("Passkey"),
        public_key=verified.credential_public_key,
        counter=verified.sign_count,
        created_at=tx.now,
    )
    if not await passkeys.insert(tx.db, passkey):
        raise Conflict(_("This passkey is kept already."))
    await outgoing.told(
        tx,
        who.citizen,
        "passkey_added",
        who.account.username,
        page="/settings/passkeys",
        passkey=passkey.name,
    )
    return passkey


async def ask(tx: Transaction) -> str:
    """Return what a browser must be asked to sign in with whatever passkey it has, as JSON."""
    challenge = await _challenge(tx, None)
    options = webauthn.generate_authentication_options(
        rp_id=tx.instance.host,
        challenge=challenge,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


async def sign_in(tx: Transaction, answer: str) -> Citizen:
    """Return who proved to hold a passkey. Raises Invalid.

    Origin, relying party, challenge, user verification and the counter are checked; a
    challenge counts once.
    """
    challenge = _challenge_of(answer)
    passkey = await passkeys.by_id(tx.db, _credential_id(answer))
    if passkey is None or not await passkeys.use_challenge(tx.db, challenge, None, tx.now):
        raise _refused()
    try:
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=tx.instance.host,
            expected_origin=tx.instance.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.counter,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, LookupError, TypeError, AttributeError):
        raise _refused() from None
    await passkeys.used(tx.db, passkey.id, verified.new_sign_count, tx.now)
    citizen = await queries.by_account(tx.db, passkey.account_id)
    if citizen is None or not citizen.may_enter:
        raise _refused()
    return citizen


async def remove(tx: Transaction, who: SignedIn, credential_id: str) -> None:
    """Forget a passkey of *who* (its id in hexadecimal). Raises NotFound."""
    try:
        raw = bytes.fromhex(credential_id[:2_048])
    except ValueError:
        raise NotFound from None
    if not await passkeys.remove(tx.db, who.account.id, raw):
        raise NotFound


async def _challenge(tx: Transaction, account_id: int | None) -> bytes:
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    await passkeys.insert_challenge(tx.db, challenge, account_id, tx.now + GOOD_FOR)
    return challenge


def _challenge_of(answer: str) -> bytes:
    """Read which challenge is answered; whether it is ours is seen in the database."""
    response = _dict(_json(answer.encode()[:MAX_ANSWER]), "response")
    data = _json(_decoded(response.get("clientDataJSON")))
    return _decoded(data.get("challenge"))


def _credential_id(answer: str) -> bytes:
    return _decoded(_json(answer.encode()[:MAX_ANSWER]).get("rawId"))


def _json(raw: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _refused() from None


def _dict(document: dict[str, Any], name: str) -> dict[str, Any]:
    found = document.get(name)
    if not isinstance(found, dict):
        raise _refused()
    return found


def _decoded(text: object) -> bytes:
    if not isinstance(text, str):
        raise _refused()
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise _refused() from None


def _refused() -> Invalid:
    return Invalid("answer", _("This passkey was not accepted: try again."))


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message
