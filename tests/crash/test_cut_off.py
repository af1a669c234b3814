"""A lost connection to the database is nobody's fault: no activity and no sender pays for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from federation.activities import Activity
from inbox.gather import Gathered
from tests.crash.scene import terminate_all_backends
from tests.inbox.strangers import Commune, Stranger, Transaction, a_commune, record
from tests.support.clock import Clock
from tests.support.evil import EvilServer


@pytest.fixture
async def server() -> AsyncIterator[EvilServer]:
    async with EvilServer() as server:
        yield server


@pytest.fixture
async def commune(database_url: str, server: EvilServer) -> AsyncIterator[Commune]:
    async with a_commune(database_url, server, Clock()) as commune:
        yield commune


@pytest.mark.parametrize("together", [1, 3])
async def test_w_in_an_activity_whose_connection_is_cut_is_handled_at_once_and_not_blamed(
    commune: Commune, server: EvilServer, database_url: str, together: int
) -> None:
    cut: list[int] = []

    @commune.router.receives("Create")
    async def created(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        await record(tx, activity, gathered)
        if not cut:
            cut.append(await terminate_all_backends(database_url))
            await tx.db.execute("select 1")

    people = [Stranger(server, f"p{n}", f"h{n}.localhost", n) for n in range(together)]
    for person in people:
        commune.known.meet(person)
        assert (await commune.deliver(person, person.create())).status_code == 202

    await commune.settle()

    assert len(cut) == 1
    assert sorted(await commune.effects()) == sorted(each.create()["id"] for each in people)
    assert await commune.count("inbox.waiting") == 0
    assert await commune.count("inbox.failed") == 0


async def test_w_in_who_writes_while_the_database_is_away_is_told_to_come_back(
    commune: Commune, server: EvilServer, database_url: str
) -> None:
    alice = Stranger(server)
    commune.known.meet(alice)
    await commune.pool.expire_connections()
    await commune.pool.close()

    answer = await commune.deliver(alice, alice.create())

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    async with asyncpg.create_pool(database_url, min_size=1, max_size=1) as pool:
        assert await pool.fetchval("select count(*) from inbox.received") == 0
