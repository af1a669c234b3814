"""SQL: what a part of the map shows, one by one or in clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.directory import counts
from fedcommune.domain.directory.model import (
    CIRCUMFERENCE,
    FINER,
    LEVELS,
    MAX_CLUSTERS,
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
from fedcommune.domain.directory.rows import COLUMNS, FEW, PARTS, of_row, part, such

_GATES: Final = {Subject.ACCOUNT: 6, Subject.PLACE: 7, Subject.EVENT: 8, Subject.CLASSIFIED: 9}
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


def _of_server(found: str) -> str:
    """What of one server is inside a box: it is *found* by where it is, or by the server."""
    return f"""
        select {COLUMNS}
        from (
            select subject, id
            from ({found}) listing
            where {_INSIDE}
              and kind = any($5::text[])
              and domain = $6
            limit (select {MAX_MARKERS + 1}::bigint)
        ) found
        join commune.listing using (subject, id)
    """


# The index of places alone answers, as long as not much else is there.
_IN_STREETS_OF_SERVER: Final = _of_server("select * from commune.listing")
_OF_SMALL_SERVER: Final = _of_server("select * from commune.listing where domain = $6 offset 0")


def _squares_of(found: str) -> str:
    """The squares of what is *found* inside: how much, the middle; of little, what it is.

    What it is stands in the first row, and only when all is found: things that are missing
    would be taken for gone. Of a part of all, each counts for as many as it stands for.
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


# Of everything, or all of one server: the index of places, kinds and servers alone answers.
_FINE: Final = f"""
    select count(*) as count, avg(spot[0]) as east, avg(spot[1]) as north,
        sum(count(*)) over () as known
    from (
        select spot
        from commune.listing
        where {_INSIDE}
          and kind = any($5::text[])
          and ($7::text is null or domain = $7)
        limit (select {MAX_LOOKED + 1}::bigint)
    ) found
    group by floor(spot[0] / $6), floor(spot[1] / $6)
    order by count desc
"""
_SUCH: Final = such("$7", "$8", "$5")
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

# What is about so much in the whole is shown one by one: so much of it in an eighth.
_LITTLE: Final = MAX_MARKERS // (2 * PARTS)


def _eighth(where: str, limit: int) -> str:
    return f"""
        select subject, id, spot
        from commune.listing
        where {where}
          and {_SUCH}
          and {part(0)}
        limit {limit}
    """


def _about(inside: str) -> str:
    """Clusters of a part of what is such, each with its weight, that is *inside*.

    What is so little that it is shown is walked to, past everything else.
    """
    return _squares_of(
        f"""
        {inside}, found as materialized (
            select *
            from inside
            where (select count(*) from inside) > {_LITTLE}
            union all
            select subject, id, spot, 1
            from commune.listing
            where (select count(*) from inside) <= {_LITTLE}
              and {such("$7", "$8", "$5", index="walkable")}
              and {_INSIDE}
        )"""
    )


# In a town it is looked up by where it is, too.
_IN_TOWN: Final = _about(
    f"""
    with inside as materialized (
        select *, {PARTS} as weight
        from ({_eighth(_INSIDE, TOWN // PARTS)}) eighth
    )"""
)
# A region is too much for that: of what an eighth has too much of to look through, a sixty-fourth.
_COMMON: Final = f"(select count(*) from sample) > {MAX_LOOKED // PARTS}"
_IN_REGION: Final = _about(
    f"""
    with sample as materialized (
        select subject, id, spot
        from commune.listing
        where {_SUCH}
          and {FEW}
    ), inside as materialized (
        select *, {PARTS} as weight
        from ({_eighth(f"not {_COMMON}", 2 * MAX_LOOKED)}) eighth
        where {_INSIDE}
        union all
        select *, {PARTS**2}
        from sample
        where {_COMMON}
          and {_INSIDE}
    )"""
)


