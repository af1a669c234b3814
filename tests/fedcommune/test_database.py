"""Connections are lent, and come back as they were."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from fedcommune.database import Database
from fedcommune.instance import Instance
from fedcommune.keyring import Keyring
from tests.support.builders import SECRET

INSTANCE = Instance(domain="saint-leu.localhost", name="Saint-Leu", insee="97413")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool with one connection: whoever is next has the same."""
    opened = Database(database_url, INSTANCE, Keyring(SECRET), max_size=1)
    await opened.open()
    yield opened
    await opened.close()


async def test_what_was_left_open_is_rolled_back_before_somebody_else_comes(
    database: Database,
) -> None:
    async with database.pool.acquire() as connection:
        await connection.execute("begin")
        await connection.execute("create table commune.left_behind ()")

    async with database.pool.acquire() as connection:
        assert not connection.is_in_transaction()
        assert await connection.fetchval("select to_regclass('commune.left_behind')") is None


async def test_a_setting_ends_with_its_transaction(database: Database) -> None:
    before = await database.pool.fetchval("show synchronous_commit")
    async with database.transaction() as tx:
        await tx.db.execute("set local synchronous_commit to remote_write")

    assert await database.pool.fetchval("show synchronous_commit") == before


async def test_who_reads_a_page_writes_nothing_and_leaves_nothing(database: Database) -> None:
    async with database.reading() as db:
        assert await db.fetchval("show plan_cache_mode") == "force_generic_plan"
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await db.execute("create table commune.left_behind ()")

    async with database.pool.acquire() as connection:
        assert not connection.is_in_transaction()
        assert await connection.fetchval("show plan_cache_mode") == "auto"
        assert await connection.fetchval("select to_regclass('commune.left_behind')") is None
