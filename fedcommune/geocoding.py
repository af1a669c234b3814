"""Find where an address is: kept, or asked of the national address base, failing gently."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from fedcommune.commune import Commune
from fedcommune.domain.territory import addresses
from fedcommune.domain.territory.addresses import Address, Around
from federation.errors import FederationError

_log = structlog.get_logger(__name__)

FRESH: Final = timedelta(days=90)
SECONDS: Final = 4.0


async def located(commune: Commune, text: str) -> list[Address] | None:
    """Return the places that *text*, an address, may mean, the likeliest first.

    None when nobody can tell now: the reader chooses on the map. Looks outward, so it is
    called before any transaction.
    """
    if not addresses.tidy(text):
        return []
    pool, now = commune.database.pool, commune.database.clock()
    told = await addresses.kept(pool, text, now - FRESH)
    api = commune.config.map.address_api
    if told is not None or not api:
        return told
    instance = commune.instance
    around = None
    if instance.latitude is not None and instance.longitude is not None:
        around = Around(instance.latitude, instance.longitude)
    try:
        async with asyncio.timeout(SECONDS):
            found = await addresses.search(commune.client, text, api=api, around=around)
    except (FederationError, TimeoutError) as error:
        _log.info("address_base_silent", reason=str(error))
        return await addresses.kept(pool, text, now - addresses.KEPT)
    async with commune.database.transaction() as tx:
        await addresses.keep(tx.db, text, found, tx.now)
    return found
