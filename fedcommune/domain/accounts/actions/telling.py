"""Let citizens tell of themselves, each thing to whom they choose."""

from __future__ import annotations

from collections.abc import Collection

from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing, personal
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.accounts.personal import Fact
from fedcommune.domain.accounts.queries import personal as queries
from fedcommune.domain.visibility import ANYONE
from fedcommune.errors import NotAllowed


async def tell(tx: Transaction, account: Account, facts: Collection[Fact]) -> None:
    """Keep what a citizen tells; its followers hear of what is public, or is so no longer.

    Raises Invalid for what needs a correction, and NotAllowed for who is no citizen of ours.
    """
    if not account.local or account.kind is not Kind.CITIZEN or not account.is_active:
        raise NotAllowed
    for fact in facts:
        personal.check(fact, tx.now)
    before = await personal.shown(tx.db, tx.instance, ANYONE, [account.id])
    for fact in facts:
        await queries.keep(tx.db, account.id, fact.name, fact.value.strip(), fact.seen_by)
    if await personal.shown(tx.db, tx.instance, ANYONE, [account.id]) != before:
        await outgoing.updated(tx, account)
