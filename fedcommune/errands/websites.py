"""Looks whether the pages that profiles of ours name lead back to them, never while one waits."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from fedcommune.database import Clock, Database
from fedcommune.domain.accounts import actions
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.queries import proofs
from fedcommune.domain.hosts.model import Policies
from fedcommune.text import backlinks
from federation import iris
from federation.errors import FederationError, RefusedError, UnavailableError
from federation.network import Client
from federation.network.answers import media_type

_log = structlog.get_logger(__name__)

_PAGES: Final = ("text/html", "application/xhtml+xml")
SECONDS: Final = 20.0


class Websites:
    """Looks at one address a step, through the guarded door (SEC-NET-01, SEC-NET-11).

    A page that links back with ``rel=me`` to the page or the id of the profile is verified,
    until a later look finds otherwise.
    """

    def __init__(
        self, database: Database, client: Client, policies: Policies, clock: Clock
    ) -> None:
        self._database = database
        self._client = client
        self._policies = policies
        self._clock = clock

    async def step(self) -> bool:
        """Look at what is due; return whether there was something."""
        async with self._database.transaction() as tx:
            due = await proofs.due(tx.db, self._clock())
        if due is None:
            return False
        account_id, url, attempts = due
        try:
            async with asyncio.timeout(SECONDS):
                said = await self._looked_at(url)
        except (UnavailableError, TimeoutError):
            async with self._database.transaction() as tx:
                if await proofs.later(tx.db, account_id, url, attempts, tx.now):
                    return True
            said = set()
        except FederationError as error:
            _log.info("no_way_back", url=url, reason=str(error))
            said = set()
        async with self._database.transaction() as tx:
            account = await accounts.locked(tx.db, account_id)
            if account is not None and account.local and account.is_active:
                own = {account.actor_id, account.url or account.actor_id}
                await actions.prove(tx, account, url, links_back=bool(own & said))
        return True

    async def _looked_at(self, url: str) -> set[str]:
        """Return where the page at *url* says that its author is. Raises FederationError."""
        if self._policies.refused(iris.authority(url)):
            raise RefusedError("This server is refused here.", 403)
        answer = await self._client.get(url, accept=", ".join(_PAGES), limit=backlinks.MAX_PAGE)
        essence, _parameters = media_type(answer.headers.get("Content-Type", ""))
        if essence not in _PAGES:
            return set()
        return await asyncio.to_thread(backlinks.of_page, answer.body, answer.url)
