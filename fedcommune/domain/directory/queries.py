"""SQL: find things by words, tags and kinds, or near a point."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.directory.model import (
    EVERYTHING,
    MAX_COUNT,
    MAX_NEAR,
    MAX_PAGE,
    MAX_RANKED,
    MAX_SKIP,
    NEARBY,
    Kind,
    Listing,
    Subject,
    Wanted,
)

COLUMNS: Final = """
    listing.subject, listing.id, listing.kind, listing.name, listing.told, listing.tags,
    listing.local, listing.domain, listing.territory, listing.latitude, listing.longitude,
    listing.starts_at, listing.ends_at, listing.updated_at"""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what is found, and how much there is altogether.

    *count* is None near a point, where nobody counts; ``MAX_COUNT`` means as many or more.
    """

    listings: list[Listing]
    count: int | None


# What is asked for is understood once, not for each row that is looked at.
SUCH: Final = """
    commune.findable(words, kind, tags, domain) @@ (select commune.sought({text}, {terms}))
    and kind = any({kinds}::text[])"""

# A circle grows by so much at least, and at most; among so many a circle says how rare a thing is.
_WORTH: Final = 1.3
_WIDER: Final = 8.0
_MANY: Final = 400
# One in eight of all, spread evenly, with indexes of its own.
EIGHTH: Final = "hashint8(id) & 7 = 0"


def first_of(columns: str, such: str, limit: int) -> str:
    """Up to *limit* rows that are *such*: out of an eighth of all, else out of all.

    What is common is not looked up to its end, and what is taken of it is spread evenly.
    """
    return f"""
        with eighth as materialized (
            select {columns}
            from commune.listing
            where {such}
              and {EIGHTH}
            limit {limit}
        ), found as materialized (
            select *
            from eighth
            where (select count(*) from eighth) = {limit}
            union all
            (
                select {columns}
                from commune.listing
                where (select count(*) from eighth) < {limit}
                  and {such}
                limit {limit}
            )
        )"""


_SUCH: Final = SUCH.format(text="$1", terms="$2", kinds="$3")
_RANKED: Final = f"""
    {first_of("subject, id, words, sorted", _SUCH, MAX_RANKED)}
    select {COLUMNS}, (select count(*) from found) as known
    from (
        select subject, id, sorted,
            case when $1 = '' then 0 else ts_rank(words, (select commune.wanted($1))) end as rank
        from found
        order by rank desc, sorted, id
        limit $4
        offset $5
    ) best
    join commune.listing using (subject, id)
    order by best.rank desc, best.sorted, best.id
"""
_COUNTED: Final = f"""
    {first_of("id", _SUCH, MAX_COUNT)}
    select count(*)
    from found
"""


def _of_each_kind(server: str) -> str:
    """The names of each kind, each along its index, until there are enough of them."""
    return f"""
        select {COLUMNS}
        from (
            select name.*
            from unnest($1::text[]) wanted (kind)
            cross join lateral (
                select sorted, id, subject
                from commune.listing
                where {server}
                  and kind = wanted.kind
                order by sorted, id
                limit $3::bigint + $4::bigint
            ) name
            order by sorted, id
            limit $3
            offset $4
        ) best
        join commune.listing using (subject, id)
        order by best.sorted, best.id
    """


def _counted_of_each_kind(server: str) -> str:
    return f"""
        select least(count(*), {MAX_COUNT})
        from unnest($1::text[]) wanted (kind)
        cross join lateral (
            select
            from commune.listing
            where {server}
              and kind = wanted.kind
            limit {MAX_COUNT}
        ) found
    """


_SERVERS: Final = ("$2::text is null", "domain = $2")
_NAMES: Final = tuple(_of_each_kind(each) for each in _SERVERS)
_COUNTED_NAMES: Final = tuple(_counted_of_each_kind(each) for each in _SERVERS)
_ALL_NAMES: Final = f"""
    select {COLUMNS}
    from commune.listing
    where kind = any($1::text[])
      and $2::text is null
    order by sorted, id
    limit $3
    offset $4
"""


