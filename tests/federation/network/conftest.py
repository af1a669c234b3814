"""An evil server, a client that finds it under any name, and a clock moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from federation.iris import Reach
from federation.keys import Signer, generate, load_private_der
from federation.network import Client, Limits, Resolver
from tests.support.evil import ANYWHERE_IS_HERE, EvilServer, Names

DEVELOPMENT = Reach(development=True)

MakeClient = Callable[..., Client]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def evil() -> AsyncIterator[EvilServer]:
    async with EvilServer() as server:
        yield server


@pytest.fixture
async def make_client(clock: Clock) -> AsyncIterator[MakeClient]:
    """Clients of any reach, closed at the end."""
    made: list[Client] = []

    def make(
        reach: Reach = DEVELOPMENT,
        *,
        resolver: Resolver | None = None,
        limits: Limits | None = None,
        own: str | None = None,
    ) -> Client:
        client = Client(
            reach=reach,
            user_agent="fedcommune/test (+https://commune.example/)",
            resolver=resolver or Names(ANYWHERE_IS_HERE),
            clock=clock,
            limits=limits or Limits(),
            own=own,
        )
        made.append(client)
        return client

    yield make
    for client in made:
        await client.aclose()


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    """A client in development reach: every name leads to this machine."""
    return make_client()


@pytest.fixture(scope="session")
def signer() -> Signer:
    actor = "https://commune.example/actor"
    pair = generate()
    return Signer(
        actor_id=actor, key_id=f"{actor}#main-key", key=load_private_der(pair.rsa_private)
    )
