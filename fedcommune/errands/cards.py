"""Looks at what the addresses in posts lead to, one at a time, never while somebody waits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

import structlog

from fedcommune.database import Clock, Database
from fedcommune.domain.cards import queries
from fedcommune.domain.cards.model import Card
from fedcommune.domain.hosts.model import Policies
from fedcommune.text import html, page
from fedcommune.text.page import Facts
from federation import documents, iris
from federation.errors import FederationError, GoneError, RefusedError, UnavailableError
from federation.network import Client
from federation.network.answers import media_type

_log = structlog.get_logger(__name__)

MAX_PAGE: Final = 2 * 1024 * 1024
MAX_OEMBED: Final = 64 * 1024
_PAGES: Final = ("text/html", "application/xhtml+xml")
# What the other server says may hold for longer than a page needs to be read.
SECONDS: Final = 20.0


class Cards:
    """Looks at one address a step, through the guarded door (SEC-NET-01, SEC-NET-11).

    No picture is taken, nothing of the page is run, what is kept of it is plain text. No
    signature tells the other server who asks.
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
            due = await queries.due(tx.db, self._clock())
        if due is None:
            return False
        url, attempts = due
        try:
            async with asyncio.timeout(SECONDS):
                card = await self._looked_at(url)
        except (UnavailableError, TimeoutError):
            async with self._database.transaction() as tx:
                await queries.later(tx.db, url, attempts, tx.now)
            return True
        except (GoneError, RefusedError) as error:
            _log.info("no_card", url=url, reason=str(error))
            card = None
        async with self._database.transaction() as tx:
            if card is None:
                await queries.nothing(tx.db, url, tx.now)
            else:
                await queries.keep(tx.db, card, tx.now)
        return True

    async def _looked_at(self, url: str) -> Card | None:
        """Return what *url* leads to, None when it does not say. Raises FederationError."""
        self._check(url)
        answer = await self._client.get(url, accept=", ".join(_PAGES), limit=MAX_PAGE)
        essence, parameters = media_type(answer.headers.get("Content-Type", ""))
        if essence not in _PAGES:
            return None
        facts = await asyncio.to_thread(
            page.read, answer.body, url=answer.url, charset=parameters.get("charset", "")
        )
        if facts.oembed is not None and not (facts.title and facts.author and facts.provider):
            facts = await self._asked_more(facts, facts.oembed)
        if not facts.title:
            return None
        return Card(
            url,
            facts.title,
            facts.description,
            facts.provider or urlsplit(answer.url).hostname or "",
            facts.author,
            facts.language,
            facts.published_at,
        )

    async def _asked_more(self, facts: Facts, address: str) -> Facts:
        """Return *facts* with what oEmbed adds to them: names, nothing to embed."""
        try:
            self._check(address)
            answer = await self._client.get(address, accept="application/json", limit=MAX_OEMBED)
            said = documents.read(answer.body, limit=MAX_OEMBED)
        except FederationError:
            return facts
        return replace(
            facts,
            title=facts.title or _line(said.get("title"), page.MAX_TITLE),
            author=facts.author or _line(said.get("author_name"), page.MAX_NAME),
            provider=facts.provider or _line(said.get("provider_name"), page.MAX_NAME),
        )

    def _check(self, url: str) -> None:
        if self._policies.refused(iris.authority(url)):
            raise RefusedError("This server is refused here.", 403)


def _line(value: object, limit: int) -> str:
    return html.line(value[: limit * 8], limit=limit) if isinstance(value, str) else ""
