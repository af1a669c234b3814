"""A map shows what is there: one by one where it fits, else as clusters whose sum is right."""

from __future__ import annotations

import asyncio
from collections import Counter

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcommune.database import Transaction
from fedcommune.domain.directory import counts, maps
from fedcommune.domain.directory.model import (
    LEVELS,
    MAX_MARKERS,
    Box,
    Cluster,
    Kind,
    Point,
    Wanted,
    tile,
)

REUNION = Box(-21.5, 55.1, -20.8, 55.9)
LATITUDES = st.floats(-85, 85)
LONGITUDES = st.floats(-180, 180)


async def scatter(
    tx: Transaction, count: int, kind: str = "poi", domain: str = "saint-leu.example"
) -> None:
    """Put *count* things on a grid over the island."""
    await tx.db.execute(
        """
        insert into commune.listing (subject, id, kind, name, local, domain, latitude, longitude,
            updated_at)
        select 'place', coalesce((select max(id) from commune.listing), 0) + n, $2, 'Banc ' || n,
            true, $3,
            -21.4 + 0.55 * (n % 37) / 37, 55.2 + 0.65 * (n % 41) / 41, now()
        from generate_series(1, $1::integer) n
        """,
        count,
        kind,
        domain,
    )


async def counted(connection: asyncpg.Connection[asyncpg.Record]) -> int:
    """Count what changed, as the chore does it: in one transaction."""
    async with connection.transaction():
        return await counts.count_changes(connection)


@given(LATITUDES, LONGITUDES, st.integers(0, 20))
def test_a_tile_contains_its_point(latitude: float, longitude: float, level: int) -> None:
    column, row = tile(Point(latitude, longitude), level)

    assert 0 <= column < 1 << level
    assert 0 <= row < 1 << level
    east, _ = Point(latitude, longitude).metres
    width = 2 * 20037508.342789244 / (1 << level)
    assert column * width - 1 <= east + 20037508.342789244 <= (column + 1) * width + 1


async def test_the_database_knows_the_same_plane_and_the_same_tiles(tx: Transaction) -> None:
    for point in (Point(-21.17, 55.288), Point(48.85, 2.35), Point(0, 0), Point(84.9, -179.9)):
        row = await tx.db.fetchrow(
            """
            select spot[0] as east, spot[1] as north,
                commune.tile_x(spot, 14) as x, commune.tile_y(spot, 14) as y
            from (select commune.mercator($1, $2) as spot) plane
            """,
            point.latitude,
            point.longitude,
        )
        assert row is not None
        assert (row["east"], row["north"]) == pytest.approx(point.metres, abs=0.01)
        assert (row["x"], row["y"]) == tile(point, 14)


async def test_few_things_are_shown_one_by_one(tx: Transaction) -> None:
    await scatter(tx, 20)

    found = await maps.markers(tx.db, REUNION, Wanted())

    assert found is not None
    assert len(found) == 20
    assert await maps.markers(tx.db, Box(48, 2, 49, 3), Wanted()) == []
    assert await maps.markers(tx.db, REUNION, Wanted(kinds=frozenset({Kind.EVENT}))) == []


async def test_too_many_things_are_shown_as_clusters(tx: Transaction) -> None:
    await scatter(tx, MAX_MARKERS + 1)

    assert await maps.markers(tx.db, REUNION, Wanted()) is None


@pytest.mark.parametrize("zoom", [2, 6, 9, 10, 12, 14])
@pytest.mark.parametrize("late", [False, True])
async def test_clusters_add_up_to_what_is_there_before_and_after_counting(
    tx: Transaction,
    connection: asyncpg.Connection[asyncpg.Record],
    zoom: int,
    late: bool,
) -> None:
    await scatter(tx, 900)
    await scatter(tx, 100, kind="event")
    if not late:
        assert await counted(connection) == 1_000
        assert await counted(connection) == 0

    found = await maps.clusters(tx.db, REUNION, zoom, Wanted(kinds=frozenset({Kind.POI})))

    assert sum(each.count for each in found) == 900
    expected = await tx.db.fetch("select latitude, longitude from commune.listing where kind='poi'")
    level = max(zoom + 2, LEVELS[0])
    places = Counter(tile(Point(row["latitude"], row["longitude"]), level) for row in expected)
    assert sorted(each.count for each in found) == sorted(places.values())
    assert {tile(Point(each.latitude, each.longitude), level) for each in found} == set(places)


