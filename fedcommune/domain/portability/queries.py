"""SQL of imports: what came before, what is here already, and the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fedcommune.database import Executor
from fedcommune.domain.places import queries as places
from fedcommune.domain.places.model import Place
from fedcommune.domain.portability.model import NEAR, Entry


@dataclass(frozen=True, slots=True)
class Known:
    """A place that was imported; *revision* counts its changes, *imported* those back then."""

    place: Place
    digest: bytes | None
    revision: int
    imported: int


@dataclass(frozen=True, slots=True)
class Twin:
    """Somebody or something here that is the same as entry number *number*, probably."""

    number: int
    name: str
    subject: str
    id: int
    imported_as: str | None
    certain: bool


async def lock(db: Executor, source: str) -> None:
    """Let nobody else import from *source* until the end of the transaction."""
    await db.execute(
        "select pg_advisory_xact_lock(hashtextextended('import ' || $1::text, 0))", source
    )


async def known(db: Executor, source: str, keys: Sequence[str]) -> dict[str, Known]:
    """Return what was imported under these keys, by key, gone or not."""
    rows = await db.fetch(
        f"""
        select {places.COLUMNS},
            imported.digest,
            coalesce(imported.revision, 0) as imported,
            (
                select coalesce(max(number), 0)
                from commune.place_revision
                where place_id = place.id
            ) as revision
        from commune.place
        left join commune.imported on imported.place_id = place.id
        where place.imported_as = any($1::text[])
        """,
        [f"{source}:{key}" for key in keys],
    )
    found = {}
    for row in rows:
        values = dict(row)
        told: tuple[Any, ...] = tuple(
            values.pop(name) for name in ("digest", "revision", "imported")
        )
        place = places.of_row(values)
        assert place.imported_as is not None
        found[place.imported_as.removeprefix(f"{source}:")] = Known(place, *told)
    return found


async def speaking(db: Executor, entries: Sequence[Entry]) -> list[Twin]:
    """Return the accounts and places here with the same SIRET or RNA number as an entry."""
    rows = await db.fetch(
        """
        with entry as (
            select *
            from unnest($1::text[], $2::text[]) with ordinality as entry (siret, rna, number)
            where siret <> '' or rna <> ''
        )
        select entry.number, '@' || account.username as name, 'account' as subject, account.id,
            null as imported_as
        from entry
        join commune.organisation on organisation.siret = nullif(entry.siret, '')
            or organisation.rna = nullif(entry.rna, '')
        join commune.account on account.id = organisation.account_id
        where account.deleted_at is null
        union all
        select entry.number, place.name, 'place', place.id, place.imported_as
        from entry
        join commune.place
            on place.imported_as in ('sirene:' || nullif(entry.siret, ''),
                'rna:' || nullif(entry.rna, ''))
        where place.deleted_at is null
        """,
        [entry.siret for entry in entries],
        [entry.rna for entry in entries],
    )
    return [_twin(row, certain=True) for row in rows]


async def near(db: Executor, entries: Sequence[Entry]) -> list[Twin]:
    """Return what is listed under the same name as an entry, a few steps from it."""
    rows = await db.fetch(
        """
        with entry as (
            select number, latitude, longitude, commune.mercator(latitude, longitude) as spot,
                regexp_replace(commune.plain(name), '[^[:alnum:]]', '', 'g') as name,
                -- Metres on the plane grow with the latitude.
                $4::double precision / cos(radians(least(abs(latitude), 85))) as reach
            from unnest($1::text[], $2::double precision[], $3::double precision[])
                with ordinality as entry (name, latitude, longitude, number)
        )
        select entry.number, place.name, 'place' as subject, place.id, place.imported_as,
            listing.spot <-> entry.spot as distance
        from entry
        join commune.listing
            on listing.subject = 'place'
            and listing.spot <@ box(
                point(entry.spot[0] - entry.reach, entry.spot[1] - entry.reach),
                point(entry.spot[0] + entry.reach, entry.spot[1] + entry.reach))
            and listing.spot <-> entry.spot <= entry.reach
            and regexp_replace(listing.sorted, '[^[:alnum:]]', '', 'g') = entry.name
        join commune.place on place.id = listing.id
        union all
        select entry.number, listing.name, 'account', listing.id, null,
            listing.spot <-> entry.spot
        from entry
        join commune.listing
            on listing.subject = 'account'
            and listing.spot <@ box(
                point(entry.spot[0] - entry.reach, entry.spot[1] - entry.reach),
                point(entry.spot[0] + entry.reach, entry.spot[1] + entry.reach))
            and listing.spot <-> entry.spot <= entry.reach
            and regexp_replace(listing.sorted, '[^[:alnum:]]', '', 'g') = entry.name
        order by number, distance
        """,
        [entry.name for entry in entries],
        [entry.latitude for entry in entries],
        [entry.longitude for entry in entries],
        NEAR,
    )
    return [_twin(row, certain=False) for row in rows]


async def keep(db: Executor, source: str, key: str, place_id: int, digest: bytes) -> None:
    """Note what the source said of a place, and how often the place has changed since ever."""
    await db.execute(
        """
        insert into commune.imported (source, key, place_id, digest, revision)
        select $1, $2, $3, $4, coalesce(max(number), 0)
        from commune.place_revision
        where place_id = $3
        on conflict (source, key) do update
        set place_id = excluded.place_id, digest = excluded.digest, revision = excluded.revision
        """,
        source,
        key,
        place_id,
        digest,
    )


async def part(db: Executor, place_id: int) -> None:
    """Know a place that its source took away no longer: should it come back, it is a new one."""
    await db.execute("delete from commune.imported where place_id = $1", place_id)
    await db.execute("update commune.place set imported_as = null where id = $1", place_id)


async def erase(db: Executor, place_id: int) -> None:
    """Forget what a place was called and where it was; only that it is gone stays."""
    await db.execute(
        """
        update commune.place
        set name = '', summary = '', content = '', source = '', street = '', postal_code = '',
            locality = '', opening_hours = '', website = null, tags = '{}', same_as = '{}',
            latitude = 0, longitude = 0
        where id = $1
        """,
        place_id,
    )
    await db.execute("delete from commune.place_revision where place_id = $1", place_id)


def _twin(row: Any, *, certain: bool) -> Twin:
    return Twin(
        row["number"] - 1, row["name"], row["subject"], row["id"], row["imported_as"], certain
    )