async def search(db: Executor, wanted: Wanted, *, limit: int = 20, skip: int = 0) -> list[Listing]:
    """Return what is *wanted*: the nearest, else the best match, else in alphabetical order."""
    limit, skip = min(limit, MAX_PAGE), min(skip, MAX_SKIP)
    if wanted.near is not None:
        return await _near(db, wanted, limit=limit, skip=skip)
    if wanted.is_such:
        return [of_row(row) for row in await _ranked(db, wanted, limit=limit, skip=skip)]
    by_name = _NAMES[wanted.domain is not None]
    if wanted.domain is None and wanted.kinds == EVERYTHING:
        by_name = _ALL_NAMES
    rows = await db.fetch(by_name, wanted.sought, wanted.domain, limit, skip)
    return [of_row(row) for row in rows]


async def count(db: Executor, wanted: Wanted) -> int:
    """Return how much is *wanted*, wherever it is; ``MAX_COUNT`` means as many or more."""
    if wanted.is_such:
        found = await db.fetchval(_COUNTED, wanted.text.strip(), wanted.terms, wanted.sought)
    else:
        counted = _COUNTED_NAMES[wanted.domain is not None]
        found = await db.fetchval(counted, wanted.sought, wanted.domain)
    return int(found)


async def search_and_count(
    db: Executor, wanted: Wanted, *, limit: int = 20, skip: int = 0
) -> Found:
    """Return what :func:`search` and :func:`count` do; words and tags are looked up only once."""
    if wanted.near is not None:
        return Found(await search(db, wanted, limit=limit, skip=skip), None)
    if wanted.is_such:
        limit, skip = min(limit, MAX_PAGE), min(skip, MAX_SKIP)
        rows = await _ranked(db, wanted, limit=limit, skip=skip)
        if rows:
            return Found([of_row(row) for row in rows], rows[0]["known"])
    found = await search(db, wanted, limit=limit, skip=skip)
    return Found(found, await count(db, wanted))


async def _ranked(db: Executor, wanted: Wanted, *, limit: int, skip: int) -> Sequence[Any]:
    return await db.fetch(_RANKED, wanted.text.strip(), wanted.terms, wanted.sought, limit, skip)


_GATES: Final = {
    Subject.ACCOUNT: 6,
    Subject.PLACE: 7,
    Subject.EVENT: 8,
    Subject.CLASSIFIED: 9,
}


def _around(subject: Subject, limit: str) -> str:
    """What of one subject is nearest, by its own index; nothing is read when none is wanted.

    The planner takes any box for a small one, and would sort what is in it: a limit that it
    cannot see lets it walk from the nearest on, and stop.
    """
    return f"""
        select *, listing.spot <-> point($1, $2) as apart
        from commune.listing
        where subject = '{subject.value}'
          and ${_GATES[subject]}::boolean
          and spot <@ box(point($1 - $3, $2 - $3), point($1 + $3, $2 + $3))
          and kind = any($4::text[])
        order by spot <-> point($1, $2)
        limit (select {limit}::bigint)
    """


_NEAREST: Final = f"""
    select {COLUMNS}
    from ({" union all ".join(f"({_around(subject, '$5')})" for subject in Subject)}) listing
    where apart <= $3
    order by apart, id
    limit $10
    offset $11
"""
_AROUND: Final = """spot <@ box(
    point($1::float8 - $3::float8, $2::float8 - $3), point($1 + $3, $2 + $3))"""
# What else is wanted is looked for in what is around, as long as that is not too much.
_WITHIN: Final = f"""
    with here as materialized (
        select subject, id, kind, words, tags, domain, spot <-> point($1, $2) as apart
        from commune.listing
        where {_AROUND}
        limit {MAX_NEAR + 1}
    ), nearest as (
        select subject, id, apart
        from here
        where apart <= $3
          and kind = any($4::text[])
          and ($5::text = '' or words @@ (select commune.wanted($5)))
          and ($6::text[] = '{{}}' or tags @> $6)
          and ($7::text is null or domain = $7)
        order by apart, id
        limit $8
        offset $9
    )
    select looked, {COLUMNS}
    from (select count(*) as looked from here) number
    left join (nearest join commune.listing using (subject, id)) on true
    order by apart, id
"""
# What is rare is not around: of what has the words and tags, the nearest.
_SUCH_AROUND: Final = SUCH.format(text="$5", terms="$6", kinds="$4")


