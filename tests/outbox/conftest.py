"""A commune that publishes, with a clock moved by hand, and servers to publish to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import asyncpg
import pytest

from federation import keys
from federation.errors import GoneError
from federation.iris import Reach
from federation.keys import PublicKey, Signer
from federation.names import AS2
from federation.network.client import Client
from outbox import publish
from outbox.deliver import Deliverer
from tests.outbox.peers import Peer

ALICE = "https://commune.example/ap/actors/1"
BOB = "https://commune.example/ap/actors/2"


@cache
def pair() -> keys.Pair:
    """One pair of keys for all: making one takes long."""
    return keys.generate()


@cache
def public_key(actor_id: str) -> PublicKey:
    key = keys.load_public_der(pair().rsa_public)
    return PublicKey(f"{actor_id}#main-key", actor_id, "rsa", key)


@dataclass(slots=True)
class HandClock:
    """Time stands still until somebody moves it."""

    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(slots=True)
class KeysInMemory:
    """The signers of a commune whose accounts are a set."""

    gone: set[str] = field(default_factory=set)
    asked: int = 0

    async def signer(self, actor_id: str) -> Signer:
        self.asked += 1
        if actor_id in self.gone:
            raise GoneError("This account has no key any more.")
        key = keys.load_private_der(pair().rsa_private)
        return Signer(actor_id, f"{actor_id}#main-key", key)


@dataclass(slots=True)
class PolicyInMemory:
    blocked: set[str] = field(default_factory=set)

    def refused(self, host: str) -> bool:
        return host in self.blocked


async def until_stopped(_: float) -> None:
    """No notification ever comes, and no safety net: only what finishes wakes."""
    await asyncio.Event().wait()


@dataclass(slots=True)
class Commune:
    """The publishing side of one commune, on a real database."""

    pool: asyncpg.Pool[asyncpg.Record]
    client: Client
    clock: HandClock
    signers: KeysInMemory
    hosts: PolicyInMemory
    said: int = 0
    deliverers: list[Deliverer] = field(default_factory=list)

    async def say(
        self,
        *inboxes: str,
        kind: str = "Create",
        about: str | None = None,
        order: str | None = None,
        public: bool = True,
        actor_id: str = ALICE,
        activity_id: str | None = None,
    ) -> str:
        """Publish something to *inboxes*; return its id."""
        self.said += 1
        activity_id = activity_id or f"https://commune.example/ap/activities/{self.said}"
        document: dict[str, Any] = {
            "@context": AS2,
            "id": activity_id,
            "type": kind,
            "actor": actor_id,
            "object": about or f"https://commune.example/ap/posts/{self.said}",
        }
        async with self.pool.acquire() as db, db.transaction():
            await publish.publish(
                db,
                document,
                actor_id=actor_id,
                inboxes=inboxes,
                now=self.clock(),
                order=order,
                public=public,
            )
        return activity_id

    def deliverer(
        self,
        *,
        wake: Callable[[float], Awaitable[None]] = until_stopped,
        chance: float = 0.5,
        places: int = 256,
    ) -> Deliverer:
        """A worker; a *chance* of one half is no jitter at all."""
        deliverer = Deliverer(
            self.pool,
            self.client,
            self.signers,
            self.hosts,
            self.clock,
            wake=wake,
            chance=lambda: chance,
            places=places,
        )
        self.deliverers.append(deliverer)
        return deliverer

    async def deliver(self) -> None:
        """Bring everything that is due."""
        await self.deliverer().settled()

    async def count(self, table: str) -> int:
        counted: int = await self.pool.fetchval(f"select count(*) from {table}")
        return counted


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def commune(database_url: str, clock: HandClock) -> AsyncIterator[Commune]:
    client = Client(
        reach=Reach(development=True),
        user_agent="fedcommune/0 (+http://commune.localhost/)",
        clock=clock,
    )
    async with asyncpg.create_pool(database_url, min_size=1, max_size=4) as pool:
        commune = Commune(pool, client, clock, KeysInMemory(), PolicyInMemory())
        try:
            yield commune
        finally:
            for deliverer in commune.deliverers:
                await deliverer.stop(patience=0)
            await client.aclose()


@pytest.fixture
async def start_peer() -> AsyncIterator[Callable[[], Awaitable[Peer]]]:
    """Start as many servers as a test wants."""
    peers: list[Peer] = []

    async def start() -> Peer:
        peers.append(await Peer().start())
        return peers[-1]

    yield start
    for peer in peers:
        await peer.stop()


@pytest.fixture
async def peer(start_peer: Callable[[], Awaitable[Peer]]) -> Peer:
    return await start_peer()
