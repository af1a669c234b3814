"""A second step besides the password: codes of an authenticator, recovery codes (SEC-AUT-02)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

import pyotp

from fedcommune.database import Transaction
from fedcommune.domain.citizens import outgoing, queries
from fedcommune.domain.citizens.actions import signing
from fedcommune.domain.citizens.model import Citizen, SignedIn
from fedcommune.domain.citizens.queries import joining as stored
from fedcommune.domain.citizens.queries import passkeys
from fedcommune.errors import Conflict, Invalid

STEP: Final = 30  # seconds
CODES: Final = 10
_CODE_BYTES: Final = 10  # 80 bits, sixteen letters and digits


async def propose(tx: Transaction, who: SignedIn) -> tuple[str, str]:
    """Make a secret for an authenticator, not in use before :func:`turn_on`.

    Return it in base32, and as the address that authenticators open. Raises Conflict when
    one is in use.
    """
    citizen = await queries.locked(tx.db, who.account.id)
    if citizen is None or citizen.second_factor_at is not None:
        raise Conflict(_("The second step is on already: turn it off first."))
    secret = pyotp.random_base32()
    await stored.set_totp(
        tx.db, citizen.account_id, tx.keyring.seal(secret.encode(), _sealed_for(citizen))
    )
    return secret, address_of(who, secret, tx.instance.name)


async def proposed(tx: Transaction, who: SignedIn) -> tuple[str, str] | None:
    """Return the secret that waits for its first code, as :func:`propose` did."""
    secret = await _secret(tx, who.citizen)
    return None if secret is None else (secret, address_of(who, secret, tx.instance.name))


def address_of(who: SignedIn, secret: str, issuer: str) -> str:
    """Return the ``otpauth:`` address of a secret."""
    return pyotp.TOTP(secret).provisioning_uri(name=who.account.handle, issuer_name=issuer)


async def turn_on(tx: Transaction, who: SignedIn, code: str) -> list[str]:
    """Ask for a second step from now on; return the recovery codes, which are shown once.

    Every other browser must sign in again. Raises Invalid for a wrong code, Conflict.
    """
    citizen = await queries.locked(tx.db, who.account.id)
    if citizen is None or citizen.second_factor_at is not None:
        raise Conflict(_("The second step is on already: turn it off first."))
    if not await _check_totp(tx, citizen, code):
        raise Invalid("code", _("This code is wrong or was used: type the one you see now."))
    await stored.set_second_factor(tx.db, citizen.account_id, tx.now)
    await signing.end_others(tx, who)
    await outgoing.told(tx, citizen, "second_factor_on", who.account.username)
    return await _new_codes(tx, citizen)


async def renew_codes(tx: Transaction, who: SignedIn, code: str) -> list[str]:
    """Return new recovery codes; the old ones are worth nothing. Raises Invalid."""
    citizen = await queries.locked(tx.db, who.account.id)
    if citizen is None or not await check(tx, citizen, code):
        raise Invalid("code", _("This code is wrong or was used: type the one you see now."))
    return await _new_codes(tx, citizen)


async def turn_off(tx: Transaction, who: SignedIn, code: str) -> None:
    """Ask for the password alone again: it takes a code to do so. Raises Invalid."""
    citizen = await queries.locked(tx.db, who.account.id)
    if citizen is None or not await check(tx, citizen, code):
        raise Invalid("code", _("This code is wrong or was used: type the one you see now."))
    await _forget(tx, citizen)
    await outgoing.told(tx, citizen, "second_factor_off", who.account.username)


async def take_away(tx: Transaction, citizen: Citizen, username: str) -> None:
    """Turn the second step off for somebody whom the administrators know; passkeys go too."""
    await _forget(tx, citizen)
    await passkeys.remove_all(tx.db, citizen.account_id)
    await outgoing.told(tx, citizen, "second_factor_off", username)


async def check(tx: Transaction, citizen: Citizen, code: str) -> bool:
    """Tell whether *code* is of the authenticator now, or a recovery code; it is used up."""
    if citizen.second_factor_at is None:
        return False
    if await _check_totp(tx, citizen, code):
        return True
    return await stored.use_recovery_code(tx.db, citizen.account_id, _digest(code))


async def _check_totp(tx: Transaction, citizen: Citizen, code: str) -> bool:
    """RFC 6238 with one step of skew on either side; each code counts once (§5.2)."""
    typed = "".join(code.split())
    secret = await _secret(tx, citizen)
    if secret is None or len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return False
    here = int(tx.now.timestamp()) // STEP
    for step in (here, here - 1, here + 1):
        if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), typed):
            return await stored.take_step(tx.db, citizen.account_id, step)
    return False


async def _secret(tx: Transaction, citizen: Citizen) -> str | None:
    kept = await stored.totp(tx.db, citizen.account_id)
    if kept is None:
        return None
    return tx.keyring.open(kept[0], _sealed_for(citizen)).decode()


async def _new_codes(tx: Transaction, citizen: Citizen) -> list[str]:
    codes = [_new_code() for _number in range(CODES)]
    await stored.replace_recovery_codes(
        tx.db, citizen.account_id, [_digest(code) for code in codes]
    )
    return codes


async def _forget(tx: Transaction, citizen: Citizen) -> None:
    await stored.set_totp(tx.db, citizen.account_id, None)
    await stored.replace_recovery_codes(tx.db, citizen.account_id, [])


def _new_code() -> str:
    """Four groups of four, without what looks alike."""
    text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def _digest(code: str) -> bytes:
    plain = "".join(each for each in code.lower() if each.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "replace")).digest()


def _sealed_for(citizen: Citizen) -> str:
    return f"authenticator {citizen.account_id}"


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message
