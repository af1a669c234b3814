"""Recommend people: make a collection, change it, fill it; agree to stand in one, or refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, featuring
from fedcommune.domain.blocks import queries as blocks
from fedcommune.domain.collections import outgoing, queries
from fedcommune.domain.collections.model import (
    MAX_COLLECTIONS,
    MAX_DESCRIPTION,
    MAX_ITEMS,
    MAX_NAME,
    TITLES,
    Collection,
    Consent,
    Draft,
    Item,
    State,
)
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind as Told
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from fedcommune.i18n import translate
from federation.names import PUBLIC
from federation.vocabulary import tags


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def make(
    tx: Transaction, owner: Account, draft: Draft, people: Sequence[Account] = ()
) -> Collection:
    """Let our *owner* make a collection, and put *people* in; each is asked, or agrees at once.

    One of the three lists needs no name: it is called by what it is. Raises Invalid for what
    needs a correction, for a collection too many (SEC-DOS-06) and for people who do not
    agree to be recommended; Conflict when there is that list already.
    """
    if not owner.local or not owner.is_active:
        raise NotAllowed(_("Only a living account of ours can recommend people."))
    if await queries.count(tx.db, owner.id) >= MAX_COLLECTIONS:
        raise Invalid(
            "name", _("You have {limit} collections: remove one first."), limit=MAX_COLLECTIONS
        )
    if draft.kind is not None:
        known = await queries.of_account(tx.db, owner.id, unlisted=True)
        if any(each.kind is draft.kind for each in known):
            raise Conflict(_("You have this list already: put people into it."))
    collection_id = identifiers.new(tx.now)
    name = draft.name
    if not (name or "").strip() and draft.kind is not None:
        name = translate(draft.language or tx.instance.language, TITLES[draft.kind])
    made = _with(
        Collection(
            id=collection_id,
            account_id=owner.id,
            object_id=tx.instance.collection(collection_id),
            url=tx.instance.collection_page(collection_id),
            local=True,
            kind=draft.kind,
            name="",
            description="",
            language=None,
            topic=None,
            sensitive=False,
            discoverable=True,
            created_at=tx.now,
            updated_at=tx.now,
        ),
        replace(draft, name=name or ""),
    )
    made = await queries.keep(tx.db, made)
    await outgoing.added(tx, made, owner)
    for account in people:
        await add(tx, owner, made.id, account)
    return made


async def change(tx: Transaction, owner: Account, collection_id: int, draft: Draft) -> Collection:
    """Change what a collection is called; who stands in it is told. Raises as :func:`make`."""
    known = await own(tx, owner, collection_id)
    changed = _with(known, replace(draft, kind=None))
    if changed == known:
        return known
    changed = await queries.keep(tx.db, replace(changed, updated_at=tx.now))
    for account_id in await queries.local_people(tx.db, changed.id):
        await tell_changed(tx, account_id, changed, owner)
    await outgoing.changed(tx, changed, owner)
    return changed


async def delete(tx: Transaction, owner: Account, collection_id: int) -> None:
    """Delete a collection. Raises NotFound, and NotAllowed for another's."""
    known = await own(tx, owner, collection_id)
    await outgoing.removed(tx, known, owner)
    await queries.remove(tx.db, known.id)


async def own(tx: Transaction, owner: Account, collection_id: int) -> Collection:
    """Return a collection of *owner*, held until the end.

    Raises NotFound for what *owner* may not see, NotAllowed for what is another's.
    """
    known = await queries.locked(tx.db, collection_id)
    if known is None:
        raise NotFound
    if known.account_id != owner.id:
        other = await accounts.by_id(tx.db, known.account_id)
        if other is None or not other.is_active or await _apart(tx, owner, other):
            raise NotFound
        raise NotAllowed(_("This action is not allowed"))
    return known


