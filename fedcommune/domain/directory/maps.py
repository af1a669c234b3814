"""SQL: what a part of the map shows, one by one or in clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.directory.model import (
    CIRCUMFERENCE,
    FINER,
    LEVELS,
    MAX_CLUSTERS,
    MAX_COUNTED,
    MAX_LOOKED,
    MAX_MARKERS,
    MAX_TILES,
    MAX_ZOOM,
    STREETS,
    TOWN,
    Box,
    Cluster,
    Listing,
    Point,
    Subject,
    Wanted,
)
from fedcommune.domain.directory.queries import COLUMNS, EIGHTH, SUCH, of_row

_GATES: Final = {Subject.ACCOUNT: 6, Subject.PLACE: 7, Subject.EVENT: 8, Subject.CLASSIFIED: 9}
# To tell how much is in a part of the map, about so many tiles are added up.
_TILES: Final = 64
_INSIDE: Final = "spot <@ box(point($1, $2), point($3, $4))"


def _inside(subject: Subject) -> str:
    """What of one subject is inside a box, by its own index.

    A limit that the planner cannot see keeps it from reading all that is in a large box.
    """
    return f"""(
        select {COLUMNS}
        from commune.listing
        where subject = '{subject.value}'
          and ${_GATES[subject]}::boolean
          and {_INSIDE}
          and kind = any($5::text[])
        limit (select {MAX_MARKERS + 1}::bigint)
    )"""


_MARKERS: Final = f"""
    {" union all ".join(_inside(subject) for subject in Subject)}
    limit {MAX_MARKERS + 1}
"""


def _squares_of(found: str) -> str:
    """The squares of what is *found* inside: how much, the middle; of little, what it is.

    What it is stands in the first row, and only when all is found: things that are missing
    would be taken for gone. Of an eighth of all, each counts eight times.
    """
    return f"""
        {found}, few as materialized (
            select array_agg(id) as ids, array_agg(subject) as subjects
            from found
            where (select sum(weight) from found) <= {MAX_MARKERS}
              and (select max(weight) from found) = 1
        )
        select square.*, few.ids, few.subjects
        from (
            select sum(weight) as count, avg(spot[0]) as east, avg(spot[1]) as north,
                max(weight) > 1 as about, row_number() over (order by count(*) desc) as number
            from found
            group by floor(spot[0] / $6), floor(spot[1] / $6)
            order by count desc
            limit {MAX_CLUSTERS}
        ) square
        left join few on square.number = 1
        order by square.number
    """


# Of everything: the index of places and kinds alone answers.
_FINE: Final = f"""
    select count(*) as count, avg(spot[0]) as east, avg(spot[1]) as north,
        sum(count(*)) over () as known
    from (
        select spot
        from commune.listing
        where {_INSIDE}
          and kind = any($5::text[])
        limit (select {MAX_LOOKED + 1}::bigint)
    ) found
    group by floor(spot[0] / $6), floor(spot[1] / $6)
    order by count desc
