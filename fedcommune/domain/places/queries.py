"""SQL about places."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import orjson

from fedcommune.database import Executor
from fedcommune.domain.places.model import Place, Revision

COLUMNS: Final = """
    place.id, place.object_id, place.local, place.owner_id, place.kind, place.category,
    place.name, place.summary, place.content, place.source, place.latitude, place.longitude,
    place.street, place.postal_code, place.locality, place.opening_hours, place.accessibility,
    place.website, place.tags, place.same_as, place.claimable, place.claimed_by,
    place.imported_as, place.created_at, place.updated_at, place.deleted_at, place.told_by"""


async def insert(db: Executor, place: Place) -> bool:
    """Store a new place; False when it is here already, by its id or by where it comes from."""
    stored = await db.fetchval(
        """
        insert into commune.place (
            id, object_id, local, owner_id, kind, category, name, summary, content, source,
            latitude, longitude, street, postal_code, locality, opening_hours, accessibility,
            website, tags, same_as, claimable, claimed_by, imported_as, created_at, updated_at,
            told_by
        )
        values (
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
            $20, $21, $22, $23, $24, $25, $26
        )
        on conflict do nothing
        returning id
        """,
        place.id,
        place.object_id,
        place.local,
        place.owner_id,
        place.kind,
        place.category,
        place.name,
        place.summary,
        place.content,
        place.source,
        place.latitude,
        place.longitude,
        place.street,
        place.postal_code,
        place.locality,
        place.opening_hours,
        place.accessibility,
        place.website,
        list(place.tags),
        list(place.same_as),
        place.claimable,
        place.claimed_by,
        place.imported_as,
        place.created_at,
        place.updated_at,
        place.told_by,
    )
    return stored is not None


async def rewrite(db: Executor, place: Place) -> None:
    """Replace what is said of a place; whose it is and where it comes from stays."""
    await db.execute(
        """
        update commune.place
        set kind = $2, category = $3, name = $4, summary = $5, content = $6, source = $7,
            latitude = $8, longitude = $9, street = $10, postal_code = $11, locality = $12,
            opening_hours = $13, accessibility = $14, website = $15, tags = $16, same_as = $17,
            claimable = $18, claimed_by = $19, updated_at = $20
        where id = $1
        """,
        place.id,
        place.kind,
        place.category,
        place.name,
        place.summary,
        place.content,
        place.source,
        place.latitude,
        place.longitude,
        place.street,
        place.postal_code,
        place.locality,
        place.opening_hours,
        place.accessibility,
        place.website,
        list(place.tags),
        list(place.same_as),
        place.claimable,
        place.claimed_by,
        place.updated_at,
    )


async def locked(db: Executor, place_id: int) -> Place | None:
    """Return a place that is still there, its row locked until the end."""
    row = await db.fetchrow(
        f"""
        select {COLUMNS}
        from commune.place
        where id = $1
          and deleted_at is null
        for update
        """,
        place_id,
    )
    return None if row is None else of_row(row)


async def by_id(db: Executor, place_id: int) -> Place | None:
    """Return a place that anybody may see: still there, told by somebody who is not hidden."""
    row = await db.fetchrow(
        f"""
        select {COLUMNS}
        from commune.place
        join commune.account owner on owner.id = place.owner_id
        where place.id = $1
          and place.deleted_at is null
          and owner.suspended_at is null
          and owner.deleted_at is null
        """,
        place_id,
    )
    return None if row is None else of_row(row)


async def known(db: Executor, place_id: int) -> Place | None:
    """Return a place, whether it is gone or hidden or not."""
    row = await db.fetchrow(f"select {COLUMNS} from commune.place where id = $1", place_id)
    return None if row is None else of_row(row)


async def stored(db: Executor, object_id: str) -> Place | None:
    """Return the place with this id, its row locked, whether it is gone or not."""
    row = await db.fetchrow(
        f"""
        select {COLUMNS}
        from commune.place
        where object_id = $1
        for update
        """,
        object_id,
    )
    return None if row is None else of_row(row)


async def owned(
    db: Executor, owner_ids: Collection[int], *, after: int = 0, limit: int = 100
) -> list[Place]:
    """Return the places that these actors of ours tell of, oldest first, behind the id *after*."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.place
        where owner_id = any($1::bigint[])
          and local
          and deleted_at is null
          and id > $2
        order by id
        limit $3
        """,
        list(owner_ids),
        after,
        limit,
    )
    return [of_row(row) for row in rows]


async def told_here(db: Executor, *, after: int = 0, limit: int = 20) -> list[Place]:
    """Return the places that living actors of ours tell of, oldest first, behind the id *after*."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.place
        join commune.account owner on owner.id = place.owner_id
        where place.local
          and place.deleted_at is null
          and owner.suspended_at is null
          and owner.deleted_at is null
          and place.id > $1
        order by place.id
        limit $2
        """,
        after,
        limit,
    )
    return [of_row(row) for row in rows]


async def count_told_here(db: Executor) -> int:
    """Return how many they are."""
    return int(
        await db.fetchval(
            """
            select count(*)
            from commune.place
            join commune.account owner on owner.id = place.owner_id
            where place.local
              and place.deleted_at is null
              and owner.suspended_at is null
              and owner.deleted_at is null
            """
        )
    )


async def remove(db: Executor, place_id: int, now: datetime) -> None:
    """Mark a place as gone; its row stays, so that it does not come back."""
    await db.execute("update commune.place set deleted_at = $2 where id = $1", place_id, now)


async def add_revision(db: Executor, before: Place, by: int | None, now: datetime) -> None:
    """Keep what was said of a place before somebody changes it."""
    kept = {name: value for name, value in asdict(before).items() if name not in ("id", "local")}
    await db.execute(
        """
        insert into commune.place_revision (place_id, number, account_id, before, changed_at)
        select $1, coalesce(max(number), 0) + 1, $2, $3::jsonb, $4
        from commune.place_revision
        where place_id = $1
        """,
        before.id,
        by,
        orjson.dumps(kept).decode(),
        now,
    )


async def revisions(db: Executor, place_id: int, *, limit: int = 50) -> list[Revision]:
    """Return what was said of a place before, the latest change first."""
    rows = await db.fetch(
        """
        select number, account_id, before, changed_at
        from commune.place_revision
        where place_id = $1
        order by number desc
        limit $2
        """,
        place_id,
        limit,
    )
    return [
        Revision(row["number"], row["account_id"], orjson.loads(row["before"]), row["changed_at"])
        for row in rows
    ]


async def note_of(db: Executor, place_id: int) -> int | None:
    """Return the id of the post that told of a place, when there is one."""
    found = await db.fetchval("select note_id from commune.place where id = $1", place_id)
    return None if found is None else int(found)


async def website_stands(db: Executor, place_id: int) -> bool:
    """Tell whether the website of a place of ours was imported or told by the commune itself.

    What anybody here could have written there proves nothing about who claims it.
    """
    found = await db.fetchval(
        """
        select place.website is not null
            and (place.told_by is null and place.imported_as is not null or teller.kind = 'commune')
            and not exists (
                select
                from commune.place_revision revision
                where revision.place_id = place.id
                  and revision.before ->> 'website' is distinct from place.website)
        from commune.place
        left join commune.account teller on teller.id = place.told_by
        where place.id = $1
        """,
        place_id,
    )
    return bool(found)


def of_row(row: Any) -> Place:
    values = dict(row)
    values["tags"], values["same_as"] = tuple(values["tags"]), tuple(values["same_as"])
    return Place(**values)


async def by_name(db: Executor, name: str) -> Place | None:
    """Return the one place of ours that is called so, whatever the accents; None when several."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.place
        where local
          and deleted_at is null
          and commune.plain(name) = commune.plain($1)
        limit 2
        """,
        name,
    )
    return of_row(rows[0]) if len(rows) == 1 else None


async def names(db: Executor, *, limit: int = 200) -> list[str]:
    """Return what our places are called, to choose from."""
    rows = await db.fetch(
        """
        select distinct name
        from commune.place
        where local
          and deleted_at is null
        order by name
        limit $1
        """,
        limit,
    )
    return [row["name"] for row in rows]
