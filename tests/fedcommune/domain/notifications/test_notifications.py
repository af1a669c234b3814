"""What people are told: once, and never by those they keep away from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.notifications import actions, queries
from fedcommune.domain.notifications.model import Kind
from tests.fedcommune.domain.people import People


async def test_something_is_told_once_newest_first_until_it_is_read(
    people: People, tx: Transaction
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")

    assert await actions.tell(tx, marie.id, "follow", ada.id)
    assert not await actions.tell(tx, marie.id, "follow", ada.id)
    assert await actions.tell(tx, marie.id, Kind.MENTION, ada.id)

    page = await queries.page(tx.db, marie.id)
    assert [each.kind for each in page] == [Kind.MENTION, Kind.FOLLOW]
    assert await queries.page(tx.db, marie.id, before=page[0].id) == page[1:]
    assert await queries.unread(tx.db, marie.id) == 2
    await actions.read(tx, marie.id, page[1].id)
    assert await queries.unread(tx.db, marie.id) == 1
    assert (await queries.page(tx.db, marie.id))[1].read_at == tx.now


async def test_what_was_undone_is_forgotten(people: People, tx: Transaction) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await actions.tell(tx, marie.id, "follow", ada.id)

    await actions.take_back(tx, marie.id, "follow", ada.id)

    assert await queries.page(tx.db, marie.id) == []


@pytest.mark.parametrize("who", ["stranger", "oneself", "nobody", "suspended"])
async def test_nobody_is_told_what_is_not_for_them(
    people: People, tx: Transaction, who: str
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    told, teller = marie.id, ada.id
    if who == "stranger":
        told, teller = ada.id, marie.id
    elif who == "oneself":
        teller = marie.id
    elif who == "nobody":
        told = 1
    else:
        await tx.db.execute(
            "update commune.account set suspended_at = $2 where id = $1", ada.id, tx.now
        )

    assert not await actions.tell(tx, told, "mention", teller)

    assert await tx.db.fetchval("select count(*) from commune.notification") == 0


async def test_sec_mod_02_nothing_is_told_across_a_block(people: People, tx: Transaction) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    ada = await people.stranger("ada")
    await blocks.block(tx, marie, ada)
    await blocks.block(tx, marie, paul)

    for told, teller in ((marie, ada), (marie, paul), (paul, marie)):
        assert not await actions.tell(tx, told.id, "mention", teller.id)

    assert await tx.db.fetchval("select count(*) from commune.notification") == 0


async def test_a_kind_nobody_knows_is_a_mistake_of_ours(people: People, tx: Transaction) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")

    with pytest.raises(ValueError, match="shout"):
        await actions.tell(replace(tx), marie.id, "shout", ada.id)