"""
_SUCH: Final = SUCH.format(text="$7", terms="$8", kinds="$5")
# All that is such in some streets: where and such together.
_IN_STREETS: Final = _squares_of(
    f"""
    with found as materialized (
        select subject, id, spot, 1 as weight
        from commune.listing
        where {_SUCH}
          and {_INSIDE}
    )"""
)
# All of one server there: the index of places alone answers.
_OF_SERVER: Final = _squares_of(
    f"""
    with found as materialized (
        select subject, id, spot, 1 as weight
        from commune.listing
        where {_INSIDE}
          and kind = any($5::text[])
          and domain = $7
    )"""
)


# What is about so much in the whole is shown one by one: so much of it in an eighth.
_LITTLE: Final = MAX_MARKERS // 16


def _about(looked_up: str, left: str) -> str:
    """What is such in a larger part: an eighth of it, unless it is so little that it is shown.

    The part is *looked_up* in an index, too, or what is outside is *left* out afterwards.
    """
    return f"""
        with eighth as materialized (
            select subject, id, spot
            from commune.listing
            where {_SUCH}
              and {EIGHTH}
              and {looked_up}
            limit {MAX_LOOKED}
        ), inside as materialized (
            select *
            from eighth
            where {left}
        ), found as materialized (
            select *, 8 as weight
            from inside
            where (select count(*) from inside) > {_LITTLE}
            union all
            select *, 1
            from (
                select subject, id, spot
                from commune.listing
                where (select count(*) from inside) <= {_LITTLE}
                  and {_SUCH}
                  and {looked_up}
                offset 0
            ) whole
            where {left}
        )"""


_IN_TOWN: Final = _squares_of(_about(_INSIDE, "true"))
# A region is too much to look it up by where it is.
_IN_REGION: Final = _squares_of(_about("spot is not null", _INSIDE))


async def layer(
    db: Executor, box: Box, zoom: int, wanted: Wanted
) -> Sequence[Listing] | Sequence[Cluster]:
    """Return what a map shows of what is *wanted* inside *box*: it all, or clusters of it.

    A cluster is a tile of the level two below *zoom* (0 to 19), or larger when there would be
    too many. What is wanted without words, tags or a server comes out of counts that are kept,
    so that a whole country costs as much as a street. What has words, tags or a server is
    counted exactly in some streets, and where it is so little that it is shown one by one; else
    an eighth of it tells *about* how much there is.
    """
    if _is_everything(wanted):
        found = await _markers(db, box, wanted)
        return await _everything(db, box, zoom, wanted) if found is None else found
    squares = await _squares(db, box, zoom, wanted)
    if squares and squares[0]["ids"] is None:
        return [_cluster(row) for row in squares]
    return await _named(db, squares)


async def markers(db: Executor, box: Box, wanted: Wanted) -> list[Listing] | None:
    """Return what is *wanted* inside *box*, one by one; None when it is too much for that."""
    if _is_everything(wanted):
        return await _markers(db, box, wanted)
    squares = await _squares(db, box, 0, wanted)
    if squares and squares[0]["ids"] is None:
        return None
    return await _named(db, squares)


async def clusters(db: Executor, box: Box, zoom: int, wanted: Wanted) -> list[Cluster]:
    """Return where inside *box* there is how much of what is *wanted*, as :func:`layer` does."""
    if _is_everything(wanted):
        return await _everything(db, box, zoom, wanted)
    return [_cluster(row) for row in await _squares(db, box, zoom, wanted)]


def _is_everything(wanted: Wanted) -> bool:
    return wanted.domain is None and not wanted.is_such


async def _markers(db: Executor, box: Box, wanted: Wanted) -> list[Listing] | None:
    gates = [wanted.seeks(subject) for subject in Subject]
    rows = await db.fetch(_MARKERS, *_sides(box), wanted.sought, *gates)
    return None if len(rows) > MAX_MARKERS else [of_row(row) for row in rows]


async def _everything(db: Executor, box: Box, zoom: int, wanted: Wanted) -> list[Cluster]:
    """Return clusters of all that is there: finer than the kept counts where it is not much."""
    level = _level(box, zoom)
    if level > LEVELS[-1]:
        rows = await db.fetch(_FINE, *_sides(box), wanted.sought, _side(level))
        if not rows or rows[0]["known"] <= MAX_LOOKED:
            return [_cluster(row) for row in rows]
    return await _counted(db, box, min(max(level, LEVELS[0]), LEVELS[-1]), wanted)


async def _squares(db: Executor, box: Box, zoom: int, wanted: Wanted) -> Sequence[Any]:
    """Return the squares of what has words, tags or a server; of little, what it is."""
    given = (*_sides(box), wanted.sought, _side(_level(box, zoom)))
    crowd = await _crowd(db, box, wanted)
    if crowd <= STREETS and not wanted.is_such:
        return await db.fetch(_OF_SERVER, *given, wanted.domain)
    statement = _IN_STREETS if crowd <= STREETS else _IN_TOWN if crowd <= TOWN else _IN_REGION
    return await db.fetch(statement, *given, wanted.text.strip(), wanted.terms)


async def _named(db: Executor, squares: Sequence[Any]) -> list[Listing]:
    """Return what stands in *squares*."""
    if not squares:
        return []
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from unnest($1::text[], $2::bigint[]) found (subject, id)
        join commune.listing using (subject, id)
        """,
        squares[0]["subjects"],
        squares[0]["ids"],
    )
    return [of_row(row) for row in rows]


async def _crowd(db: Executor, box: Box, wanted: Wanted) -> int:
    """Return about how much of all kinds that are wanted is in *box*, out of the kept counts."""
    fitting = (each for each in reversed(LEVELS) if _size(box, each) <= _TILES)
    level = next(fitting, LEVELS[0])
    first_column, last_column, first_row, last_row = box.tiles(level)
    found = await db.fetchval(
        """
        select coalesce(sum(count), 0)
        from commune.listing_cell
        where level = $1
          and x = any($2::integer[])
          and y between $3 and $4
          and kind = any($5::text[])
        """,
        level,
        list(range(first_column, last_column + 1)),
        first_row,
        last_row,
        wanted.sought,
    )
    return int(found)


def _level(box: Box, zoom: int) -> int:
    level = min(max(zoom, 0), MAX_ZOOM) + FINER
    while level > LEVELS[0] and _size(box, level) > MAX_TILES:
        level -= 1
    return level


def _side(level: int) -> float:
    """Return the side of a tile of *level* in metres of the plane."""
    return CIRCUMFERENCE / (1 << level)


def _size(box: Box, level: int) -> int:
    first_column, last_column, first_row, last_row = box.tiles(level)
    return (last_column - first_column + 1) * (last_row - first_row + 1)


def _sides(box: Box) -> tuple[float, float, float, float]:
    return (*box.corner.metres, *box.opposite.metres)


def _cluster(row: Any) -> Cluster:
    middle = Point.of_metres(row["east"], row["north"])
    return Cluster(row["count"], middle.latitude, middle.longitude, row.get("about", False))


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
        limit {MAX_CLUSTERS}
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