# Of all of it, when that is little; else of what is within the radius.
_SUCH_NEAREST: Final = f"""
    with rare as materialized (
        select subject, id, spot
        from commune.listing
        where {_SUCH_AROUND}
        limit {MAX_RANKED + 1}
    ), found as materialized (
        select *
        from rare
        where (select count(*) from rare) <= {MAX_RANKED}
          and {_AROUND}
        union all
        select subject, id, spot
        from commune.listing
        where (select count(*) from rare) > {MAX_RANKED}
          and {_SUCH_AROUND}
          and {_AROUND}
    )
    select {COLUMNS}
    from (
        select *
        from (select subject, id, spot <-> point($1, $2) as apart from found) placed
        where apart <= $3
        order by apart, id
        limit $7
        offset $8
    ) nearest
    join commune.listing using (subject, id)
    order by apart, id
"""


async def _within(db: Executor, wanted: Wanted, *, limit: int, skip: int) -> Sequence[Any] | None:
    """Return the nearest in a circle that grows until there are enough in it.

    None when it would hold too much to look through before that: what is wanted is rare there.
    """
    assert wanted.near is not None, "only asked for with a point"
    east, north = wanted.near.metres
    reach = wanted.radius * wanted.near.stretch
    such = (wanted.sought, wanted.text.strip(), list(wanted.tags), wanted.domain)
    width = min(reach, NEARBY * wanted.near.stretch)
    while True:
        rows = await db.fetch(_WITHIN, east, north, width, *such, limit, skip)
        looked = rows[0]["looked"]
        found = [row for row in rows if row["id"] is not None]
        if looked > MAX_NEAR:
            return None
        if len(found) == limit or width >= reach:
            return found
        # As wide as is needed where things are spread evenly, and can be looked through at once.
        growth = math.sqrt(limit * 1.5 / len(found)) if found else _WIDER
        if looked > _MANY and (not found or looked * growth**2 > MAX_NEAR):
            return None
        growth = max(_WORTH, min(growth, _WIDER, math.sqrt(_MANY * 8 / max(looked, 1))))
        width = min(reach, width * growth)


async def _near(db: Executor, wanted: Wanted, *, limit: int, skip: int) -> list[Listing]:
    assert wanted.near is not None, "only asked for with a point"
    east, north = wanted.near.metres
    reach = wanted.radius * wanted.near.stretch
    text = wanted.text.strip()
    rows: Sequence[Any] | None
    if not (text or wanted.tags or wanted.domain):
        gates = [wanted.seeks(subject) for subject in Subject]
        rows = await db.fetch(
            _NEAREST, east, north, reach, wanted.sought, limit + skip, *gates, limit, skip
        )
    else:
        rows = await _within(db, wanted, limit=limit, skip=skip)
        if rows is None:
            rows = await db.fetch(
                _SUCH_NEAREST, east, north, reach, wanted.sought, text, wanted.terms, limit, skip
            )
    found = [of_row(row) for row in rows]
    return [
        replace(each, distance=wanted.near.distance(each.point)) if each.point else each
        for each in found
    ]


async def communes(db: Executor, domains: Collection[str]) -> dict[str, str]:
    """Return what the communes at these servers are called, as far as they are known."""
    rows = await db.fetch(
        """
        select distinct on (domain) domain, name
        from commune.account
        where kind = 'commune'
          and domain = any($1::text[])
          and name <> ''
        order by domain, id
        """,
        list(domains),
    )
    return {row["domain"]: row["name"] for row in rows}


def of_row(row: Any) -> Listing:
    return Listing(
        subject=Subject(row["subject"]),
        id=row["id"],
        kind=Kind(row["kind"]),
        name=row["name"],
        told=row["told"],
        tags=tuple(row["tags"]),
        local=row["local"],
        domain=row["domain"],
        territory=row["territory"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        updated_at=row["updated_at"],
    )
