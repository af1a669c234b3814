"""SQL about who stands in collections, and whether they agreed."""

from __future__ import annotations

from collections.abc import Collection as Several
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections.model import Item, State
from fedcommune.domain.collections.queries.seen import SEEN
from fedcommune.domain.visibility import Viewer
from outbox.addressing import Recipient

_ITEM: Final = """item.id, item.collection_id, item.account_id, item.object_id, item.state,
    item.activity_id, item.authorization_id, item.created_at"""


def _item(row: Any) -> Item:
    return Item(**{**row, "state": State(row["state"])})


async def items(
    db: Executor, viewer: Viewer, collection_ids: Several[int]
) -> dict[int, list[Item]]:
    """Return what stands in collections, by their ids, as far as *viewer* may see it.

    Who has not agreed is seen by the owner and by themselves alone; nobody is seen across a
    block, once gone, or after they refused.
    """
    rows = await db.fetch(
        f"""
        select {_ITEM}
        from commune.collection_item item
        join commune.collection on collection.id = item.collection_id
        join commune.account owner on owner.id = item.account_id
        where item.collection_id = any($2::bigint[])
          and {SEEN}
          and (
              item.state = 'accepted'
              or (item.state = 'pending' and $1 in (collection.account_id, item.account_id))
          )
        order by item.collection_id, item.id
        """,
        viewer.account_id,
        list(collection_ids),
    )
    found: dict[int, list[Item]] = {each: [] for each in collection_ids}
    for row in rows:
        found[row["collection_id"]].append(_item(row))
    return found


async def people(db: Executor, collection_id: int) -> list[tuple[Item, Account]]:
    """Return who agreed to stand in a collection and lives, in order."""
    rows = await db.fetch(
        f"""
        select {_ITEM}
        from commune.collection_item item
        where item.collection_id = $1
          and item.state = 'accepted'
        order by item.id
        """,
        collection_id,
    )
    found = [_item(row) for row in rows]
    by_id_ = await accounts.by_ids(db, [each.account_id for each in found])
    return [
        (each, by_id_[each.account_id])
        for each in found
        if each.account_id in by_id_ and by_id_[each.account_id].is_active
    ]


async def recipients(db: Executor, collection_id: int) -> list[Recipient]:
    """Return where those strangers receive who stand in a collection, or are asked to."""
    rows = await db.fetch(
        """
        select account.actor_id, account.inbox, account.shared_inbox
        from commune.collection_item item
        join commune.account on account.id = item.account_id
        where item.collection_id = $1
          and item.state <> 'refused'
          and not account.local
          and account.suspended_at is null
          and account.deleted_at is null
        order by account.id
        """,
        collection_id,
    )
    return [Recipient(**row) for row in rows]


async def local_people(db: Executor, collection_id: int) -> list[int]:
    """Return the ids of those of ours who agreed to stand in a collection."""
    rows = await db.fetch(
        """
        select item.account_id
        from commune.collection_item item
        join commune.account on account.id = item.account_id
        where item.collection_id = $1
          and item.state = 'accepted'
          and account.local
        order by item.id
        """,
        collection_id,
    )
    return [row["account_id"] for row in rows]


async def count_items(db: Executor, collection_id: int) -> int:
    """Return how many stand in a collection or are asked to."""
    found = await db.fetchval(
        """
        select count(*)
        from commune.collection_item
        where collection_id = $1
          and state <> 'refused'
        """,
        collection_id,
    )
    return int(found)


async def item(db: Executor, item_id: int) -> Item | None:
    row = await db.fetchrow(
        f"select {_ITEM} from commune.collection_item item where id = $1", item_id
    )
    return None if row is None else _item(row)


async def item_of(db: Executor, collection_id: int, account_id: int) -> Item | None:
    """Return the item by which a collection recommends an account, refused ones too."""
    row = await db.fetchrow(
        f"""
        select {_ITEM}
        from commune.collection_item item
        where collection_id = $1
          and account_id = $2
        """,
        collection_id,
        account_id,
    )
    return None if row is None else _item(row)


async def item_by(
    db: Executor,
    *,
    activity_id: str | None = None,
    object_id: str | None = None,
    authorization_id: str | None = None,
) -> Item | None:
    """Return the item of this FeatureRequest, of this id, or with this consent."""
    row = await db.fetchrow(
        f"""
        select {_ITEM}
        from commune.collection_item item
        where ($1::text is null or activity_id = $1)
          and ($2::text is null or object_id = $2)
          and ($3::text is null or authorization_id = $3)
          and coalesce($1, $2, $3) is not null
        order by id
        limit 1
        """,
        activity_id,
        object_id,
        authorization_id,
    )
    return None if row is None else _item(row)


async def keep_item(db: Executor, made: Item) -> None:
    """Store an item, or what changed of it."""
    await db.execute(
        """
        insert into commune.collection_item (
            id, collection_id, account_id, object_id, state, activity_id, authorization_id,
            created_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (collection_id, account_id) do update
        set object_id = excluded.object_id, state = excluded.state,
            activity_id = excluded.activity_id, authorization_id = excluded.authorization_id
        """,
        made.id,
        made.collection_id,
        made.account_id,
        made.object_id,
        made.state,
        made.activity_id,
        made.authorization_id,
        made.created_at,
    )


async def remove_item(db: Executor, item_id: int) -> None:
    await db.execute("delete from commune.collection_item where id = $1", item_id)


async def keep_only(db: Executor, collection_id: int, object_ids: Several[str]) -> None:
    """Delete the items of a stranger's collection that it no longer has.

    Those of ours that it has not told of yet stay, and those that wait or were refused.
    """
    await db.execute(
        """
        delete from commune.collection_item
        where collection_id = $1
          and state = 'accepted'
          and object_id <> all($2::text[])
          and (activity_id is null or not starts_with(object_id, activity_id || '#'))
        """,
        collection_id,
        list(object_ids),
    )