async def add(tx: Transaction, owner: Account, collection_id: int, account: Account) -> Item:
    """Put *account* into a collection of *owner*, as it agreed to before, or ask it.

    Somebody who stands there already stays as they are. Raises NotFound, NotAllowed, and
    Invalid when there is no room (SEC-DOS-06) or no consent: *account* says that it does not
    want it, says nothing, or refused this very collection.
    """
    collection = await own(tx, owner, collection_id)
    known = await queries.item_of(tx.db, collection.id, account.id)
    if known is not None and known.state is not State.REFUSED:
        return known
    answer = await consent(tx, owner, account)
    if known is not None or answer not in (Consent.AUTOMATIC, Consent.MANUAL):
        raise Invalid("account_id", _("This account does not agree to be in this collection."))
    if await queries.count_items(tx.db, collection.id) >= MAX_ITEMS:
        raise Invalid(
            "account_id", _("A collection has at most {limit} accounts."), limit=MAX_ITEMS
        )
    item_id = identifiers.new(tx.now)
    agrees = answer is Consent.AUTOMATIC and account.local
    made = Item(
        id=item_id,
        collection_id=collection.id,
        account_id=account.id,
        object_id=tx.instance.collection_item(item_id),
        state=State.ACCEPTED if agrees else State.PENDING,
        activity_id=None if account.local else tx.instance.activity(identifiers.new(tx.now)),
        authorization_id=None,
        created_at=tx.now,
    )
    await queries.keep_item(tx.db, made)
    if account.local:
        await tell_added(tx, account, collection, owner)
        if agrees:
            await _gained(tx, collection, owner, made, account)
    else:
        await outgoing.ask(tx, collection, owner, made, account)
    return made


async def take_out(tx: Transaction, owner: Account, collection_id: int, item_id: int) -> None:
    """Take somebody out of a collection of *owner*. Raises NotFound, NotAllowed."""
    collection = await own(tx, owner, collection_id)
    item = await queries.item(tx.db, item_id)
    if item is None or item.collection_id != collection.id or item.state is State.REFUSED:
        raise NotFound
    account = await accounts.by_id(tx.db, item.account_id)
    assert account is not None, "whoever stands in a collection exists"
    await queries.remove_item(tx.db, item.id)
    await queries.touch(tx.db, collection.id, tx.now)
    await _forget_told(tx, account, collection, owner)
    await outgoing.lost(tx, collection, owner, item, account)


async def agree(tx: Transaction, account: Account, collection_id: int, item_id: int) -> Item:
    """Let our *account* agree to stand in a collection that asked it; twice is once.

    Raises NotFound when nobody asked, NotAllowed when somebody else was.
    """
    item, collection, owner = await _of_mine(tx, account, collection_id, item_id)
    if item.state is State.ACCEPTED:
        return item
    agreed = replace(item, state=State.ACCEPTED)
    await queries.keep_item(tx.db, agreed)
    if owner.local:
        await _gained(tx, collection, owner, agreed, account)
    else:
        await outgoing.accept(tx, agreed, account, collection, owner)
    return agreed


async def revoke(tx: Transaction, account: Account, collection_id: int, item_id: int) -> None:
    """Let our *account* refuse to stand in a collection, or no longer agree; for good.

    Its stamp is no more, which its server and that of the owner are told. Raises NotFound,
    and NotAllowed when it is somebody else who stands there.
    """
    item, collection, owner = await _of_mine(tx, account, collection_id, item_id)
    await queries.keep_item(tx.db, replace(item, state=State.REFUSED))
    await _forget_told(tx, account, collection, owner)
    if item.state is State.ACCEPTED:
        await outgoing.revoke(tx, item, account, collection, owner)
    elif not owner.local and item.activity_id is not None:
        await outgoing.reject(tx, account, collection.object_id, owner, item.activity_id)
    if owner.local:
        await queries.touch(tx.db, collection.id, tx.now)
        await outgoing.lost(tx, collection, owner, item, account)


async def consent(tx: Transaction, owner: Account, account: Account) -> Consent:
    """Return what becomes of the wish of *owner* to recommend *account* (FEP-7aa9)."""
    if not account.is_active or await _apart(tx, owner, account):
        return Consent.DENIED
    if owner.id == account.id:
        return Consent.AUTOMATIC
    said = featuring(account)
    if said is None:
        return Consent.MISSING
    at_once, when_asked = said
    if await _named(tx, owner, account, at_once):
        return Consent.AUTOMATIC
    return Consent.MANUAL if await _named(tx, owner, account, when_asked) else Consent.DENIED


async def was_accepted(tx: Transaction, item: Item, authorization_id: str | None) -> None:
    """Somebody whom we asked agreed: a stranger, whose stamp was looked at."""
    collection = await queries.locked(tx.db, item.collection_id)
    people = await accounts.by_ids(
        tx.db, [item.account_id, collection.account_id if collection else 0]
    )
    assert collection is not None, "an item stands in a collection"
    agreed = replace(item, state=State.ACCEPTED, authorization_id=authorization_id)
    await queries.keep_item(tx.db, agreed)
    await _gained(tx, collection, people[collection.account_id], agreed, people[item.account_id])