async def test_what_moves_or_goes_leaves_its_cluster(
    tx: Transaction, connection: asyncpg.Connection[asyncpg.Record]
) -> None:
    await scatter(tx, 500)
    await counted(connection)

    await tx.db.execute("delete from commune.listing where id % 2 = 0")
    await tx.db.execute("update commune.listing set latitude = 48.85, longitude = 2.35")
    for _ in ("noted", "counted"):
        there = await maps.clusters(tx.db, REUNION, 8, Wanted())
        elsewhere = await maps.clusters(tx.db, Box(48, 2, 49, 3), 8, Wanted())
        assert (sum(each.count for each in there), sum(each.count for each in elsewhere)) == (
            0,
            250,
        )
        await counted(connection)
    assert await tx.db.fetchval("select count(*) from commune.listing_cell") == 2 * len(LEVELS)


async def test_words_and_tags_narrow_clusters_too(tx: Transaction) -> None:
    await scatter(tx, 400)

    found = await maps.clusters(tx.db, REUNION, 8, Wanted(text="banc 17"))

    assert sum(each.count for each in found) == 1


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(("streets", "looked"), [(6_000, 2_000), (0, 2_000), (0, 0)])
@pytest.mark.parametrize("count", [30, 400])
async def test_the_map_of_one_server_tells_what_is_there_of_it_and_no_more(
    tx: Transaction,
    connection: asyncpg.Connection[asyncpg.Record],
    monkeypatch: pytest.MonkeyPatch,
    late: bool,
    streets: int,
    looked: int,
    count: int,
) -> None:
    monkeypatch.setattr(maps, "STREETS", streets)
    monkeypatch.setattr(maps, "MAX_LOOKED", looked)
    await scatter(tx, 500, domain="trois-bassins.example")
    await scatter(tx, count)
    await tx.db.execute(
        """
        insert into commune.listing (subject, id, kind, name, local, domain, latitude, longitude,
            updated_at)
        values ('event', 1, 'event', 'Ailleurs', true, 'saint-leu.example', 48.85, 2.35, now())
        """
    )
    if not late:
        await counted(connection)
    wanted = Wanted(domain="saint-leu.example")

    for zoom in (5, 10, 14, 16, 18):
        found = await maps.layer(tx.db, REUNION, zoom, wanted)

        # One by one where it is little, and can be looked for: in some streets, or of a server
        # of which not much is known.
        together = count > MAX_MARKERS or ((streets, looked) == (0, 0) and not late)
        assert all(isinstance(each, Cluster) is together for each in found)
        assert sum(getattr(each, "count", 1) for each in found) == count
    assert await maps.layer(tx.db, REUNION, 10, Wanted(domain="nowhere.example")) == []


async def test_what_changes_its_server_is_counted_with_the_other(
    tx: Transaction, connection: asyncpg.Connection[asyncpg.Record]
) -> None:
    await scatter(tx, 300)
    await counted(connection)

    await tx.db.execute("update commune.listing set domain = 'etang-sale.example' where id <= 200")
    for _ in ("noted", "counted"):
        for domain, expected in (("saint-leu.example", 100), ("etang-sale.example", 200)):
            found = await maps.clusters(tx.db, REUNION, 9, Wanted(domain=domain))
            assert sum(each.count for each in found) == expected
        assert sum(each.count for each in await maps.clusters(tx.db, REUNION, 9, Wanted())) == 300
        await counted(connection)


async def test_counting_at_once_counts_nothing_twice(tx: Transaction, database_url: str) -> None:
    await scatter(tx, 1_000)

    async def count() -> int:
        connection = await asyncpg.connect(database_url)
        try:
            return await counted(connection)
        finally:
            await connection.close()

    found_by_each = await asyncio.gather(*(count() for _ in range(4)))

    assert sum(found_by_each) == 1_000
    found = await maps.clusters(tx.db, REUNION, 8, Wanted())
    assert sum(each.count for each in found) == 1_000


async def test_many_changes_are_counted_in_several_short_transactions(
    tx: Transaction,
    connection: asyncpg.Connection[asyncpg.Record],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counts, "MAX_COUNTED", 300)
    await scatter(tx, 500)

    assert [await counted(connection) for _ in range(3)] == [300, 200, 0]
    found = await maps.clusters(tx.db, REUNION, 9, Wanted())
    assert sum(each.count for each in found) == 500


async def test_a_common_word_is_found_in_a_street_among_thousands_elsewhere(
    tx: Transaction,
) -> None:
    await tx.db.execute(
        """
        insert into commune.listing (subject, id, kind, name, local, domain, latitude, longitude,
            tags, updated_at)
        select 'place', n, 'poi', 'Banc', true, 'x', -21.3 + n / 100000.0, 55.288,
            '{ombre}'::text[], now()
        from generate_series(1, 5000) n
        """
    )
    street = Box(-21.2511, 55.28, -21.2501, 55.29)

    for wanted in (Wanted(text="banc"), Wanted(tags=("ombre",)), Wanted(domain="x")):
        found = await maps.markers(tx.db, street, wanted)
        assert found is not None
        assert len(found) in (99, 100, 101)
    assert await maps.markers(tx.db, REUNION, Wanted(text="banc")) is None
