"""What collections say to other servers: the documents, and Add, Update, Remove (FEP-7aa9)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections import queries
from fedcommune.domain.collections.model import Collection, Item
from fedcommune.domain.visibility import Visibility
from federation.names import PUBLIC
from federation.vocabulary import featured
from federation.vocabulary.featured import FeaturedCollection, FeaturedItem
from outbox import envelope
from outbox.addressing import Recipient


async def document(tx: Transaction, collection: Collection, owner: Account) -> dict[str, Any]:
    """Return the document of our *collection* as it is now, with whoever agreed."""
    people = await queries.people(tx.db, collection.id)
    return featured.write(
        FeaturedCollection(
            id=collection.object_id,
            owner=owner.actor_id,
            name=collection.name,
            summary=collection.description,
            language=collection.language,
            url=collection.url,
            topic=collection.topic,
            topic_page=tx.instance.tag_page(collection.topic) if collection.topic else None,
            kind=collection.kind,
            sensitive=collection.sensitive,
            discoverable=collection.discoverable,
            published=collection.created_at,
            updated=collection.updated_at,
            total=len(people),
            items=tuple(_item(tx, item, account) for item, account in people),
        )
    )


def item_document(tx: Transaction, item: Item, account: Account) -> dict[str, Any]:
    """Return the document of one item of ours."""
    return featured.write_item(_item(tx, item, account))


def stamp(tx: Transaction, item: Item, account: Account, collection: Collection) -> dict[str, Any]:
    """Return the consent of our *account* to stand in *collection*."""
    return featured.write_authorization(
        tx.instance.stamp(item.id), account.actor_id, collection.object_id
    )


async def added(tx: Transaction, collection: Collection, owner: Account) -> None:
    """Tell the followers of *owner* that it recommends people."""
    if collection.discoverable:
        await _say(tx, owner, collection, "Add", await document(tx, collection, owner))


async def changed(tx: Transaction, collection: Collection, owner: Account) -> None:
    """Tell the followers of *owner*, and who stands in it, what the collection is called now."""
    activity = envelope.update(
        tx.instance.activity(identifiers.new(tx.now)),
        owner.actor_id,
        await document(tx, collection, owner),
        to=[PUBLIC],
        cc=[_followers(owner)],
    )
    await _send(tx, owner, collection, activity)


async def removed(tx: Transaction, collection: Collection, owner: Account) -> None:
    """Tell the same ones that it is no more."""
    await _say(tx, owner, collection, "Remove", collection.object_id)


async def gained(
    tx: Transaction, collection: Collection, owner: Account, item: Item, account: Account
) -> None:
    """Tell the followers of *owner*, and who stands in it, that *account* agreed."""
    activity = envelope.add(
        tx.instance.activity(identifiers.new(tx.now)),
        owner.actor_id,
        item_document(tx, item, account),
        target=collection.object_id,
        to=[PUBLIC],
        cc=[_followers(owner)],
    )
    await _send(tx, owner, collection, activity)


async def lost(
    tx: Transaction, collection: Collection, owner: Account, item: Item, account: Account
) -> None:
    """Tell the same ones, and *account*, that it stands there no longer."""
    activity = envelope.remove(
        tx.instance.activity(identifiers.new(tx.now)),
        owner.actor_id,
        item.object_id,
        target=collection.object_id,
        to=[PUBLIC],
        cc=[_followers(owner)],
    )
    also = [] if account.local else [account.recipient]
    await _send(tx, owner, collection, activity, also)


async def ask(
    tx: Transaction, collection: Collection, owner: Account, item: Item, account: Account
) -> None:
    """Ask a stranger for their consent."""
    assert item.activity_id is not None, "an item that asks says with which activity"
    asked = featured.request(
        item.activity_id, owner.actor_id, account.actor_id, collection.object_id
    )
    await accounts.tell(tx, owner, asked, account, order=item.object_id)


async def accept(
    tx: Transaction, item: Item, account: Account, collection: Collection, owner: Account
) -> None:
    """Our *account* agrees to stand in a stranger's collection, and says where its stamp is."""
    activity = envelope.accept(
        tx.instance.answer("accept", item.activity_id or ""),
        account.actor_id,
        _asked(item, account, collection, owner),
        result=tx.instance.stamp(item.id),
    )
    await accounts.tell(tx, account, activity, owner, order=item.object_id)


async def reject(
    tx: Transaction,
    account: Account,
    collection_id: str,
    owner: Account,
    activity_id: str,
) -> None:
    """Our *account* does not agree to stand in the collection of *owner*."""
    activity = envelope.reject(
        tx.instance.answer("reject", activity_id),
        account.actor_id,
        featured.request(activity_id, owner.actor_id, account.actor_id, collection_id),
    )
    await accounts.tell(tx, account, activity, owner, order=collection_id)


async def revoke(
    tx: Transaction, item: Item, account: Account, collection: Collection, owner: Account
) -> None:
    """Our *account* takes its consent back; its followers' servers hear of it, too."""
    activity = envelope.delete(
        tx.instance.answer("delete", tx.instance.stamp(item.id)),
        account.actor_id,
        tx.instance.stamp(item.id),
        to=[PUBLIC],
        cc=[owner.actor_id],
    )
    activity["object"] = stamp(tx, item, account, collection)
    await accounts.send(
        tx,
        account,
        activity,
        to=[
            *await account_queries.followers_recipients(tx.db, account.id),
            *([] if owner.local else [owner.recipient]),
        ],
        visibility=Visibility.PUBLIC,
        order=collection.object_id,
    )


def _asked(item: Item, account: Account, collection: Collection, owner: Account) -> dict[str, Any]:
    return featured.request(
        item.activity_id or "", owner.actor_id, account.actor_id, collection.object_id
    )


def _item(tx: Transaction, item: Item, account: Account) -> FeaturedItem:
    return FeaturedItem(
        id=item.object_id,
        actor=account.actor_id,
        authorization=tx.instance.stamp(item.id) if account.local else item.authorization_id,
        type=account.type,
        published=item.created_at,
    )


def _followers(owner: Account) -> str:
    return owner.followers_url or f"{owner.actor_id}/followers"


async def _say(
    tx: Transaction, owner: Account, collection: Collection, verb: str, what: str | dict[str, Any]
) -> None:
    """Say that the list of *owner*'s collections gained or lost one."""
    say = envelope.add if verb == "Add" else envelope.remove
    activity = say(
        tx.instance.activity(identifiers.new(tx.now)),
        owner.actor_id,
        what,
        target=tx.instance.collections(owner.actor_id),
        to=[PUBLIC],
        cc=[_followers(owner)],
    )
    await _send(tx, owner, collection, activity)


async def _send(
    tx: Transaction,
    owner: Account,
    collection: Collection,
    activity: dict[str, Any],
    also: Iterable[Recipient] = (),
) -> None:
    followers = (
        await account_queries.followers_recipients(tx.db, owner.id)
        if collection.discoverable
        else []
    )
    await accounts.send(
        tx,
        owner,
        activity,
        to=[*followers, *await queries.recipients(tx.db, collection.id), *also],
        visibility=Visibility.PUBLIC,
        order=collection.object_id,
    )