async def was_refused(tx: Transaction, item: Item) -> None:
    """A stranger does not agree, or no longer: the refusal is remembered."""
    collection = await queries.locked(tx.db, item.collection_id)
    assert collection is not None, "an item stands in a collection"
    await queries.keep_item(tx.db, replace(item, state=State.REFUSED, authorization_id=None))
    if item.state is not State.ACCEPTED or not collection.local:
        return
    people = await accounts.by_ids(tx.db, [item.account_id, collection.account_id])
    await queries.touch(tx.db, collection.id, tx.now)
    await outgoing.lost(
        tx, collection, people[collection.account_id], item, people[item.account_id]
    )


async def tell_added(
    tx: Transaction, account: Account, collection: Collection, owner: Account
) -> None:
    """Tell our *account* that somebody recommends it, or asks to."""
    await notifications.tell(
        tx, account.id, Told.ADDED_TO_COLLECTION, owner.id, collection_id=collection.id
    )


async def tell_changed(
    tx: Transaction, account_id: int, collection: Collection, owner: Account
) -> None:
    """Tell one of ours that what it stands in is called otherwise; the latest time counts."""
    await notifications.take_back(
        tx, account_id, Told.COLLECTION_UPDATE, owner.id, collection_id=collection.id
    )
    await notifications.tell(
        tx, account_id, Told.COLLECTION_UPDATE, owner.id, collection_id=collection.id
    )


async def _gained(
    tx: Transaction, collection: Collection, owner: Account, item: Item, account: Account
) -> None:
    await queries.touch(tx.db, collection.id, tx.now)
    await outgoing.gained(tx, collection, owner, item, account)


async def _forget_told(
    tx: Transaction, account: Account, collection: Collection, owner: Account
) -> None:
    for kind in (Told.ADDED_TO_COLLECTION, Told.COLLECTION_UPDATE):
        await notifications.take_back(tx, account.id, kind, owner.id, collection_id=collection.id)


async def _of_mine(
    tx: Transaction, account: Account, collection_id: int, item_id: int
) -> tuple[Item, Collection, Account]:
    """Return the item by which a collection recommends our *account*, and whose it is."""
    collection = await queries.locked(tx.db, collection_id)
    item = await queries.item(tx.db, item_id)
    if collection is None or item is None or item.collection_id != collection.id:
        raise NotFound
    owner = await accounts.by_id(tx.db, collection.account_id)
    if owner is None or item.state is State.REFUSED:
        raise NotFound
    if item.account_id != account.id:
        if item.state is not State.ACCEPTED or await _apart(tx, account, owner):
            raise NotFound
        raise NotAllowed(_("This action is not allowed"))
    return item, collection, owner


async def _named(tx: Transaction, owner: Account, account: Account, who: Sequence[str]) -> bool:
    """Tell whether *owner* is among *who*: by name, as anybody, follower, or followed."""
    if PUBLIC in who or owner.actor_id in who:
        return True
    if account.followers_url in who:
        known = await follows.between(tx.db, owner.id, account.id)
        if known is not None and known.is_accepted:
            return True
    if f"{account.actor_id}/following" in who:
        known = await follows.between(tx.db, account.id, owner.id)
        return known is not None and known.is_accepted
    return False


async def _apart(tx: Transaction, one: Account, other: Account) -> bool:
    return await blocks.between(tx.db, one.id, other.id)


def _with(known: Collection, draft: Draft) -> Collection:
    """Return *known* with what *draft* says. Raises Invalid."""
    name = known.name if draft.name is None else draft.name.strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid(
            "name", _("A collection has a name of 1 to {limit} characters."), limit=MAX_NAME
        )
    description = known.description if draft.description is None else draft.description.strip()
    if len(description) > MAX_DESCRIPTION:
        raise Invalid(
            "description", _("A description has at most {limit} characters."), limit=MAX_DESCRIPTION
        )
    language = known.language if draft.language is None else draft.language.strip() or None
    if language and not (len(language) <= 12 and language.replace("-", "").isalnum()):
        raise Invalid("language", _("A language is a code like fr."))
    topic = known.topic
    if draft.topic is not None:
        topic = tags.hashtag(draft.topic)
        if topic is None and draft.topic.strip():
            raise Invalid("tag_name", _("A hashtag is one word, such as #jardins."))
    return replace(
        known,
        name=name,
        description=description,
        language=language,
        topic=topic,
        sensitive=known.sensitive if draft.sensitive is None else draft.sensitive,
        discoverable=known.discoverable if draft.discoverable is None else draft.discoverable,
    )
