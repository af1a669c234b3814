"""SQL about the three lists of citizens, and about how many appreciate somebody."""

from __future__ import annotations

from datetime import datetime

from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.queries.people import COLUMNS, of_row
from fedcommune.domain.collections.model import Kind


async def list_of(db: Executor, owner_id: int, kind: Kind) -> int | None:
    """Return the id of the list of this kind that one of ours has."""
    found: int | None = await db.fetchval(
        """
        select id
        from commune.collection
        where account_id = $1 and kind = $2 and local
        """,
        owner_id,
        kind,
    )
    return found


async def where_stands(db: Executor, owner_id: int, account_id: int) -> dict[Kind, str]:
    """Return in which of the lists of *owner_id* an account stands, with how far consent is."""
    rows = await db.fetch(
        """
        select collection.kind, item.state
        from commune.collection_item item
        join commune.collection on collection.id = item.collection_id
        where collection.account_id = $1
          and collection.local
          and collection.kind is not null
          and item.account_id = $2
        """,
        owner_id,
        account_id,
    )
    return {Kind(row["kind"]): row["state"] for row in rows}


async def sizes(db: Executor, owner_id: int) -> dict[Kind, int]:
    """Return how much stands in each of the lists of one of ours, asked or agreed."""
    rows = await db.fetch(
        """
        select collection.kind,
            (select count(*) from commune.collection_item item
             where item.collection_id = collection.id and item.state <> 'refused')
            + (select count(*) from commune.collection_place place
               where place.collection_id = collection.id) as size
        from commune.collection
        where account_id = $1 and local and kind is not null
        """,
        owner_id,
    )
    return dict.fromkeys(Kind, 0) | {Kind(row["kind"]): row["size"] for row in rows}


# Everybody who says that they like $1: in a list of what they appreciate, in a collection of
# another software (which has no kinds), or by a like on what it pinned to its profile (8.6 c).
_APPRECIATE = """
    select collection.account_id as who, collection.discoverable as said
    from commune.collection_item item
    join commune.collection on collection.id = item.collection_id
    where item.account_id = $1
      and item.state = 'accepted'
      and (collection.kind = 'appreciates' or (collection.kind is null and not collection.local))
    union all
    select reaction.account_id, false
    from commune.reaction
    join commune.featured on featured.post_id = reaction.post_id
    where featured.account_id = $1
      and reaction.kind = 'like'
"""


async def count_appreciations(db: Executor, account_id: int) -> int:
    """Return how many living people appreciate an account, each once, itself left out."""
    found = await db.fetchval(
        f"""
        select count(distinct one.who)
        from ({_APPRECIATE}) one
        join commune.account on account.id = one.who
        where account.suspended_at is null
          and account.deleted_at is null
          and one.who <> $1
        """,
        account_id,
    )
    return int(found)


async def appreciating(db: Executor, account_id: int, *, limit: int = 12) -> list[Account]:
    """Return who appreciates an account and chose to show it: by a list on their profile."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.account
        where id in (select who from ({_APPRECIATE}) one where said)
          and suspended_at is null
          and deleted_at is null
          and silenced_at is null
          and discoverable
          and id <> $1
        order by id
        limit $2
        """,
        account_id,
        limit,
    )
    return [of_row(row) for row in rows]


async def place_ids(db: Executor, collection_id: int) -> list[int]:
    """Return the places that stand in a list, in the order in which they were put there."""
    rows = await db.fetch(
        """
        select place_id
        from commune.collection_place
        where collection_id = $1
        order by created_at, place_id
        """,
        collection_id,
    )
    return [row["place_id"] for row in rows]


async def put_place(db: Executor, collection_id: int, place_id: int, now: datetime) -> None:
    await db.execute(
        """
        insert into commune.collection_place (collection_id, place_id, created_at)
        values ($1, $2, $3)
        on conflict do nothing
        """,
        collection_id,
        place_id,
        now,
    )


async def take_place(db: Executor, collection_id: int, place_id: int) -> None:
    await db.execute(
        "delete from commune.collection_place where collection_id = $1 and place_id = $2",
        collection_id,
        place_id,
    )


async def has_place(db: Executor, owner_id: int, place_id: int) -> bool:
    """Tell whether a place stands in what one of ours appreciates."""
    return bool(
        await db.fetchval(
            """
            select exists (
                select from commune.collection_place place
                join commune.collection on collection.id = place.collection_id
                where place.place_id = $2
                  and collection.account_id = $1
                  and collection.kind = 'appreciates'
            )
            """,
            owner_id,
            place_id,
        )
    )


async def appreciating_place(db: Executor, place_id: int, *, limit: int = 12) -> list[Account]:
    """Return who appreciates a place and chose to show it: by a list on their profile."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.account
        where id in (
            select collection.account_id
            from commune.collection_place place
            join commune.collection on collection.id = place.collection_id
            where place.place_id = $1
              and collection.kind = 'appreciates'
              and collection.discoverable
        )
          and suspended_at is null
          and deleted_at is null
          and silenced_at is null
          and discoverable
        order by id
        limit $2
        """,
        place_id,
        limit,
    )
    return [of_row(row) for row in rows]


async def count_place(db: Executor, place_id: int) -> int:
    """Return how many living people appreciate a place."""
    found = await db.fetchval(
        """
        select count(distinct collection.account_id)
        from commune.collection_place place
        join commune.collection on collection.id = place.collection_id
        join commune.account on account.id = collection.account_id
        where place.place_id = $1
          and collection.kind = 'appreciates'
          and account.suspended_at is null
          and account.deleted_at is null
        """,
        place_id,
    )
    return int(found)
