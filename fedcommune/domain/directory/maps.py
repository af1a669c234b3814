"""SQL: what a part of the map shows, one by one or in clusters."""

from __future__ import annotations

from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.directory.model import (
    FINER,
    LEVELS,
    MAX_COUNTED,
    MAX_LOOKED,
    MAX_MARKERS,
    MAX_TILES,
    MAX_ZOOM,
    Box,
    Cluster,
    Listing,
    Subject,
    Wanted,
)
from fedcommune.domain.directory.queries import BY_TAGS, BY_WORDS, COLUMNS, of_row, way

_GATES: Final = {Subject.ACCOUNT: 9, Subject.PLACE: 10, Subject.EVENT: 11, Subject.CLASSIFIED: 12}


def _inside(subject: Subject, columns: str, looked: int, limit: int) -> str:
    """What of one subject is inside a box, by its own index, and wanted.

    So much is looked through that a street is complete; of a whole country it is a sample. A
    limit that the planner cannot see keeps it from reading all that is in a large box.
    """
    return f"""(
        select {columns}
        from (
            select *
            from commune.listing
            where subject = '{subject.value}'
              and ${_GATES[subject]}::boolean
              and spot <@ box(point($1, $2), point($3, $4))
              and kind = any($5::text[])
            limit (select {looked}::bigint)
        ) listing
        where ($6::text[] = '{{}}' or tags @> $6::text[])
          and ($7::text is null or domain = $7)
          and ($8::text = '' or words @@ (select commune.wanted($8)))
        limit {limit}
    )"""


def _such(such: str) -> str:
    """What is found by *such*, up to as much as is looked through."""
    return f"""
        select {COLUMNS}, spot, spot <@ box(point($1, $2), point($3, $4)) as inside
        from commune.listing
        where {such.format(tags="$6", words="$8")}
          and kind = any($5::text[])
          and ($7::text is null or domain = $7)
          and spot is not null
        limit {MAX_LOOKED + 1}
    """


# Of all that is there, and of what has a word, a tag or a server.
_MARKERS, _MARKERS_SUCH = (
    f"""
    {" union all ".join(_inside(each, COLUMNS, looked, MAX_MARKERS + 1) for each in Subject)}
    limit {MAX_MARKERS + 1}
    """
    for looked in (MAX_MARKERS + 1, MAX_LOOKED)
)
_GROUPED: Final = f"""
    select count(*) as count, avg(latitude) as latitude, avg(longitude) as longitude
    from ({
    " union all ".join(
        _inside(subject, "spot, latitude, longitude", MAX_LOOKED, MAX_LOOKED) for subject in Subject
    )
}) found
    group by commune.tile_x(spot, $13), commune.tile_y(spot, $13)
    order by count desc
    limit {MAX_MARKERS * 4}
"""
# With how many there are altogether: what is rare is known completely.
_RARE: Final = tuple(
    f"""
    with found as materialized ({_such(each)})
    select {COLUMNS}, (select count(*) from found) as known
    from found listing
    where inside
    limit {MAX_MARKERS + 1}
    """
    for each in (BY_WORDS, BY_TAGS)
)
_RARE_GROUPED: Final = tuple(
    f"""
    with found as materialized ({_such(each)})
    select count(*) as count, avg(latitude) as latitude, avg(longitude) as longitude
    from found
    where inside
    group by commune.tile_x(spot, $9), commune.tile_y(spot, $9)
    order by count desc
    limit {MAX_MARKERS * 4}
    """
    for each in (BY_WORDS, BY_TAGS)
)


async def markers(db: Executor, box: Box, wanted: Wanted) -> list[Listing] | None:
    """Return what is *wanted* inside *box*, one by one; None when it is too much for that."""
    by, gates = way(wanted), [wanted.seeks(subject) for subject in Subject]
    if by < len(_RARE):
        rows = await db.fetch(_RARE[by], *_arguments(box, wanted))
        if len(rows) > MAX_MARKERS:
            return None
        if rows and rows[0]["known"] <= MAX_LOOKED:
            return [of_row(row) for row in rows]
    everything = by == len(_RARE) and wanted.domain is None
    statement = _MARKERS if everything else _MARKERS_SUCH
    rows = await db.fetch(statement, *_arguments(box, wanted), *gates)
    return None if len(rows) > MAX_MARKERS else [of_row(row) for row in rows]


async def clusters(db: Executor, box: Box, zoom: int, wanted: Wanted) -> list[Cluster]:
    """Return where inside *box* there is how much of what is *wanted*.

    A cluster is a tile of the level two below *zoom* (0 to 19), or larger when there would be
    too many. What is wanted without words, tags or a server comes out of counts that are kept,
    so that a whole country costs as much as a street; of the rest, a few thousand are counted.
    """
    level = min(max(zoom, 0), MAX_ZOOM) + FINER
    while level > LEVELS[0] and _size(box, level) > MAX_TILES:
        level -= 1
    counted = not (wanted.text.strip() or wanted.tags or wanted.domain)
    if counted and level <= LEVELS[-1]:
        return await _counted(db, box, max(level, LEVELS[0]), wanted)
    by, gates = way(wanted), [wanted.seeks(subject) for subject in Subject]
    if by < len(_RARE_GROUPED):
        rows = await db.fetch(_RARE_GROUPED[by], *_arguments(box, wanted), level)
    else:
        rows = await db.fetch(_GROUPED, *_arguments(box, wanted), *gates, level)
    return [Cluster(row["count"], row["latitude"], row["longitude"]) for row in rows]


def _size(box: Box, level: int) -> int:
    first_column, last_column, first_row, last_row = box.tiles(level)
    return (last_column - first_column + 1) * (last_row - first_row + 1)


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
            ) late
            where commune.tile_x(spot, $1) between ($2::integer[])[1] and $3
              and commune.tile_y(spot, $1) between $4 and $5
        ) found
        group by x >> $7::integer, y >> $7::integer
        having sum(count) > 0
        order by count desc
        limit {MAX_MARKERS * 4}
        """,
        kept,
        list(range(first_column, last_column + 1)),
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
    )


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
        MAX_COUNTED,
    )
    await db.execute("delete from commune.listing_cell where count <= 0")
    return int(found)
