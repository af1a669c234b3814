"""One commune's database, a clock moved by hand, and people to live in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from fedcommune.database import Transaction
from fedcommune.instance import Instance
from fedcommune.keyring import Keyring
from tests.fedcommune.domain.people import People

SECRET = bytes(range(32))
BEGINNING = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def instance() -> Instance:
    """The commune of the tests: Saint-Leu."""
    return Instance(
        "saint-leu.example",
        "Saint-Leu",
        insee="97413",
        postal_codes=("97436", "97424"),
        epci="249740101",
        latitude=-21.1706,
        longitude=55.2884,
        timezone="Indian/Reunion",
    )


@pytest.fixture
def keyring() -> Keyring:
    return Keyring(SECRET)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection to an empty, migrated database that only this test uses."""
    made: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(
        database_url, server_settings={"timezone": "UTC"}
    )
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
def tx(
    connection: asyncpg.Connection[asyncpg.Record], instance: Instance, keyring: Keyring
) -> Transaction:
    """What an action receives. Every statement is kept at once: look with ``tx.db`` too.

    Time stands still; ``dataclasses.replace(tx, now=…)`` is the same commune later.
    """
    return Transaction(connection, instance, BEGINNING, keyring)


@pytest.fixture
def people(tx: Transaction) -> People:
    """Makes citizens, organisations, the commune itself, and strangers."""
    return People(tx)
