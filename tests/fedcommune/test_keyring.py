"""Private keys: sealed at rest, quick in memory, and gone when the actor is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.instance import Instance
from fedcommune.keyring import Keyring, Signers, new_secret
from federation import keys
from federation.errors import GoneError
from tests.fedcommune.domain.conftest import BEGINNING, connection, instance, keyring, people, tx
from tests.fedcommune.domain.people import People, pair

__all__ = ["connection", "instance", "keyring", "people", "tx"]


def test_what_is_sealed_opens_again() -> None:
    ring = Keyring(new_secret())

    assert ring.open(ring.seal(b"secret", "https://a.example/#key"), "https://a.example/#key") == (
        b"secret"
    )


def test_sealing_twice_never_gives_the_same_bytes() -> None:
    ring = Keyring(new_secret())

    assert ring.seal(b"secret", "key") != ring.seal(b"secret", "key")


def test_a_sealed_key_opens_under_no_other_id_and_with_no_other_secret() -> None:
    ring = Keyring(new_secret())
    sealed = ring.seal(b"secret", "https://a.example/#key")

    with pytest.raises(ValueError, match="restore"):
        ring.open(sealed, "https://b.example/#key")
    with pytest.raises(ValueError, match="restore"):
        Keyring(new_secret()).open(sealed, "https://a.example/#key")
    with pytest.raises(ValueError, match="restore"):
        ring.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "https://a.example/#key")
    with pytest.raises(ValueError, match="restore"):
        ring.open(b"", "https://a.example/#key")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_secret_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32"):
        Keyring(bytes(length))


async def test_sec_sig_11_no_private_key_stands_in_clear_in_the_database(
    connection: asyncpg.Connection[asyncpg.Record], people: People
) -> None:
    await people.citizen("marie")
    made = pair()

    dump = b""
    tables = await connection.fetch(
        """
        select table_schema, table_name
        from information_schema.tables
        where table_schema in ('commune', 'inbox', 'outbox')
          and table_type = 'BASE TABLE'
        """
    )
    for table in tables:
        for row in await connection.fetch(
            f'select * from "{table["table_schema"]}"."{table["table_name"]}"'
        ):
            for value in row.values():
                dump += value if isinstance(value, bytes) else repr(value).encode()

    key = keys.load_private_der(made.rsa_private)
    secrets = [
        made.rsa_private,
        made.ed25519_private,
        key.private_numbers().d.to_bytes(256, "big"),
        key.private_numbers().p.to_bytes(128, "big"),
        made.ed25519_private.hex().encode(),
        b"PRIVATE KEY",
    ]
    assert made.rsa_public in dump
    assert not [secret for secret in secrets if secret in dump]


async def test_an_actor_of_ours_signs_with_both_its_keys(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")

    signer = await tx.keyring.signer(tx.db, marie.actor_id, tx.now)

    assert signer.actor_id == marie.actor_id
    assert signer.key_id == f"{marie.actor_id}#main-key"
    assert signer.proof_key_id == f"{marie.actor_id}#ed25519-key"
    assert keys.public_der(signer.key.public_key()) == pair().rsa_public
    assert signer.proof_key is not None
    assert keys.public_raw(signer.proof_key.public_key()) == pair().ed25519_public


async def test_a_stranger_and_nobody_have_no_signer_here(people: People, tx: Transaction) -> None:
    ada = await people.stranger("ada")

    for actor_id in (ada.actor_id, "https://saint-leu.example/ap/actors/1"):
        with pytest.raises(GoneError):
            await tx.keyring.signer(tx.db, actor_id, tx.now)


async def test_a_key_is_parsed_once_and_few_are_kept(
    connection: asyncpg.Connection[asyncpg.Record], instance: Instance, keyring: Keyring
) -> None:
    ring = Keyring(bytes(range(32)), room=2)
    commune = Transaction(connection, instance, BEGINNING, ring)
    residents = People(commune)
    marie, paul = await residents.citizen("marie"), await residents.citizen("paul")

    first = await ring.signer(connection, marie.actor_id, BEGINNING)
    again = await ring.signer(connection, marie.actor_id, BEGINNING)
    await ring.signer(connection, paul.actor_id, BEGINNING)
    later = await ring.signer(connection, marie.actor_id, BEGINNING)

    assert isinstance(first.key, RSAPrivateKey)
    assert again.key is first.key
    assert later.key is not first.key


async def test_w_key_04_a_new_key_signs_after_ten_minutes_and_the_old_one_stays_two_days(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    old = await tx.keyring.signer(tx.db, marie.actor_id, tx.now)

    later = replace(tx, now=tx.now + timedelta(days=30))
    await accounts.rotate_keys(later, marie, pair(1))

    before = await tx.keyring.signer(tx.db, marie.actor_id, later.now + timedelta(minutes=9))
    after = await tx.keyring.signer(tx.db, marie.actor_id, later.now + timedelta(minutes=10))
    end = await tx.keyring.signer(tx.db, marie.actor_id, later.now + timedelta(days=3))
    assert before.key_id == old.key_id
    assert after.key_id != old.key_id
    assert after.key_id.startswith(f"{marie.actor_id}#main-key-")
    assert end.key_id == after.key_id


async def test_the_outbox_finds_no_signer_for_a_deleted_actor_once_its_farewell_is_over(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    now = [tx.now]
    signers = Signers(tx.db, tx.keyring, clock=lambda: now[0])
    await accounts.delete(tx, marie)

    still = await signers.signer(marie.actor_id)
    now[0] += timedelta(days=9)

    assert still.key_id == f"{marie.actor_id}#main-key"
    with pytest.raises(GoneError):
        await signers.signer(marie.actor_id)


async def test_the_outbox_asks_the_database_once_a_minute(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")
    now = [tx.now]
    signers = Signers(tx.db, tx.keyring, clock=lambda: now[0], room=1)

    first = await signers.signer(marie.actor_id)
    await tx.db.execute("update commune.key set revoked_at = now()")
    second = await signers.signer(marie.actor_id)
    now[0] += timedelta(minutes=1)

    assert second is first
    with pytest.raises(GoneError):
        await signers.signer(marie.actor_id)


async def test_the_private_halves_of_ended_keys_are_erased(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")
    await people.citizen("paul")
    await accounts.delete(tx, marie)

    await accounts.forget_expired(replace(tx, now=tx.now + timedelta(days=9)))

    rows = await tx.db.fetch("select id from commune.key where private is not null order by id")
    assert len(rows) == 2
    assert not [row for row in rows if row["id"].startswith(f"{marie.actor_id}#")]
