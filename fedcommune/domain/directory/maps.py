"""SQL: what a part of the map shows, one by one or in clusters."""

from __future__ import annotations

from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.directory.model import (
    FINER,
    LEVELS,
    MAX_MARKERS,
    MAX_ZOOM,
    Box,
    Cluster,
    Listing,
    Subject,
    Wanted,
)
from fedcommune.domain.directory.queries import COLUMNS, of_row

# Of what has a word or a tag, so much is put into clusters: more makes a map no clearer.
_CLUSTERED: Final = 1_000


def _inside(subject: Subject, columns: str, limit: int) -> str:
    """What is wanted of one subject inside a box, by its own index."""
    gate = {Subject.ACCOUNT: 9, Subject.PLACE: 10, Subject.EVENT: 11, Subject.CLASSIFIED: 12}
    return f"""(
        select {columns}
        from commune.listing
        where subject = '{subject.value}'
          and ${gate[subject]}::boolean
          and spot <@ box(point($1, $2), point($3, $4))
          and kind = any($5::text[])
          and ($6::text[] = '{{}}' or tags @> $6::text[])
          and ($7::text is null or domain = $7)
          and ($8 = '' or words @@ commune.wanted($8))
        limit {limit}
    )"""


_MARKERS: Final = f"""
    {" union all ".join(_inside(subject, COLUMNS, MAX_MARKERS + 1) for subject in Subject)}
    limit {MAX_MARKERS + 1}
"""
_GROUPED: Final = f"""
    select count(*) as count, avg(latitude) as latitude, avg(longitude) as longitude
    from ({
    " union all ".join(
        _inside(subject, "spot, latitude, longitude", _CLUSTERED) for subject in Subject
    )
}) found
    group by commune.tile_x(spot, $13), commune.tile_y(spot, $13)
    order by count desc
    limit {MAX_MARKERS * 4}
"""


async def markers(db: Executor, box: Box, wanted: Wanted) -> list[Listing] | None:
    """Return what is *wanted* inside *box*, one by one; None when it is too much for that."""
    rows = await db.fetch(_MARKERS, *_arguments(box, wanted))
    return None if len(rows) > MAX_MARKERS else [of_row(row) for row in rows]


async def clusters(db: Executor, box: Box, zoom: int, wanted: Wanted) -> list[Cluster]:
    """Return where inside *box* there is how much of what is *wanted*.

    A cluster is a tile of the level two below *zoom* (0 to 19). What is wanted without words,
    tags or a server comes out of counts that are kept, so that a whole country costs as much
    as a street; otherwise the first thousand of each subject are counted.
    """
    level = min(max(zoom, 0), MAX_ZOOM) + FINER
    counted = not (wanted.text.strip() or wanted.tags or wanted.domain)
    if counted and level <= LEVELS[-1]:
        return await _counted(db, box, max(level, LEVELS[0]), wanted)
    rows = await db.fetch(_GROUPED, *_arguments(box, wanted), level)
    return [Cluster(row["count"], row["latitude"], row["longitude"]) for row in rows]


async def _counted(db: Executor, box: Box, level: int, wanted: Wanted) -> list[Cluster]:
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
            where level = $1
              and x between $2 and $3
              and y between $4 and $5
              and kind = any($6::text[])
            union all
            select commune.tile_x(spot, $1), commune.tile_y(spot, $1), change,
                latitude * change, longitude * change
            from (
                select change, latitude, longitude, commune.mercator(latitude, longitude) as spot
                from commune.listing_change
                where kind = any($6::text[])
            ) late
            where commune.tile_x(spot, $1) between $2 and $3
              and commune.tile_y(spot, $1) between $4 and $5
        ) found
        group by x >> $7::integer, y >> $7::integer
        having sum(count) > 0
        order by count desc
        limit {MAX_MARKERS * 4}
        """,
        kept,
        first_column,
        last_column,
        first_row,
        last_row,
        wanted.sought,
        kept - level,
    )
    return [Cluster(row["count"], row["latitude"], row["longitude"]) for row in rows]


def _arguments(box: Box, wanted: Wanted) -> tuple[object, ...]:
    (west, south), (east, north) = box.corner.metres, box.opposite.metres
    return (
        west,
        south,
        east,
        north,
        wanted.sought,
        list(wanted.tags),
        wanted.domain,
        wanted.text.strip(),
        *(wanted.seeks(subject) for subject in Subject),
    )


async def count_changes(db: Executor) -> int:
    """Put what changed since the last time into the counts; return how much that was.

    In one transaction: whoever reads meanwhile sees all of it on one side or on the other.
    """
    await db.execute("lock table commune.listing_cell in share row exclusive mode")
    found = await db.fetchval(
        """
        with taken as (
            delete from commune.listing_change
            returning kind, latitude, longitude, change
        ), placed as (
            select level, commune.tile_x(spot, level) as x, commune.tile_y(spot, level) as y,
                kind, latitude, longitude, change
            from (
                select *, commune.mercator(latitude, longitude) as spot
                from taken
            ) spotted
            cross join unnest($1::integer[]) level
        ), counted as (
            insert into commune.listing_cell as cell (level, x, y, kind, count, latitudes,
                longitudes)
            select level, x, y, kind, sum(change), sum(latitude * change), sum(longitude * change)
            from placed
            group by level, x, y, kind
            on conflict (level, x, y, kind) do update
            set count = cell.count + excluded.count,
                latitudes = cell.latitudes + excluded.latitudes,
                longitudes = cell.longitudes + excluded.longitudes
        )
        select count(*)
        from taken
        """,
        list(LEVELS),
    )
    await db.execute("delete from commune.listing_cell where count <= 0")
    return int(found)
