"""SQL about collections, and who sees which."""

from __future__ import annotations

from collections.abc import Collection as Several
from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.collections.model import Collection, Kind
from fedcommune.domain.collections.queries.seen import SEEN
from fedcommune.domain.visibility import Viewer

_COLUMNS: Final = """collection.id, collection.account_id, collection.object_id, collection.url,
    collection.local, collection.kind, collection.name, collection.description,
    collection.language, collection.topic, collection.sensitive, collection.discoverable,
    collection.created_at, collection.updated_at, collection.fetched_at"""


def _collection(row: Any) -> Collection:
    kind = row["kind"]
    return Collection(**{**row, "kind": None if kind is None else Kind(kind)})


async def by_id(db: Executor, viewer: Viewer, collection_id: int) -> Collection | None:
    """Return a collection, if *viewer* may see it; an unlisted one too, for who has its id."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from commune.collection
        join commune.account owner on owner.id = collection.account_id
        where collection.id = $2
          and {SEEN}
        """,
        viewer.account_id,
        collection_id,
    )
    return None if row is None else _collection(row)


async def by_ids(db: Executor, viewer: Viewer, ids: Several[int]) -> dict[int, Collection]:
    """Return those of the collections that *viewer* may see, by id."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.collection
        join commune.account owner on owner.id = collection.account_id
        where collection.id = any($2::bigint[])
          and {SEEN}
        """,
        viewer.account_id,
        list(ids),
    )
    return {row["id"]: _collection(row) for row in rows}


async def by_object_id(db: Executor, object_id: str) -> Collection | None:
    """Return the collection of this id, whoever reads."""
    row = await db.fetchrow(
        f"select {_COLUMNS} from commune.collection where object_id = $1", object_id
    )
    return None if row is None else _collection(row)


async def by_address(db: Executor, viewer: Viewer, address: str) -> Collection | None:
    """Return the collection of this id or page, if *viewer* may see it."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from commune.collection
        join commune.account owner on owner.id = collection.account_id
        where (collection.object_id = $2 or collection.url = $2)
          and {SEEN}
        order by collection.object_id = $2 desc, collection.id
        limit 1
        """,
        viewer.account_id,
        address,
    )
    return None if row is None else _collection(row)


async def linked_from(
    db: Executor, viewer: Viewer, post_ids: Several[int]
) -> dict[int, list[Collection]]:
    """Return the collections to whose pages posts lead, as far as *viewer* sees them."""
    rows = await db.fetch(
        f"""
        select post_link.post_id, {_COLUMNS}
        from commune.post_link
        join commune.collection on collection.url = post_link.url
        join commune.account owner on owner.id = collection.account_id
        where post_link.post_id = any($2::bigint[])
          and {SEEN}
        order by post_link.post_id, collection.id
        """,
        viewer.account_id,
        list(post_ids),
    )
    found: dict[int, list[Collection]] = {}
    for row in rows:
        columns = {name: row[name] for name in Collection.__dataclass_fields__}
        found.setdefault(row["post_id"], []).append(_collection(columns))
    return found


async def of_account(
    db: Executor, account_id: int, *, unlisted: bool = False, skip: int = 0, limit: int = 40
) -> list[Collection]:
    """Return the collections of an account, oldest first; with *unlisted*, those too."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.collection
        where account_id = $1
          and (discoverable or $2)
        order by id
        offset $3
        limit $4
        """,
        account_id,
        unlisted,
        skip,
        limit,
    )
    return [_collection(row) for row in rows]


async def with_account(
    db: Executor, viewer: Viewer, account_id: int, *, skip: int = 0, limit: int = 40
) -> list[Collection]:
    """Return the collections that recommend an account, or ask to, as *viewer* may see them.

    Unlisted ones, and those where it has not agreed, are shown to the account alone.
    """
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.collection_item item
        join commune.collection on collection.id = item.collection_id
        join commune.account owner on owner.id = collection.account_id
        where item.account_id = $2
          and {SEEN}
          and (
              (item.state = 'accepted' and (collection.discoverable or $1 = $2))
              or (item.state = 'pending' and $1 = $2)
          )
        order by collection.id desc
        offset $3
        limit $4
        """,
        viewer.account_id,
        account_id,
        skip,
        limit,
    )
    return [_collection(row) for row in rows]


async def count(db: Executor, account_id: int) -> int:
    """Return how many collections an account has, its row locked until the end."""
    await db.execute("select from commune.account where id = $1 for update", account_id)
    found = await db.fetchval(
        "select count(*) from commune.collection where account_id = $1", account_id
    )
    return int(found)


async def count_listed(db: Executor, account_id: int) -> int:
    """Return how many collections an account shows on its profile."""
    found = await db.fetchval(
        "select count(*) from commune.collection where account_id = $1 and discoverable",
        account_id,
    )
    return int(found)


async def locked(db: Executor, collection_id: int) -> Collection | None:
    """Return a collection, held until the end of the transaction."""
    row = await db.fetchrow(
        f"select {_COLUMNS} from commune.collection where id = $1 for update", collection_id
    )
    return None if row is None else _collection(row)


async def keep(db: Executor, collection: Collection) -> Collection:
    """Store a collection, or what changed of it; who owns it never does."""
    row = await db.fetchrow(
        f"""
        insert into commune.collection (
            id, account_id, object_id, url, local, kind, name, description, language, topic,
            sensitive, discoverable, created_at, updated_at, fetched_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        on conflict (object_id) do update
        set url = excluded.url, kind = excluded.kind, name = excluded.name,
            description = excluded.description, language = excluded.language,
            topic = excluded.topic, sensitive = excluded.sensitive,
            discoverable = excluded.discoverable, updated_at = excluded.updated_at,
            fetched_at = excluded.fetched_at
        where collection.account_id = excluded.account_id
        returning {_COLUMNS}
        """,
        collection.id,
        collection.account_id,
        collection.object_id,
        collection.url,
        collection.local,
        collection.kind,
        collection.name,
        collection.description,
        collection.language,
        collection.topic,
        collection.sensitive,
        collection.discoverable,
        collection.created_at,
        collection.updated_at,
        collection.fetched_at,
    )
    assert row is not None, "whoever keeps a collection has looked whose it is"
    return _collection(row)


async def remove(db: Executor, collection_id: int) -> None:
    await db.execute("delete from commune.collection where id = $1", collection_id)


async def forget_unlisted_among(db: Executor, account_id: int, kept: Several[str]) -> None:
    """Delete the listed collections of a stranger that its server no longer lists."""
    await db.execute(
        """
        delete from commune.collection
        where account_id = $1
          and not local
          and discoverable
          and object_id <> all($2::text[])
        """,
        account_id,
        list(kept),
    )


async def touch(db: Executor, collection_id: int, now: datetime) -> None:
    """Note that a collection changed."""
    await db.execute(
        "update commune.collection set updated_at = $2 where id = $1", collection_id, now
    )


async def read_at(db: Executor, account_id: int) -> datetime | None:
    """Return when the collections of a stranger were last read from its server."""
    found: datetime | None = await db.fetchval(
        "select read_at from commune.collections_read where account_id = $1", account_id
    )
    return found


async def note_read(db: Executor, account_id: int, now: datetime) -> None:
    await db.execute(
        """
        insert into commune.collections_read (account_id, read_at)
        values ($1, $2)
        on conflict (account_id) do update set read_at = excluded.read_at
        """,
        account_id,
        now,
    )
