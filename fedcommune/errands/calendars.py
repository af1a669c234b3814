"""Reads the calendars that our actors take events from, one at a time, on a timetable."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from fedcommune.database import Clock, Database
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.events import calendar_reading
from fedcommune.domain.events.actions import importing
from fedcommune.domain.events.calendar_reading import MAX_BYTES, Found
from fedcommune.domain.events.queries import calendars
from fedcommune.domain.events.queries.calendars import Calendar, Pull
from fedcommune.domain.hosts.model import Policies
from fedcommune.errors import Invalid
from federation import iris
from federation.errors import FederationError, RefusedError
from federation.network import Client

_log = structlog.get_logger(__name__)

SECONDS: Final = 30.0
# Whoever reads a calendar has so long before another process does.
LEASE: Final = timedelta(minutes=10)


class Calendars:
    """Reads what is due through the guarded door (SEC-NET-01, SEC-NET-11); nothing signs it."""

    def __init__(
        self, database: Database, client: Client, policies: Policies, clock: Clock
    ) -> None:
        self._database = database
        self._client = client
        self._policies = policies
        self._clock = clock

    async def step(self) -> bool:
        """Read the calendar that is due first; return whether there was one."""
        return await self.pull() is not None

    async def pull(self, calendar_id: int | None = None) -> Pull | None:
        """Read that calendar, or the one that is due first; return what came of it."""
        now = self._clock()
        async with self._database.transaction() as tx:
            calendar = await calendars.taken(tx.db, now, now + LEASE, calendar_id)
        if calendar is None:
            return None
        try:
            async with asyncio.timeout(SECONDS):
                found = await self._read(calendar)
        except (FederationError, Invalid, TimeoutError) as error:
            _log.info("calendar_not_read", url=calendar.url, reason=str(error))
            async with self._database.transaction() as tx:
                return await importing.failed(tx, calendar, str(error) or "It took too long.")
        async with self._database.transaction() as tx:
            account = await accounts.by_id(tx.db, calendar.account_id)
            if account is None or not account.is_active:
                return await importing.failed(tx, calendar, "Its account is not there any more.")
            return await importing.take(tx, calendar, account, found)

    async def _read(self, calendar: Calendar) -> Found:
        if self._policies.refused(iris.authority(calendar.url)):
            raise RefusedError("This server is refused here.", 403)
        answer = await self._client.get(
            calendar.url, accept="text/calendar, text/plain;q=0.5", limit=MAX_BYTES
        )
        return await asyncio.to_thread(
            calendar_reading.read,
            answer.body,
            zone=self._database.instance.timezone,
            now=self._clock(),
        )
