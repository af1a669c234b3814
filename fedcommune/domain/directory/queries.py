"""SQL: find things by words, tags and kinds, or near a point."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.directory.model import (
    EVERYTHING,
    MAX_COUNT,
    MAX_PAGE,
    MAX_RANKED,
    MAX_SKIP,
    Listing,
    Wanted,
)
from fedcommune.domain.directory.near import nearest
from fedcommune.domain.directory.rows import COLUMNS, first_of, of_row, such


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what is found, and how much there is altogether.

    *count* is None near a point, where nobody counts; ``MAX_COUNT`` means as many or more.
    """

    listings: list[Listing]
    count: int | None


_SUCH: Final = such("$1", "$2", "$3")
_RANKED: Final = f"""
    with found as materialized (
        {first_of("subject, id, words, sorted", _SUCH, MAX_RANKED)}
    )
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
_COUNTED: Final = f"select count(*) from ({first_of('id', _SUCH, MAX_COUNT)}) found"


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
        return await nearest(db, wanted, limit=limit, skip=skip)
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


async def communes_listed(db: Executor) -> dict[str, str]:
    """Return the communes of which something is in the directory, ours too: names by server."""
    rows = await db.fetch(
        """
        select distinct on (account.domain) account.domain, account.name
        from commune.account
        where account.kind = 'commune'
          and account.name <> ''
          and account.suspended_at is null
          and account.deleted_at is null
          and exists (select from commune.listing where listing.domain = account.domain)
        order by account.domain, account.id
        limit 200
        """
    )
    return {row["domain"]: row["name"] for row in rows}
