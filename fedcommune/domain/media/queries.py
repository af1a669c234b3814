"""SQL: files, what hangs on posts, portraits, copies."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.media.model import Copy, File, Kind, Made, Media, State

COLUMNS: Final = """
    media.id, media.account_id, media.post_id, media.kind, media.state, media.whole, media.small,
    coalesce(file.media_type, '') as media_type, media.description, media.width, media.height,
    media.small_width, media.small_height, media.focus_x, media.focus_y, media.duration,
    media.blurhash, media.created_at
"""


def of_row(row: Any) -> Media:
    """Make a :class:`Media` of a row that has all of ``COLUMNS``."""
    values = {name: row[name] for name in Media.__slots__}
    values["kind"], values["state"] = Kind(row["kind"]), State(row["state"])
    return Media(**values)


async def insert_file(db: Executor, file: File, now: datetime) -> None:
    """Let a file of the store be known, so that it stays and may be shown."""
    await db.execute(
        """
        insert into commune.file (name, media_type, size, created_at)
        values ($1, $2, $3, $4)
        """,
        file.name,
        file.media_type,
        file.size,
        now,
    )


async def media_type(db: Executor, name: str) -> str | None:
    """Return the media type of a file that may be shown, None when there is none such."""
    found: str | None = await db.fetchval(
        "select media_type from commune.file where name = $1 and media_type <> ''", name
    )
    return found


async def known(db: Executor, names: Collection[str]) -> set[str]:
    """Return those of *names* that are files which stay."""
    rows = await db.fetch("select name from commune.file where name = any($1::text[])", list(names))
    return {row["name"] for row in rows}


async def insert(
    db: Executor, media_id: int, account_id: int, made: Made, description: str, now: datetime
) -> None:
    """Store what somebody sent; its files are known already."""
    await db.execute(
        """
        insert into commune.media (id, account_id, kind, state, whole, small, description, width,
            height, small_width, small_height, duration, blurhash, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """,
        media_id,
        account_id,
        made.kind,
        made.state,
        made.whole.name,
        made.small.name if made.small else None,
        description,
        made.width,
        made.height,
        made.small_width,
        made.small_height,
        made.duration,
        made.blurhash,
        now,
    )


async def count_loose(db: Executor, account_id: int) -> int:
    """Return how much of what somebody sent hangs on nothing."""
    found = await db.fetchval(
        "select count(*) from commune.media where account_id = $1 and post_id is null", account_id
    )
    return int(found)


async def of_account(db: Executor, account_id: int, media_id: int) -> Media | None:
    """Return what somebody sent, and only to them (SEC-MED-07)."""
    row = await db.fetchrow(
        f"""
        select {COLUMNS}
        from commune.media
        left join commune.file on file.name = media.whole
        where media.id = $2
          and media.account_id = $1
        """,
        account_id,
        media_id,
    )
    return None if row is None else of_row(row)


async def held(db: Executor, account_id: int, media_ids: Collection[int]) -> dict[int, Media]:
    """Return what *account_id* sent among *media_ids*, by id, the rows locked."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.media
        left join commune.file on file.name = media.whole
        where media.id = any($2::bigint[])
          and media.account_id = $1
        order by media.id
        for update of media
        """,
        account_id,
        list(media_ids),
    )
    return {row["id"]: of_row(row) for row in rows}


async def describe(
    db: Executor,
    media_id: int,
    description: str,
    focus_x: float | None,
    focus_y: float | None,
) -> None:
    await db.execute(
        "update commune.media set description = $2, focus_x = $3, focus_y = $4 where id = $1",
        media_id,
        description,
        focus_x,
        focus_y,
    )


async def set_small(
    db: Executor, media_id: int, small: str, width: int, height: int, blurhash: str
) -> None:
    """Let another picture stand for a film, a sound or a picture."""
    await db.execute(
        """
        update commune.media
        set small = $2, small_width = $3, small_height = $4, blurhash = $5
        where id = $1
        """,
        media_id,
        small,
        width,
        height,
        blurhash,
    )


async def attach(db: Executor, media_ids: Collection[int], post_id: int) -> None:
    """Let these hang on a post; what it shares is noted for the post that it hung on first."""
    await db.execute(
        "update commune.media set post_id = $2 where id = any($1::bigint[]) and post_id is null",
        list(media_ids),
        post_id,
    )


async def hanging(db: Executor, media_ids: Collection[int], post_ids: Collection[int]) -> set[int]:
    """Return those of *media_ids* that hang on one of these posts."""
    rows = await db.fetch(
        """
        select media_id
        from commune.attachment
        where media_id = any($1::bigint[])
          and post_id = any($2::bigint[])
        """,
        list(media_ids),
        list(post_ids),
    )
    return {row["media_id"] for row in rows}


async def only_of(db: Executor, post_id: int, *, keep: Collection[int] = ()) -> list[int]:
    """Return what hangs on a post and on no other one, but what it is to *keep*.

    The rows are locked: of several posts that let go of the same, each does so after the other.
    """
    rows = await db.fetch(
        """
        select media.id
        from commune.media
        where media.id in (
            select attachment.media_id from commune.attachment where attachment.post_id = $1
        )
          and media.id <> all($2::bigint[])
        order by media.id
        for update
        """,
        post_id,
        list(keep),
    )
    held_ = [row["id"] for row in rows]
    elsewhere = await db.fetch(
        """
        select media_id
        from commune.attachment
        where media_id = any($1::bigint[])
          and post_id <> $2
        """,
        held_,
        post_id,
    )
    return sorted(set(held_) - {row["media_id"] for row in elsewhere})


async def detach(db: Executor, media_ids: Collection[int], now: datetime) -> None:
    """Let these hang on nothing from *now* on."""
    await db.execute(
        "update commune.media set post_id = null, created_at = $2 where id = any($1::bigint[])",
        list(media_ids),
        now,
    )


async def delete(db: Executor, media_ids: Collection[int]) -> None:
    """Forget these and their files."""
    await db.execute("delete from commune.media where id = any($1::bigint[])", list(media_ids))


async def delete_loose(db: Executor, before: datetime, keep: Collection[int]) -> None:
    """Forget what hangs on nothing since *before*, but what to *keep*."""
    await db.execute(
        """
        delete from commune.media
        where post_id is null
          and created_at < $1
          and id <> all($2::bigint[])
        """,
        before,
        list(keep),
    )


async def lease_waiting(
    db: Executor, now: datetime, until: datetime, most: int, media_id: int | None = None
) -> Media | None:
    """Take the oldest that waits to be worked on, for so long, at most *most* times."""
    row = await db.fetchrow(
        f"""
        with taken as (
            select id
            from commune.media
            where state = 'waiting'
              and attempts < $3
              and (leased_until is null or leased_until <= $1)
              and ($4::bigint is null or id = $4)
            order by id
            limit 1
            for update skip locked
        ),
        leased as (
            update commune.media
            set leased_until = $2, attempts = attempts + 1
            from taken
            where media.id = taken.id
            returning media.*
        )
        select {COLUMNS}
        from leased media
        left join commune.file on file.name = media.whole
        """,
        now,
        until,
        most,
        media_id,
    )
    return None if row is None else of_row(row)


async def finish(db: Executor, media_id: int, made: Made) -> None:
    """Keep what became of what waited; what was sent is named no more."""
    await db.execute(
        """
        update commune.media
        set kind = $2, state = $3, whole = $4, small = coalesce(small, $5), width = $6,
            height = $7, small_width = coalesce(small_width, $8),
            small_height = coalesce(small_height, $9), duration = $10,
            blurhash = coalesce(blurhash, $11), leased_until = null
        where id = $1
        """,
        media_id,
        made.kind,
        made.state,
        made.whole.name,
        made.small.name if made.small else None,
        made.width,
        made.height,
        made.small_width,
        made.small_height,
        made.duration,
        made.blurhash,
    )


async def fail(db: Executor, media_id: int) -> None:
    await db.execute(
        "update commune.media set state = 'failed', whole = null where id = $1", media_id
    )


async def delete_file(db: Executor, name: str) -> None:
    await db.execute("delete from commune.file where name = $1", name)


async def set_portrait(db: Executor, account_id: int, part: str, name: str | None) -> None:
    """Let *name* be the face or the banner of an actor, or nothing."""
    await db.execute(
        "delete from commune.portrait where account_id = $1 and part = $2", account_id, part
    )
    if name is not None:
        await db.execute(
            "insert into commune.portrait (account_id, part, file) values ($1, $2, $3)",
            account_id,
            part,
            name,
        )


async def copy(db: Executor, digest: bytes) -> Copy | None:
    """Return our copy of a picture, by the digest of its purpose and address."""
    row = await db.fetchrow(
        "select whole, small, shown_at, again_at from commune.copy where digest = $1", digest
    )
    return None if row is None else Copy(**row)


async def keep_copy(
    db: Executor,
    digest: bytes,
    whole: File | None,
    small: File | None,
    now: datetime,
    again: datetime | None,
) -> bool:
    """Keep a copy, or that it could not be had; False when somebody else was faster."""
    await db.execute("delete from commune.copy where digest = $1 and whole is null", digest)
    found = await db.fetchval(
        """
        insert into commune.copy (digest, whole, small, size, fetched_at, shown_at, again_at)
        values ($1, $2, $3, $4, $5, $5, $6)
        on conflict (digest) do nothing
        returning true
        """,
        digest,
        whole.name if whole else None,
        small.name if small else None,
        sum(each.size for each in (whole, small) if each),
        now,
        again,
    )
    return bool(found)


async def delete_copies(db: Executor, digests: Collection[bytes]) -> None:
    await db.execute("delete from commune.copy where digest = any($1::bytea[])", list(digests))


async def note_shown(db: Executor, digest: bytes, now: datetime) -> None:
    await db.execute("update commune.copy set shown_at = $2 where digest = $1", digest, now)


async def evict(db: Executor, *, unseen: datetime, room: int) -> None:
    """Forget the copies that nobody saw since *unseen*, and the least seen beyond *room* bytes."""
    await db.execute(
        """
        delete from commune.copy
        where shown_at < $1
           or digest in (
               select digest
               from (
                   select digest, sum(size) over (order by shown_at desc, digest) as total
                   from commune.copy
               ) ranked
               where total > $2
           )
        """,
        unseen,
        room,
    )
