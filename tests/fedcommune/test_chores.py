"""The hourly work: what has ended is forgotten, what is gone is looked into, once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from fedcommune.domain.accounts import actions as account_actions
from fedcommune.domain.follows import actions as follows
from tests.support import communes
from tests.support.communes import Clock, Town


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def towns(
    database_url: str, second_database_url: str, clock: Clock
) -> AsyncIterator[tuple[Town, Town]]:
    async with (
        communes.town("saint-leu", database_url, clock) as here,
        communes.town("trois-bassins", second_database_url, clock) as there,
    ):
        yield here, there


async def test_w_del_02_an_actor_behind_a_gone_inbox_is_forgotten_once_its_server_confirms(
    towns: tuple[Town, Town], clock: Clock
) -> None:
    here, there = towns
    marie, jean, paul = (
        await here.citizen("marie"),
        await there.citizen("jean"),
        await there.citizen("paul"),
    )
    for each in (jean, paul):
        async with there.commune.database.transaction() as tx:
            await follows.follow(tx, each, await there.meet(marie))
    await communes.settle(towns)
    async with there.commune.database.transaction() as tx:
        await account_actions.delete(tx, jean)
        # The farewell is lost on its way.
        await tx.db.execute("delete from outbox.activity")
    pool = here.commune.database.pool
    for each in (jean, paul):
        await pool.execute(
            "insert into outbox.gone (inbox, host, at) values ($1, $2, $3)",
            each.inbox,
            each.domain,
            clock(),
        )

    await here.commune.chores.step()

    assert await here.known(jean) is None
    assert await here.known(paul) is not None
    assert await here.count("outbox.gone") == 0
    assert await here.count("commune.follow") == 1


async def test_w_del_04_a_server_lost_for_half_a_year_loses_its_followers(
    towns: tuple[Town, Town], clock: Clock
) -> None:
    here, there = towns
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    async with there.commune.database.transaction() as tx:
        await follows.follow(tx, jean, await there.meet(marie))
    await communes.settle(towns)
    pool = here.commune.database.pool
    await pool.execute(
        """
        insert into outbox.lane (host, unavailable_since) values ($1, $2)
        on conflict (host) do update set unavailable_since = excluded.unavailable_since
        """,
        there.domain,
        clock(),
    )

    clock.pass_by(days=100)
    await here.commune.chores.step()
    assert await here.count("commune.follow") == 1

    clock.pass_by(days=83)
    await here.commune.chores.step()
    assert await here.count("commune.follow") == 0


async def test_of_two_processes_one_does_the_work_of_an_hour(
    towns: tuple[Town, Town], clock: Clock
) -> None:
    here, _ = towns
    pool = here.commune.database.pool
    await here.commune.chores.step()
    first = await pool.fetchval("select value from commune.setting where name = 'chores'")

    clock.pass_by(minutes=30)
    await here.commune.chores.step()
    again = await pool.fetchval("select value from commune.setting where name = 'chores'")
    clock.pass_by(minutes=31)
    await here.commune.chores.step()
    later = await pool.fetchval("select value from commune.setting where name = 'chores'")

    assert first == again
    assert later != first
