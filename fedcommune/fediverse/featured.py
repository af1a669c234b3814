"""Whom our actors recommend, and their consent to be recommended, as documents (FEP-7aa9)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections import outgoing, queries
from fedcommune.domain.collections.model import Collection, Item, State
from fedcommune.errors import NotFound
from fedcommune.fediverse import readers
from fedcommune.fediverse.negotiation import Document
from federation.vocabulary.context import with_context


async def show(request: Request) -> Response:
    """A collection of ours, with whoever agreed; an unlisted one too, for who has its address."""
    commune = readers.commune_of(request)
    viewer = await readers.reader_of(request)
    number = int(request.path_params["collection"])
    collection = await queries.by_id(commune.database.pool, viewer, number)
    if collection is None or not collection.local:
        raise NotFound
    owner = await _account(commune.database.pool, collection.account_id)
    async with commune.database.transaction() as tx:
        document = await outgoing.document(tx, collection, owner)
    return Document(with_context(document))


async def show_item(request: Request) -> Response:
    """That a collection of ours recommends somebody, who agreed."""
    item, collection, account = await _asked_for(request, "item")
    if not collection.local:
        raise NotFound
    async with readers.commune_of(request).database.transaction() as tx:
        return Document(with_context(outgoing.item_document(tx, item, account)))


async def show_stamp(request: Request) -> Response:
    """The consent of one of ours to stand in a collection, while it lasts."""
    item, collection, account = await _asked_for(request, "stamp")
    if not account.local:
        raise NotFound
    async with readers.commune_of(request).database.transaction() as tx:
        document = outgoing.stamp(tx, item, account, collection)
    return Document(with_context(document), max_age=0)


async def _asked_for(request: Request, name: str) -> tuple[Item, Collection, Account]:
    """Return what somebody agreed to, as the reader may see it. Raises :class:`NotFound`."""
    db = readers.commune_of(request).database.pool
    viewer = await readers.reader_of(request)
    item = await queries.item(db, int(request.path_params[name]))
    if item is None or item.state is not State.ACCEPTED:
        raise NotFound
    collection = await queries.by_id(db, viewer, item.collection_id)
    if collection is None:
        raise NotFound
    account = await _account(db, item.account_id)
    await readers.refuse_across_block(request, viewer, account)
    return item, collection, account


async def _account(db: Executor, account_id: int) -> Account:
    found = await accounts.by_id(db, account_id)
    if found is None or not found.is_active:
        raise NotFound
    return found
