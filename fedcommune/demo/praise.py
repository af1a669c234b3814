"""Whom citizens of the demo list and recommend, and who agreed to it."""

from __future__ import annotations

from datetime import datetime, timedelta

from fedcommune.commune import Commune
from fedcommune.database import Transaction
from fedcommune.demo import tellings
from fedcommune.demo.steps import Advance, known, made, moments, once, remember
from fedcommune.demo.world import World
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections import actions as collections
from fedcommune.domain.collections import queries, three
from fedcommune.domain.collections.model import Draft


def size(told: World) -> int:
    """How many steps :func:`fill` takes."""
    return len(told.lists) + len(told.picks)


async def fill(commune: Commune, told: World, now: datetime, advance: Advance) -> None:
    """Fill the three lists of those of *told* who keep them, and their own collections, once."""
    times = moments(now - timedelta(days=4), timedelta(minutes=11))
    for lists in told.lists:
        for name in lists.listed:
            async with once(commune, f"list {lists.owner} {name}", at=next(times)) as tx:
                if tx is not None:
                    await three.put(tx, await known(tx, lists.owner), await known(tx, name))
        for place in lists.places:
            async with once(commune, f"list {lists.owner} {place}", at=next(times)) as tx:
                if tx is not None:
                    place_id = await made(tx.db, f"spot {place}")
                    await three.put_place(tx, await known(tx, lists.owner), place_id)
        advance()
    for picks in told.picks:
        await _pick(commune, picks, next(times))
        for name in picks.agreed:
            async with once(commune, f"agree {picks.name} {name}", at=next(times)) as tx:
                if tx is not None:
                    await _agree(tx, picks, await known(tx, name))
        advance()


async def _pick(commune: Commune, told: tellings.Picks, at: datetime) -> None:
    step = f"collection {told.name}"
    async with once(commune, step, at=at) as tx:
        if tx is not None:
            people = [await known(tx, name) for name in told.people]
            draft = Draft(name=told.name, description=told.description, language="fr")
            owner = await known(tx, told.owner)
            collection = await collections.make(tx, owner, draft, people)
            await remember(tx.db, step, collection.id)


async def _agree(tx: Transaction, told: tellings.Picks, who: Account) -> None:
    collection_id = await made(tx.db, f"collection {told.name}")
    item = await queries.item_of(tx.db, collection_id, who.id)
    assert item is not None, f"{who.username} was asked before"
    await collections.agree(tx, who, collection_id, item.id)
