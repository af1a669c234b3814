"""Keep strangers' collections, and who stands in them with a stamp that was looked at."""

from __future__ import annotations

from dataclasses import replace

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections import queries
from fedcommune.domain.collections.model import MAX_ITEMS, Collection, Item, Kind, State
from fedcommune.text import html
from federation.errors import IgnoredError, RefusedError
from federation.vocabulary.featured import FeaturedCollection, FeaturedItem


async def keep(tx: Transaction, view: FeaturedCollection, owner: Account) -> Collection:
    """Keep what its server says of a collection of *owner*, without who stands in it.

    Raises RefusedError when the id is ours, or is known as another's (SEC-ORI-06).
    """
    if tx.instance.owns(view.id) or owner.local:
        raise RefusedError("This collection would be ours: nobody else speaks for it.")
    known = await queries.by_object_id(tx.db, view.id)
    if known is not None and known.account_id != owner.id:
        raise RefusedError("This collection is somebody else's.")
    return await queries.keep(
        tx.db,
        Collection(
            id=identifiers.new(tx.now) if known is None else known.id,
            account_id=owner.id,
            object_id=view.id,
            url=view.url or view.id,
            local=False,
            kind=next((kind for kind in Kind if kind == view.kind), None),
            name=html.line(view.name) or owner.display_name,
            description=html.plain(view.summary, limit=2_000),
            language=view.language,
            topic=view.topic,
            sensitive=view.sensitive,
            discoverable=view.discoverable,
            created_at=min(view.published or tx.now, tx.now),
            updated_at=min(view.updated or view.published or tx.now, tx.now),
            fetched_at=tx.now,
        ),
    )


def is_called_otherwise(before: Collection, after: Collection) -> bool:
    """Tell whether what people read of a collection changed, besides who stands in it."""
    return (before.name, before.description, before.topic) != (
        after.name,
        after.description,
        after.topic,
    )


async def requested(
    tx: Transaction, collection: Collection, account: Account, activity_id: str, *, agrees: bool
) -> Item | None:
    """Keep that a stranger asked our *account* into their *collection*; None when it refused.

    What was agreed before stays so, and answers the new request too.
    """
    known = await queries.item_of(tx.db, collection.id, account.id)
    if known is not None and known.state is State.REFUSED:
        return None
    same = await queries.item_by(tx.db, activity_id=activity_id)
    if same is not None and (known is None or same.id != known.id):
        raise RefusedError("This id is that of another request.")
    if known is None:
        await _check_room(tx, collection)
        item_id = identifiers.new(tx.now)
        # Until the item is told by its server, it goes by the name of the question.
        known = Item(
            id=item_id,
            collection_id=collection.id,
            account_id=account.id,
            object_id=f"{activity_id}#{item_id}",
            state=State.ACCEPTED if agrees else State.PENDING,
            activity_id=activity_id,
            authorization_id=None,
            created_at=tx.now,
        )
    made = replace(known, activity_id=activity_id)
    await queries.keep_item(tx.db, made)
    return made


async def keep_item(
    tx: Transaction, collection: Collection, view: FeaturedItem, account: Account
) -> None:
    """Keep that *account*, whose stamp holds, stands in a stranger's *collection*.

    Raises IgnoredError for one too many (SEC-DOS-05), and for who is gone.
    """
    known = await queries.item_of(tx.db, collection.id, account.id)
    if known is None:
        await _check_room(tx, collection)
    if not account.is_active:
        raise IgnoredError("Who is recommended is gone, or suspended here.")
    same = await queries.item_by(tx.db, object_id=view.id)
    if same is not None and (known is None or same.id != known.id):
        await queries.remove_item(tx.db, same.id)
    await queries.keep_item(
        tx.db,
        Item(
            id=identifiers.new(tx.now) if known is None else known.id,
            collection_id=collection.id,
            account_id=account.id,
            object_id=view.id,
            state=State.ACCEPTED,
            activity_id=None if known is None else known.activity_id,
            authorization_id=view.authorization,
            created_at=min(view.published or tx.now, tx.now),
        ),
    )


async def name_ours(
    tx: Transaction, collection: Collection, view: FeaturedItem, account: Account
) -> None:
    """Note by which id a stranger's *collection* calls the place of our *account*, who agreed."""
    known = await queries.item_of(tx.db, collection.id, account.id)
    same = await queries.item_by(tx.db, object_id=view.id)
    if known is not None and known.state is State.ACCEPTED and same is None:
        await queries.keep_item(tx.db, replace(known, object_id=view.id))


async def drop_item(tx: Transaction, collection: Collection, object_id: str) -> None:
    """Forget an item of a stranger's *collection*; that one of ours refused it stays known."""
    item = await queries.item_by(tx.db, object_id=object_id)
    if item is None or item.collection_id != collection.id or item.state is State.REFUSED:
        return
    await queries.remove_item(tx.db, item.id)


async def _check_room(tx: Transaction, collection: Collection) -> None:
    if await queries.count_items(tx.db, collection.id) >= MAX_ITEMS:
        raise IgnoredError(f"A collection has at most {MAX_ITEMS} accounts.")
