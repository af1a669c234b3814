"""The three lists of a citizen: what they appreciate, take part in and bring to life (7.2)."""

from __future__ import annotations

from typing import Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.model import Kind as Actor
from fedcommune.domain.collections import actions, outgoing, queries
from fedcommune.domain.collections.model import MAX_ITEMS, Draft, Item, Kind
from fedcommune.domain.collections.queries import three as stored
from fedcommune.errors import Invalid, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues; it is translated where it is shown."""
    return message


# In which list which kind of actor belongs; others may be told of in a collection of one's own.
FITS: Final = {
    Actor.BUSINESS: Kind.APPRECIATES,
    Actor.AUTHORITY: Kind.APPRECIATES,
    Actor.ASSOCIATION: Kind.PARTICIPATES,
    Actor.GROUP: Kind.PARTICIPATES,
    Actor.PROJECT: Kind.CREATES,
}


async def put(tx: Transaction, owner: Account, account: Account) -> Item:
    """Let our *owner* put *account* into the one of their three lists where it belongs.

    The list is made with its first item; it is shown on the profile of who wants to be found.
    Raises Invalid for an actor that belongs in none, for one who does not agree, and for a
    list that is full (SEC-DOS-06); NotFound across a block.
    """
    kind = FITS.get(account.kind)
    if kind is None:
        raise Invalid("account", _("Only shops, associations, groups and projects are listed."))
    return await actions.add(tx, owner, await _made(tx, owner, kind), account)


async def take_out(tx: Transaction, owner: Account, account: Account) -> None:
    """Let our *owner* take *account* out of their list. Raises NotFound when it is not there."""
    kind = FITS.get(account.kind)
    list_id = None if kind is None else await stored.list_of(tx.db, owner.id, kind)
    item = None if list_id is None else await queries.item_of(tx.db, list_id, account.id)
    if list_id is None or item is None:
        raise NotFound
    await actions.take_out(tx, owner, list_id, item.id)


async def put_place(tx: Transaction, owner: Account, place_id: int) -> None:
    """Let our *owner* appreciate a place that nobody speaks for yet; other servers are not told.

    Whoever calls has seen that the place is there. Raises Invalid for a list that is full.
    """
    list_id = await _made(tx, owner, Kind.APPRECIATES)
    if len(await stored.place_ids(tx.db, list_id)) >= MAX_ITEMS:
        raise Invalid("place", _("This list is full: take something out first."))
    await stored.put_place(tx.db, list_id, place_id, tx.now)


async def take_place(tx: Transaction, owner: Account, place_id: int) -> None:
    """Let our *owner* take a place out of their list; what is not there stays so."""
    list_id = await stored.list_of(tx.db, owner.id, Kind.APPRECIATES)
    if list_id is not None:
        await stored.take_place(tx.db, list_id, place_id)


async def show(tx: Transaction, owner: Account, *, shown: bool) -> None:
    """Let our *owner* show their three lists on their profile, or keep them to themselves.

    What is kept still counts for the shop, without a name.
    """
    for kind in Kind:
        list_id = await stored.list_of(tx.db, owner.id, kind)
        known = None if list_id is None else await queries.locked(tx.db, list_id)
        if known is None or known.discoverable == shown:
            continue
        if not shown:
            await outgoing.removed(tx, known, owner)
        changed = await actions.change(tx, owner, known.id, Draft(discoverable=shown))
        if shown:
            await outgoing.added(tx, changed, owner)


async def _made(tx: Transaction, owner: Account, kind: Kind) -> int:
    # The row of the account is held, so that two buttons make one list.
    await queries.count(tx.db, owner.id)
    known = await stored.list_of(tx.db, owner.id, kind)
    if known is not None:
        return known
    made = await actions.make(tx, owner, Draft(kind=kind, discoverable=owner.discoverable))
    return made.id
