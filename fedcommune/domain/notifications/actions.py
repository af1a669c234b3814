"""Tell people what happened to them."""

from __future__ import annotations

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.notifications import pushes, queries
from fedcommune.domain.notifications.model import Kind


async def tell(
    tx: Transaction,
    account_id: int,
    kind: Kind | str,
    from_id: int,
    post_id: int | None = None,
    *,
    collection_id: int | None = None,
) -> bool:
    """Tell the local account *account_id* that *from_id* did *kind*; once.

    Returns whether there was something new to tell. Strangers, oneself (but for the end of
    one's own poll), and people between whom stands a block are told nothing. ValueError for
    an unknown kind.
    """
    id_ = identifiers.new(tx.now)
    is_new = await queries.insert(
        tx.db,
        id_=id_,
        account_id=account_id,
        kind=Kind(kind),
        from_id=from_id,
        post_id=post_id,
        collection_id=collection_id,
        now=tx.now,
    )
    if is_new:
        await pushes.queue(tx.db, id_, account_id, Kind(kind), from_id, tx.now)
    return is_new


async def tell_officially(
    tx: Transaction, account_id: int, kind: Kind, about_id: int, *, from_id: int | None = None
) -> bool:
    """Tell the local account *account_id* something by office, once; nothing keeps it away.

    *about_id* is the strike, report, severance or claim that it is about. Without *from_id* nobody
    in particular speaks: the person stands there, as apps expect.
    """
    id_, teller_id = identifiers.new(tx.now), from_id or account_id
    is_new = await queries.insert_official(
        tx.db,
        id_=id_,
        account_id=account_id,
        kind=kind,
        from_id=teller_id,
        about_id=about_id,
        now=tx.now,
    )
    if is_new:
        await pushes.queue(tx.db, id_, account_id, kind, teller_id, tx.now)
    return is_new


async def tell_everybody(
    tx: Transaction,
    kind: Kind,
    from_id: int,
    post_id: int,
    *,
    after: int,
    most: int,
    insistent: bool = False,
) -> int | None:
    """Tell the next *most* citizens *after* that account id what *from_id* has to say, once.

    Only blocks and mutes keep it away. *insistent*: it is pushed to apps that did not ask to
    hear of such things, too. Returns up to whom they were told; None when that was everybody.
    """
    citizens = await queries.next_citizens(tx.db, after=after, most=most)
    told = await queries.insert_for_all(
        tx.db,
        {account_id: identifiers.new(tx.now) for account_id in citizens},
        kind=kind,
        from_id=from_id,
        post_id=post_id,
        now=tx.now,
    )
    await pushes.queue_all(tx.db, told, kind, tx.now, insistent=insistent)
    return citizens[-1] if len(citizens) == most else None


async def take_back(
    tx: Transaction,
    account_id: int,
    kind: Kind | str,
    from_id: int,
    post_id: int | None = None,
    *,
    collection_id: int | None = None,
) -> None:
    """Forget what :func:`tell` told: it was undone."""
    await queries.remove(
        tx.db,
        account_id=account_id,
        kind=Kind(kind),
        from_id=from_id,
        post_id=post_id,
        collection_id=collection_id,
    )


async def read(tx: Transaction, account_id: int, up_to: int) -> None:
    """Mark everything up to the notification *up_to* as read."""
    await queries.mark_read(tx.db, account_id, up_to=up_to, now=tx.now)