async def layer(
    db: Executor, box: Box, zoom: int, wanted: Wanted
) -> Sequence[Listing] | Sequence[Cluster]:
    """Return what a map shows of what is *wanted* inside *box*: it all, or clusters of it.

    A cluster is a tile of the level two below *zoom* (0 to 19), or larger when there would be
    too many. What is wanted without words or tags comes out of counts that are kept, so that a
    whole country costs as much as a street. What has words or tags is counted exactly in some
    streets, and where it is so little that it is shown one by one; else an eighth of it, or a
    sixty-fourth, tells *about* how much there is.
    """
    if not wanted.is_such:
        in_streets = await _in_streets(db, box, wanted)
        found = await _markers(db, box, wanted, in_streets=in_streets)
        if found is not None:
            return found
        return await _everything(db, box, zoom, wanted, in_streets=in_streets)
    squares = await _squares(db, box, zoom, wanted)
    if squares and squares[0]["ids"] is None:
        return [_cluster(row) for row in squares]
    return await _named(db, squares)


async def markers(db: Executor, box: Box, wanted: Wanted) -> list[Listing] | None:
    """Return what is *wanted* inside *box*, one by one; None when it is too much for that."""
    if not wanted.is_such:
        return await _markers(db, box, wanted, in_streets=await _in_streets(db, box, wanted))
    squares = await _squares(db, box, 0, wanted)
    if squares and squares[0]["ids"] is None:
        return None
    return await _named(db, squares)


async def clusters(db: Executor, box: Box, zoom: int, wanted: Wanted) -> list[Cluster]:
    """Return where inside *box* there is how much of what is *wanted*, as :func:`layer` does."""
    if not wanted.is_such:
        in_streets = await _in_streets(db, box, wanted)
        return await _everything(db, box, zoom, wanted, in_streets=in_streets)
    return [_cluster(row) for row in await _squares(db, box, zoom, wanted)]


async def _in_streets(db: Executor, box: Box, wanted: Wanted) -> bool:
    """Whether all that is inside *box* can be looked through for what is of one server."""
    return wanted.domain is None or await counts.crowd(db, box) <= STREETS


async def _markers(
    db: Executor, box: Box, wanted: Wanted, *, in_streets: bool
) -> list[Listing] | None:
    given = (*_sides(box), wanted.sought)
    if wanted.domain is None:
        rows = await db.fetch(_MARKERS, *given, *(wanted.seeks(subject) for subject in Subject))
    elif in_streets:
        rows = await db.fetch(_IN_STREETS_OF_SERVER, *given, wanted.domain)
    elif await counts.of_server(db, wanted) <= MAX_LOOKED:
        rows = await db.fetch(_OF_SMALL_SERVER, *given, wanted.domain)
    else:
        return None
    return None if len(rows) > MAX_MARKERS else [of_row(row) for row in rows]


async def _everything(
    db: Executor, box: Box, zoom: int, wanted: Wanted, *, in_streets: bool
) -> list[Cluster]:
    """Return clusters of all that is there: finer than the kept counts where it is not much."""
    level = _level(box, zoom)
    if level > LEVELS[-1] and in_streets:
        rows = await db.fetch(_FINE, *_sides(box), wanted.sought, _side(level), wanted.domain)
        if not rows or rows[0]["known"] <= MAX_LOOKED:
            return [_cluster(row) for row in rows]
    return await counts.clusters(db, box, min(max(level, LEVELS[0]), LEVELS[-1]), wanted)


async def _squares(db: Executor, box: Box, zoom: int, wanted: Wanted) -> Sequence[Any]:
    """Return the squares of what has words or tags; of little, what it is."""
    given = (*_sides(box), wanted.sought, _side(_level(box, zoom)))
    crowd = await counts.crowd(db, box)
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


def _level(box: Box, zoom: int) -> int:
    level = min(max(zoom, 0), MAX_ZOOM) + FINER
    while level > LEVELS[0] and counts.tiles_of(box, level) > MAX_TILES:
        level -= 1
    return level


def _side(level: int) -> float:
    """Return the side of a tile of *level* in metres of the plane."""
    return CIRCUMFERENCE / (1 << level)


def _sides(box: Box) -> tuple[float, float, float, float]:
    return (*box.corner.metres, *box.opposite.metres)


def _cluster(row: Any) -> Cluster:
    middle = Point.of_metres(row["east"], row["north"])
    return Cluster(row["count"], middle.latitude, middle.longitude, row.get("about", False))
