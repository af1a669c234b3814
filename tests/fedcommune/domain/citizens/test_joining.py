"""What is forgotten by itself, and who is counted."""

from __future__ import annotations

from dataclasses import replace

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import actions, queries
from fedcommune.domain.citizens.model import UNCONFIRMED
from tests.fedcommune.domain.people import People, pair


async def sign_up(tx: Transaction, username: str) -> Account:
    account = await actions.sign_up(
        tx,
        email=f"{username}@mail.example",
        postal_code="97436",
        username=username,
        name=username,
        password=None,
        language="fr",
        pair=pair(),
    )
    assert account is not None
    return account


async def test_who_never_confirms_is_forgotten_and_the_name_is_free(tx: Transaction) -> None:
    await sign_up(tx, "marie")
    later = replace(tx, now=tx.now + UNCONFIRMED * 1.1)
    await actions.forget_expired(later)

    assert await tx.db.fetchval("select count(*) from commune.account") == 0
    assert await tx.db.fetchval("select count(*) from commune.ticket") == 0
    await sign_up(later, "marie")


async def test_who_is_not_open_is_not_counted(tx: Transaction, people: People) -> None:
    await people.citizen("jean")
    account = await sign_up(tx, "marie")
    assert await queries.count(tx.db) == 1

    await actions.confirm_known(tx, account.id)
    assert await queries.count(tx.db) == 2
    await actions.forget_expired(replace(tx, now=tx.now + UNCONFIRMED * 2))
    assert await queries.count(tx.db) == 2


async def test_a_suspended_citizen_is_not_opened_by_confirming(tx: Transaction) -> None:
    account = await sign_up(tx, "marie")
    await tx.db.execute(
        "update commune.account set suspended_at = created_at + interval '1 hour' where id = $1",
        account.id,
    )
    await actions.confirm_known(tx, account.id)

    assert await tx.db.fetchval("select suspended_at is not null from commune.account")
