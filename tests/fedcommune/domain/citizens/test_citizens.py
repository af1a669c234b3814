"""People who live here."""

from __future__ import annotations

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.citizens import actions, queries
from fedcommune.errors import Conflict, Invalid
from tests.fedcommune.domain.people import People, pair


async def test_a_citizen_is_a_person_with_an_address_that_nobody_else_sees(
    tx: Transaction,
) -> None:
    citizen, account = await actions.create(
        tx,
        email=" Marie@Mail.Example ",
        username="marie",
        name="Marie Payet",
        postal_code="97436",
        pair=pair(),
    )

    assert (account.type, account.handle) == ("Person", "marie@saint-leu.example")
    assert citizen.email == "Marie@Mail.Example"
    assert citizen.language == "fr"
    assert await queries.by_account(tx.db, account.id) == citizen
    assert await queries.listed(tx.db) == [(citizen, account)]
    assert await queries.listed(tx.db, after=account.id) == []


@pytest.mark.parametrize(
    "email",
    [
        "",
        "marie",
        "marie@localhost",
        "marie@@mail.example",
        "marie@mail.example,paul@mail.example",
        '"marie"@mail.example',
        "marie%other@mail.example",
        "a!b@mail.example",
        "marie@mail.example\nBcc: x@y.example",
        f"{'a' * 65}@mail.example",
        f"a@{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 63}.example",
    ],
)
async def test_sec_aut_03_a_strange_e_mail_address_opens_nothing(
    tx: Transaction, email: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await actions.create(tx, email=email, username="marie", name="Marie", pair=pair())

    assert caught.value.field == "email"
    assert await tx.db.fetchval("select count(*) from commune.account") == 0


async def test_an_e_mail_address_has_one_account_whatever_its_case(
    people: People, tx: Transaction
) -> None:
    await people.citizen("marie")

    with pytest.raises(Conflict):
        await actions.create(
            tx, email="MARIE@mail.example", username="other", name="Other", pair=pair()
        )

    assert await tx.db.fetchval("select count(*) from commune.account") == 1


async def test_a_postal_code_has_five_digits(tx: Transaction) -> None:
    with pytest.raises(Invalid):
        await actions.create(
            tx,
            email="marie@mail.example",
            username="marie",
            name="Marie",
            postal_code="9743",
            pair=pair(),
        )

    assert await tx.db.fetchval("select count(*) from commune.account") == 0
