"""SQL: find things by words, tags and kinds, or near a point."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.directory.model import (
    MAX_COUNT,
    MAX_NEAR,
    MAX_PAGE,
    MAX_RANKED,
    MAX_SKIP,
    Kind,
    Listing,
    Subject,
    Wanted,
)

COLUMNS: Final = """
    listing.subject, listing.id, listing.kind, listing.name, listing.told, listing.tags,
    listing.local, listing.domain, listing.territory, listing.latitude, listing.longitude,
    listing.starts_at, listing.ends_at, listing.updated_at"""


async def search(db: Executor, wanted: Wanted, *, limit: int = 20, skip: int = 0) -> list[Listing]:
    """Return what is *wanted*: the nearest, else the best match, else in alphabetical order."""
    limit, skip = min(limit, MAX_PAGE), min(skip, MAX_SKIP)
    if wanted.near is not None:
        return await _near(db, wanted, limit=limit, skip=skip)
    if wanted.text.strip():
        return await _matching(db, wanted, limit=limit, skip=skip)
    if wanted.tags:
        return await _tagged(db, wanted, limit=limit, skip=skip)
    return await _alphabetical(db, wanted, limit=limit, skip=skip)


async def _alphabetical(db: Executor, wanted: Wanted, *, limit: int, skip: int) -> list[Listing]:
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.listing
        where kind = any($1::text[])
          and ($2::text is null or domain = $2)
        order by sorted, id
        limit $3
        offset $4
        """,
        wanted.sought,
        wanted.domain,
        limit,
        skip,
    )
    return [of_row(row) for row in rows]


async def _tagged(db: Executor, wanted: Wanted, *, limit: int, skip: int) -> list[Listing]:
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from (
            select *
            from commune.listing
            where tags @> $2::text[]
              and kind = any($1::text[])
              and ($3::text is null or domain = $3)
            limit {MAX_RANKED}
        ) listing
        order by sorted, id
        limit $4
        offset $5
        """,
        wanted.sought,
        list(wanted.tags),
        wanted.domain,
        limit,
        skip,
    )
    return [of_row(row) for row in rows]


async def _matching(db: Executor, wanted: Wanted, *, limit: int, skip: int) -> list[Listing]:
    rows = await db.fetch(
        f"""
        with found as (
            select subject, id, words, sorted
            from commune.listing
            where words @@ (select commune.wanted($1))
              and kind = any($2::text[])
              and ($3::text[] = '{{}}' or tags @> $3::text[])
              and ($4::text is null or domain = $4)
            limit {MAX_RANKED}
        )
        select {COLUMNS}
        from (
            select subject, id, sorted, ts_rank(words, (select commune.wanted($1))) as rank
            from found
            order by rank desc, sorted, id
            limit $5
            offset $6
        ) best
        join commune.listing using (subject, id)
        order by best.rank desc, best.sorted, best.id
        """,
        wanted.text,
        wanted.sought,
        list(wanted.tags),
        wanted.domain,
        limit,
        skip,
    )
    return [of_row(row) for row in rows]


# What is asked for is understood once, not for each row that is looked at; each way to look
# for it has its own statement, because a plan that is kept serves all values.
BY_WORDS: Final = (
    "words @@ (select commune.wanted({words})) and ({tags}::text[] = '{{}}' or tags @> {tags})"
)
BY_TAGS: Final = "tags @> {tags}::text[] and {words}::text = ''"
BY_DOMAIN: Final = "{words}::text = '' and {tags}::text[] = '{{}}'"

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


def _around_such(subject: Subject) -> str:
    """Of the nearest of one subject, those that are wanted, until there are enough of them."""
    return f"""(
        select *
        from ({_around(subject, str(MAX_NEAR))}) nearest
        where ($12::text[] = '{{}}' or tags @> $12::text[])
          and ($13::text is null or domain = $13)
          and ($14::text = '' or words @@ (select commune.wanted($14)))
        limit $5
    )"""


def _nearest_of(such: str) -> str:
    """Of what is found by *such*, within the radius, the nearest."""
    return f"""
        select {COLUMNS}
        from (
            select *, listing.spot <-> point($1, $2) as apart
            from commune.listing
            where {such}
              and kind = any($4::text[])
              and spot <@ box(point($1 - $3, $2 - $3), point($1 + $3, $2 + $3))
              and ($6::text is null or domain = $6)
            limit {MAX_RANKED}
        ) listing
        where apart <= $3
        order by apart, id
        limit $8
        offset $9
    """


_NEAREST: Final = f"""
    select {COLUMNS}
    from ({" union all ".join(f"({_around(subject, '$5')})" for subject in Subject)}) listing
    where apart <= $3
    order by apart, id
    limit $10
    offset $11
"""
_NEAREST_SUCH: Final = f"""
    select {COLUMNS}
    from ({" union all ".join(_around_such(subject) for subject in Subject)}) listing
    where apart <= $3
    order by apart, id
    limit $10
    offset $11
"""
# What is rare is not among the nearest: of what has the words and tags, the nearest.
_SUCH_NEAREST: Final = tuple(
    _nearest_of(such.format(tags="$5", words="$7")) for such in (BY_WORDS, BY_TAGS, BY_DOMAIN)
)


def way(wanted: Wanted) -> int:
    """Return by which of words, tags and neither what is *wanted* is found."""
    return 0 if wanted.text.strip() else 1 if wanted.tags else 2


async def _near(db: Executor, wanted: Wanted, *, limit: int, skip: int) -> list[Listing]:
    assert wanted.near is not None, "only asked for with a point"
    east, north = wanted.near.metres
    reach = wanted.radius * wanted.near.stretch
    text = wanted.text.strip()
    gates = [wanted.seeks(subject) for subject in Subject]
    if not (text or wanted.tags or wanted.domain):
        rows = await db.fetch(
            _NEAREST, east, north, reach, wanted.sought, limit + skip, *gates, limit, skip
        )
    else:
        such = (list(wanted.tags), wanted.domain, text)
        rows = await db.fetch(
            _NEAREST_SUCH,
            *(east, north, reach, wanted.sought, limit + skip, *gates, limit, skip, *such),
        )
        if len(rows) < limit:
            rows = await db.fetch(
                _SUCH_NEAREST[way(wanted)],
                *(east, north, reach, wanted.sought, *such, limit, skip),
            )
    found = [of_row(row) for row in rows]
    return [
        replace(each, distance=wanted.near.distance(each.point)) if each.point else each
        for each in found
    ]


_COUNTS: Final = tuple(
    f"""
    select count(*)
    from (
        select
        from commune.listing
        where {such.format(tags="$2", words="$4")}
          and kind = any($1::text[])
          and ($3::text is null or domain = $3)
        limit {MAX_COUNT}
    ) found
    """
    for such in (BY_WORDS, BY_TAGS, BY_DOMAIN)
)


async def count(db: Executor, wanted: Wanted) -> int:
    """Return how much is *wanted*, wherever it is; ``MAX_COUNT`` means as many or more."""
    found = await db.fetchval(
        _COUNTS[way(wanted)],
        wanted.sought,
        list(wanted.tags),
        wanted.domain,
        wanted.text.strip(),
    )
    return int(found)


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
