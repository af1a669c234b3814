"""A small receiving application, and a server of strangers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.inbox.strangers import Commune, Stranger, a_commune
from tests.support.clock import Clock
from tests.support.evil import EvilServer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server() -> AsyncIterator[EvilServer]:
    async with EvilServer() as server:
        yield server


@pytest.fixture
async def commune(database_url: str, server: EvilServer, clock: Clock) -> AsyncIterator[Commune]:
    async with a_commune(database_url, server, clock) as commune:
        yield commune


@pytest.fixture
def alice(server: EvilServer) -> Stranger:
    """Somebody whom nobody here knows yet, at home on her server."""
    return Stranger(server).move_in()


@pytest.fixture
def bob(server: EvilServer) -> Stranger:
    """Somebody else, on another server."""
    return Stranger(server, "bob", "other.localhost", 1).move_in()
