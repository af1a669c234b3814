"""Writes the letters that people want: what they were told, and the week of the commune."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from fedcommune.database import Clock, Database
from fedcommune.domain.letters import actions, issuing, queries, subscribers
from fedcommune.domain.letters.model import Hours

_log = structlog.get_logger(__name__)

# What failed is looked at again after so long; the others do not wait for it.
LATER: Final = timedelta(minutes=5)


class Mailbag:
    """Writes what is due, every few seconds; of several processes, each letter is one's."""

    def __init__(self, database: Database, hours: Hours, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.hours = hours

    async def step(self) -> bool:
        """Write to whom something is due; return whether there was anybody."""
        did = False
        for account_id in await queries.readers_due(self._database.pool, self._clock()):
            did = await self._write(account_id) or did
        return await self._issue() or did

    async def _issue(self) -> bool:
        """Send the week of the commune to some more of those who want it, when it is time."""
        async with self._database.transaction() as tx:
            due = await issuing.is_due(tx, self.hours)
            if due is not None:
                await issuing.begin(tx, due)
        issue = await subscribers.unfinished(self._database.pool)
        if issue is None:
            return False
        async with self._database.transaction() as tx:
            return await issuing.send_some(tx, issue)

    async def _write(self, account_id: int) -> bool:
        try:
            async with self._database.transaction() as tx:
                return await actions.write(tx, account_id, self.hours)
        except Exception:
            _log.exception("letter_failed", account=account_id)
            async with self._database.transaction() as tx:
                await queries.postpone_reader(tx.db, account_id, tx.now, tx.now + LATER)
            return False
