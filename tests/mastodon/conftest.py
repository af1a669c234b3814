"""Two running communes, and apps that call their API over HTTP with a token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx
import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.grants import actions as grants
from fedcommune.domain.grants.model import Scopes
from tests.mastodon.checking import Checks
from tests.support import communes
from tests.support.communes import Clock, Town

EVERYTHING = Scopes.parse("read write follow push profile")


class Loopback(httpx.AsyncHTTPTransport):
    """Finds every name on this machine; the Host header says which was meant."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(host="127.0.0.1")
        return await super().handle_async_request(request)


@dataclass
class App:
    """An app on somebody's phone: an HTTP client with their token."""

    account: Account
    token: str
    http: httpx.AsyncClient


@dataclass
class Neighbours:
    """Saint-Leu, Trois-Bassins, their clock, and whoever calls them."""

    here: Town
    there: Town
    clock: Clock
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def settle(self) -> None:
        await communes.settle([self.here, self.there])

    async def http(self, town: Town | None = None, token: str = "") -> httpx.AsyncClient:
        """Return a client of *town* (here), with *token* when it is given."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx.AsyncClient(
            base_url=(town or self.here).origin, headers=headers, transport=Loopback()
        )
        return await self._stack.enter_async_context(client)

    async def token(
        self,
        town: Town,
        citizen: Account,
        scopes: Scopes = EVERYTHING,
        *,
        acting: Account | None = None,
    ) -> str:
        """Return a token of *citizen* for *scopes*, acting as somebody they administer."""
        async with town.commune.database.transaction() as tx:
            return await grants.issue(
                tx, citizen_id=citizen.id, account_id=(acting or citizen).id, scopes=scopes
            )

    async def app(
        self, username: str, town: Town | None = None, scopes: Scopes = EVERYTHING
    ) -> App:
        """Open the account of a new citizen of *town* (here) and sign their app in."""
        where = town or self.here
        account = await where.citizen(username)
        token = await self.token(where, account, scopes)
        return App(account, token, await self.http(where, token))

    async def aclose(self) -> None:
        await self._stack.aclose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def checks() -> Checks:
    """What was seen of the answers of both communes."""
    return Checks()


@pytest.fixture
async def neighbours(
    database_url: str, second_database_url: str, clock: Clock, checks: Checks
) -> AsyncIterator[Neighbours]:
    """Two running communes, whose every answer must be as documented."""
    watching = [checks.middleware()]
    async with (
        communes.town("saint-leu", database_url, clock, middleware=watching) as here,
        communes.town("trois-bassins", second_database_url, clock, middleware=watching) as there,
    ):
        both = Neighbours(here, there, clock)
        try:
            yield both
        finally:
            await both.aclose()
    assert checks.wrong == []


@pytest.fixture
async def anyone(neighbours: Neighbours) -> httpx.AsyncClient:
    """Somebody without a token."""
    return await neighbours.http()


@pytest.fixture
async def marie(neighbours: Neighbours) -> App:
    """A citizen of Saint-Leu with an app that may do everything but moderate."""
    return await neighbours.app("marie")


@pytest.fixture
async def hearing(neighbours: Neighbours) -> AsyncIterator[None]:
    """The process of Saint-Leu hears what its database tells, and works at nothing."""
    workers = neighbours.here.commune.workers(inbox=0, outbox=0)
    workers.start()
    await workers.listening(10)
    try:
        yield
    finally:
        await workers.stop()
