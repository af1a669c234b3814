"""The first day of a commune: its own voice, and those of its subjects."""

from __future__ import annotations

import asyncio

from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.feeds.model import FEEDS
from federation import keys


async def found(commune: Commune) -> list[Account]:
    """Open the instance actor and the topical groups that do not exist yet; return those.

    Doing it again changes nothing. The keys are made first, outside of any transaction.
    """
    db = commune.database.pool
    missing = [
        feed.username
        for feed in FEEDS
        if await queries.local_by_username(db, feed.username) is None
    ]
    if await queries.by_actor_id(db, commune.instance.actor) is None:
        missing.insert(0, commune.instance.host)
    if not missing:
        return []
    made = await asyncio.gather(*(asyncio.to_thread(keys.generate) for _ in missing))
    async with commune.database.transaction() as tx:
        # Two commands that begin together: the second one finds everything done.
        await tx.db.execute("select pg_advisory_xact_lock(hashtextextended('founding', 0))")
        return await feeds.open_all(tx, dict(zip(missing, made, strict=True)))


async def has_sealed_keys(commune: Commune) -> bool:
    """Tell whether private keys stand in the database, which only the present secret opens."""
    return bool(
        await commune.database.pool.fetchval(
            "select exists (select from commune.key where private is not null)"
        )
    )
