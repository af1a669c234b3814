"""What a worker keeps in memory has a limit (SEC-DOS-08)."""

from __future__ import annotations

import tracemalloc

from outbox.underway import Bodies
from tests.outbox.conftest import Commune


async def test_sec_dos_08_bodies_in_memory_are_bounded(commune: Commune) -> None:
    await commune.pool.execute(
        """
        insert into outbox.activity (id, type, actor_id, public, body, created_at)
        select 'https://commune.example/ap/activities/' || number, 'Create', 'a', true,
               convert_to(repeat('x', 60000), 'utf8'), $1
          from generate_series(1, 600) as number
        """,
        commune.clock(),
    )
    keys = [row["key"] for row in await commune.pool.fetch("select key from outbox.activity")]
    bodies = Bodies()

    tracemalloc.start()
    for first in range(0, 600, 20):
        found = await bodies.get(commune.pool, keys[first : first + 20])
        assert len(found) == 20
        assert await bodies.get(commune.pool, keys[first : first + 20]) == found
    del found
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 20 * 2**20
    assert await bodies.get(commune.pool, [keys[0], -1]) != {}
