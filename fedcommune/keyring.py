"""Private keys: sealed in the database, opened in memory, never written elsewhere."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fedcommune.database import Clock, Executor, utc_now
from federation import keys
from federation.errors import GoneError
from federation.keys import Signer

SECRET_BYTES: Final = 32
NONCE_BYTES: Final = 12
# A new key waits so long before we sign with it: the others learn of it first (W-KEY-04).
SWITCH_AFTER: Final = timedelta(minutes=10)
# An actor's signer is asked of the database again after so long.
REMEMBERED: Final = timedelta(minutes=1)


def new_secret() -> bytes:
    """Return a new secret for a :class:`Keyring`: 32 random bytes."""
    return secrets.token_bytes(SECRET_BYTES)


class Keyring:
    """Seal private keys with a secret that is not in the database (SEC-SIG-11).

    *secret* is 32 bytes; ValueError when it has another length. *room* is how many parsed
    keys stay in memory: parsing one costs milliseconds, so the busy ones are kept.
    """

    def __init__(self, secret: bytes, *, room: int = 2048) -> None:
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"The secret of the keyring must be {SECRET_BYTES} bytes long.")
        self._cipher = AESGCM(secret)
        self._secret = secret
        self._room = room
        self._lock = threading.Lock()
        self._parsed: OrderedDict[str, tuple[bytes, RSAPrivateKey | Ed25519PrivateKey]]
        self._parsed = OrderedDict()

    def seal(self, plain: bytes, key_id: str) -> bytes:
        """Return *plain* encrypted with AES-256-GCM, bound to *key_id*."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, key_id.encode())

    def open(self, sealed: bytes, key_id: str) -> bytes:
        """Return what was sealed for *key_id*.

        Raises ValueError when it was sealed for another key or with another secret.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], key_id.encode())
        except (InvalidTag, ValueError):
            raise ValueError(
                f"The private key {key_id} cannot be opened: restore the keyring's secret file."
            ) from None

    def derived(self, purpose: str) -> bytes:
        """Return 32 secret bytes for *purpose*, always the same (HKDF-SHA256, RFC 5869)."""
        expansion = HKDF(hashes.SHA256(), SECRET_BYTES, None, f"fedcommune {purpose}".encode())
        return expansion.derive(self._secret)

    async def signer(self, db: Executor, actor_id: str, now: datetime) -> Signer:
        """Return what signs for the local actor *actor_id*.

        The newest key that the others had time to learn of signs; the first one at once.
        Raises GoneError when there is no such actor here, or its keys were forgotten.
        """
        rows = await db.fetch(
            """
            select key.id, key.algorithm, key.private
            from commune.key
            join commune.account on account.id = key.account_id
            where account.actor_id = $1
              and account.local
              and key.private is not null
              and key.revoked_at is null
              and (key.expires_at is null or key.expires_at > $2)
            order by key.created_at <= $3 desc,
                     case when key.created_at <= $3 then key.created_at end desc,
                     key.created_at
            """,
            actor_id,
            now,
            now - SWITCH_AFTER,
        )
        chosen: dict[str, tuple[str, RSAPrivateKey | Ed25519PrivateKey]] = {}
        for row in rows:
            if row["algorithm"] not in chosen:
                parsed = self._parse(row["id"], row["algorithm"], row["private"])
                chosen[row["algorithm"]] = (row["id"], parsed)
        key_id, key = chosen.get("rsa", ("", None))
        if not isinstance(key, RSAPrivateKey):
            raise GoneError(f"{actor_id} has no key to sign with any more.")
        proof_key_id, proof_key = chosen.get("ed25519", (None, None))
        if not isinstance(proof_key, Ed25519PrivateKey):
            return Signer(actor_id, key_id, key)
        return Signer(actor_id, key_id, key, proof_key_id, proof_key)

    def _parse(
        self, key_id: str, algorithm: str, sealed: bytes
    ) -> RSAPrivateKey | Ed25519PrivateKey:
        with self._lock:
            known = self._parsed.get(key_id)
            if known is not None and known[0] == sealed:
                self._parsed.move_to_end(key_id)
                return known[1]
        plain = self.open(sealed, key_id)
        key: RSAPrivateKey | Ed25519PrivateKey
        if algorithm == "rsa":
            key = keys.load_private_der(plain)
        else:
            key = Ed25519PrivateKey.from_private_bytes(plain)
        with self._lock:
            self._parsed[key_id] = (sealed, key)
            while len(self._parsed) > self._room:
                self._parsed.popitem(last=False)
        return key


@dataclass(frozen=True, slots=True)
class _Remembered:
    signer: Signer
    until: datetime


class Signers:
    """What the outbox asks for (``outbox.ports.Signers``): the signer of an actor of ours.

    *db* is anything that can execute; *clock* returns aware datetimes. Answers are
    remembered for a minute, at most *room* of them.
    """

    def __init__(
        self, db: Executor, keyring: Keyring, *, clock: Clock = utc_now, room: int = 1024
    ) -> None:
        self._db = db
        self._keyring = keyring
        self._clock = clock
        self._room = room
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()

    async def signer(self, actor_id: str) -> Signer:
        """Return what signs for *actor_id*. Raises GoneError when it has no key any more."""
        now = self._clock()
        known = self._remembered.get(actor_id)
        if known is not None and now < known.until:
            self._remembered.move_to_end(actor_id)
            return known.signer
        self._remembered.pop(actor_id, None)
        signer = await self._keyring.signer(self._db, actor_id, now)
        self._remembered[actor_id] = _Remembered(signer, now + REMEMBERED)
        while len(self._remembered) > self._room:
            self._remembered.popitem(last=False)
        return signer
