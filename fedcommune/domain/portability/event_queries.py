"""SQL of imported events: what came before, what is here already, and whom and where it names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fedcommune.database import Executor
from fedcommune.domain.portability.readers.calendars import Happening
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts.occasions import Event


@dataclass(frozen=True, slots=True)
class Known:
    """An event that was imported; *event* is None when it was taken away here.

    *sequence* counts its changes until then; *author_id* announces it.
    """

    post_id: int
    author_id: int
    event: Event | None
    source: str
    digest: bytes
    sequence: int


@dataclass(frozen=True, slots=True)
class Twin:
    """An event here that is the same as entry number *number*, probably."""

    number: int
    name: str
    certain: bool


async def known(db: Executor, source: str, keys: Sequence[str]) -> dict[str, Known]:
    """Return what was imported under these keys, by key, gone or not."""
    rows = await db.fetch(
        """
        select imported.key, imported.post_id, imported.digest, imported.sequence,
            post.author_id, post.source, post.deleted_at is not null as gone
        from commune.imported_event imported
        join commune.post on post.id = imported.post_id
        where imported.source = $1
          and imported.key = any($2::text[])
        """,
        source,
        list(keys),
    )
    return await _known(db, rows)


async def vanished(
    db: Executor, source: str, keys: Collection[str], now: datetime, *, after: str, limit: int
) -> dict[str, Known]:
    """Return what was imported, is still to come at *now* and stands under none of *keys*.

    By key, in their order, those that follow *after*; nothing that is off or taken away already.
    """
    rows = await db.fetch(
        """
        select imported.key, imported.post_id, imported.digest, imported.sequence,
            post.author_id, post.source, false as gone
        from commune.imported_event imported
        join commune.post on post.id = imported.post_id and post.deleted_at is null
        join commune.event on event.post_id = imported.post_id
        where imported.source = $1
          and imported.key > $4
          and event.starts_at > $3
          and event.status not in ('cancelled', 'postponed')
          and not exists (
              select from unnest($2::text[]) as given (key) where given.key = imported.key
          )
        order by imported.key
        limit $5
        """,
        source,
        list(keys),
        now,
        after,
        limit,
    )
    return await _known(db, rows)


async def _known(db: Executor, rows: Sequence[Any]) -> dict[str, Known]:
    events = await happenings.of_posts(db, [row["post_id"] for row in rows])
    return {
        row["key"]: Known(
            row["post_id"],
            row["author_id"],
            None if row["gone"] else events.get(row["post_id"]),
            row["source"],
            row["digest"],
            row["sequence"],
        )
        for row in rows
    }


async def twins(db: Executor, source: str, entries: Sequence[Happening]) -> list[Twin]:
    """Return what is here already of these entries: those that are certain first.

    Certain is the id that our own calendars give an event, or that of a calendar read here;
    probable the same name at the same moment. What came from *source* counts with its key only.
    """
    rows = await db.fetch(
        """
        with entry as (
            select *
            from unnest($2::text[], $3::text[], $4::timestamptz[])
                with ordinality as entry (uid, name, starts_at, number)
        )
        select entry.number, event.name, 0 as doubt
        from entry
        join commune.event on event.uid = entry.uid
        join commune.post on post.id = event.post_id and post.deleted_at is null
        union all
        select entry.number, event.name, 0
        from entry
        join commune.calendar_item item on item.uid = entry.uid
        join commune.event on event.post_id = item.post_id
            and event.starts_at = entry.starts_at
        join commune.post on post.id = event.post_id and post.deleted_at is null
        union all
        select entry.number, event.name, 1
        from entry
        join commune.event on event.starts_at = entry.starts_at
            and commune.plain(event.name) = commune.plain(entry.name)
        join commune.post on post.id = event.post_id and post.deleted_at is null
        where not exists (
            select from commune.imported_event imported
            where imported.post_id = event.post_id
              and imported.source = $1
        )
        order by doubt, number
        """,
        source,
        [entry.uid for entry in entries],
        [entry.name for entry in entries],
        [entry.starts_at for entry in entries],
    )
    return [Twin(row["number"] - 1, row["name"], row["doubt"] == 0) for row in rows]


async def places_called(db: Executor, names: Sequence[str]) -> dict[str, int]:
    """Return the places of ours that are called so, whatever the accents; only if it is one."""
    rows = await db.fetch(
        """
        select wanted.name, min(place.id) as id
        from unnest($1::text[]) as wanted (name)
        join commune.place on commune.plain(place.name) = commune.plain(wanted.name)
        where place.local
          and place.deleted_at is null
        group by wanted.name
        having count(*) = 1
        """,
        list(dict.fromkeys(names)),
    )
    return {row["name"]: row["id"] for row in rows}


async def organisers_called(db: Executor, source: str, words: Sequence[str]) -> dict[str, int]:
    """Return the organisations of ours that a source means: only if it is one.

    By name or handle, or as who speaks for the place that came from the same source under
    this id. People are never looked for.
    """
    rows = await db.fetch(
        """
        with wanted as (select distinct word from unnest($2::text[]) as each (word)),
        found as (
            select wanted.word, account.id
            from wanted
            join commune.account on commune.plain(account.name) = commune.plain(wanted.word)
                or lower(account.username) = lower(ltrim(wanted.word, '@'))
            union
            select wanted.word, account.id
            from wanted
            join commune.place on place.imported_as = $1 || ':' || wanted.word
            join commune.account on account.id = place.claimed_by
        )
        select found.word, min(account.id) as id
        from found
        join commune.account on account.id = found.id
        where account.local
          and account.kind in ('association', 'business', 'authority', 'group', 'project')
          and account.deleted_at is null
          and account.suspended_at is null
        group by found.word
        having count(*) = 1
        """,
        source,
        list(words),
    )
    return {row["word"]: row["id"] for row in rows}


async def series_of(db: Executor, source: str, uid: str) -> int | None:
    """Return the series that the other times of a thing belong to, if there is one."""
    found: int | None = await db.fetchval(
        """
        select max(event.series_id)
        from commune.imported_event imported
        join commune.event on event.post_id = imported.post_id
        where imported.source = $1
          and imported.uid = $2
        """,
        source,
        uid,
    )
    return found


async def keep(db: Executor, source: str, entry: Happening, post_id: int, digest: bytes) -> None:
    """Note what the source said of an event, and how often the event has changed since ever."""
    await db.execute(
        """
        insert into commune.imported_event (source, key, uid, post_id, digest, sequence)
        select $1, $2, $3, $4, $5, sequence
        from commune.event
        where post_id = $4
        on conflict (source, key) do update
        set post_id = excluded.post_id, digest = excluded.digest, sequence = excluded.sequence
        """,
        source,
        entry.key,
        entry.uid,
        post_id,
        digest,
    )


async def forget_said(db: Executor, source: str, key: str) -> None:
    """Note that the source says nothing of an event any more: what it says again is news."""
    await db.execute(
        """
        update commune.imported_event
        set digest = '', sequence = event.sequence
        from commune.event
        where imported_event.source = $1
          and imported_event.key = $2
          and event.post_id = imported_event.post_id
        """,
        source,
        key,
    )


async def note_series(
    db: Executor,
    series_id: int,
    organiser_id: int,
    rule: str,
    zone: str,
    first: datetime,
    now: datetime,
) -> None:
    """Keep what ties the times of a thing together; nothing more is made of it here."""
    await db.execute(
        """
        insert into commune.series (id, organiser_id, rule, timezone, first_start, made_until,
            ended_at)
        values ($1, $2, $3, $4, $5, $6, $6)
        """,
        series_id,
        organiser_id,
        rule,
        zone,
        first,
        now,
    )
