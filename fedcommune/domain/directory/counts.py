"""SQL: how much of each kind and of each server is in each tile of a map, as it is kept."""

from __future__ import annotations

from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.directory.model import (
    LEVELS,
    MAX_CLUSTERS,
    MAX_COUNTED,
    Box,
    Cluster,
    Wanted,
)

# To tell how much is in a part of the map, about so many tiles are added up.
_TILES: Final = 64


async def crowd(db: Executor, box: Box) -> int:
    """Return about how much of everything is in *box*: so much there is to look through."""
    fitting = (each for each in reversed(LEVELS) if tiles_of(box, each) <= _TILES)
    level = next(fitting, LEVELS[0])
    first_column, last_column, first_row, last_row = box.tiles(level)
    found = await db.fetchval(
        """
        select coalesce(sum(count), 0)
        from commune.listing_cell
        where domain = ''
          and level = $1
          and x = any($2::integer[])
          and y between $3 and $4
        """,
        level,
        list(range(first_column, last_column + 1)),
        first_row,
        last_row,
    )
    return int(found)


async def of_server(db: Executor, wanted: Wanted) -> int:
    """Return about how much of the kinds that are wanted is of the server that is."""
    found = await db.fetchval(
        """
        select coalesce(sum(count), 0)
        from commune.listing_cell
        where domain = $1
          and level = $2
          and kind = any($3::text[])
        """,
        wanted.domain,
        LEVELS[0],
        wanted.sought,
    )
    return int(found)


async def clusters(db: Executor, box: Box, level: int, wanted: Wanted) -> list[Cluster]:
    """Return how much of the kinds, and of the server, that are wanted is in each tile.

    *level* is one of those kept, or one between them. What is not yet counted is added.
    """
    kept = next(each for each in LEVELS if each >= level)
    first_column, last_column, first_row, last_row = box.tiles(kept)
    rows = await db.fetch(
        f"""
        select sum(count)::integer as count,
            sum(latitudes) / sum(count) as latitude,
            sum(longitudes) / sum(count) as longitude
        from (
            select x, y, count, latitudes, longitudes
            from commune.listing_cell
            where domain = $8
              and level = $1
              and x = any($2::integer[])
              and y between $4 and $5
              and kind = any($6::text[])
            union all
            select commune.tile_x(spot, $1), commune.tile_y(spot, $1), change,
                latitude * change, longitude * change
            from (
                select change, latitude, longitude, commune.mercator(latitude, longitude) as spot
                from commune.listing_change
                where kind = any($6::text[])
                  and $8 in ('', domain)
            ) late
            where commune.tile_x(spot, $1) between ($2::integer[])[1] and $3
              and commune.tile_y(spot, $1) between $4 and $5
        ) found
        group by x >> $7::integer, y >> $7::integer
        having sum(count) > 0
        order by count desc
        limit {MAX_CLUSTERS}
        """,
        kept,
        list(range(first_column, last_column + 1)),
        last_column,
        first_row,
        last_row,
        wanted.sought,
        kept - level,
        wanted.domain or "",
    )
    return [Cluster(row["count"], row["latitude"], row["longitude"]) for row in rows]


def tiles_of(box: Box, level: int) -> int:
    first_column, last_column, first_row, last_row = box.tiles(level)
    return (last_column - first_column + 1) * (last_row - first_row + 1)


async def count_changes(db: Executor) -> int:
    """Put what changed since the last time into the counts; return how much that was.

    In one transaction: whoever reads meanwhile sees all of it on one side or on the other. At
    most ``MAX_COUNTED`` at a time, so that an import of a whole region is many short ones.
    """
    if not await db.fetchval("select exists (select from commune.listing_change)"):
        return 0
    await db.execute("lock table commune.listing_cell in share row exclusive mode")
    found = await db.fetchval(
        """
        with taken as (
            delete from commune.listing_change
            where ctid = any(array(
                select ctid
                from commune.listing_change
                limit $2))
            returning kind, latitude, longitude, change, domain
        ), placed as (
            select whose, level, commune.tile_x(spot, level) as x,
                commune.tile_y(spot, level) as y, kind, latitude, longitude, change
            from (
                select *, commune.mercator(latitude, longitude) as spot
                from taken
            ) spotted
            cross join unnest($1::integer[]) level
            cross join unnest(array['', domain]) whose
        ), counted as (
            insert into commune.listing_cell as cell (domain, level, x, y, kind, count,
                latitudes, longitudes)
            select whose, level, x, y, kind, sum(change), sum(latitude * change),
                sum(longitude * change)
            from placed
            group by whose, level, x, y, kind
            on conflict (domain, level, x, y, kind) do update
            set count = cell.count + excluded.count,
                latitudes = cell.latitudes + excluded.latitudes,
                longitudes = cell.longitudes + excluded.longitudes
        )
        select count(*)
        from taken
        """,
        list(LEVELS),
        MAX_COUNTED,
    )
    await db.execute("delete from commune.listing_cell where count <= 0")
    return int(found)
