"""Actors of ours, as documents."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts import queries
from fedcommune.domain.accounts.model import Account
from fedcommune.errors import NotFound
from fedcommune.fediverse import readers
from fedcommune.fediverse.negotiation import Document
from federation.vocabulary.context import with_context
from federation.vocabulary.notes import tombstone


class Buried(Exception):
    """What is asked for was deleted, and that may be told: *document* is its Tombstone."""

    def __init__(self, document: Document) -> None:
        super().__init__("deleted")
        self.document = document


async def local_account(request: Request) -> Account:
    """Return the local actor that the address of *request* names, deleted or not.

    The instance actor has one address, and not that of the others. Raises :class:`NotFound`.
    """
    commune = readers.commune_of(request)
    db, instance = commune.database.pool, commune.instance
    if "username" in request.path_params:
        name = str(request.path_params["username"])
        account = await queries.local_by_username(db, name.lower())
    elif "account" in request.path_params:
        address = instance.account(int(request.path_params["account"]))
        account = await queries.by_actor_id(db, address)
    else:
        account = await queries.by_actor_id(db, instance.actor)
    if account is None or not account.local:
        raise NotFound
    return account


async def living_account(request: Request) -> Account:
    """Return the local actor that is asked for, if it lives.

    Raises :class:`NotFound` when it does not exist or is suspended, :class:`Buried` when it
    was deleted (W-DOC-12).
    """
    account = await local_account(request)
    if account.deleted_at is not None:
        gone = tombstone(account.actor_id, account.type, account.deleted_at)
        raise Buried(Document(with_context(gone), 410))
    if account.suspended_at is not None:
        raise NotFound
    return account


async def show(request: Request) -> Response:
    """The document of an actor; a Tombstone with 410 once it is deleted (W-DOC-12).

    The instance actor is readable by everybody, unsigned, even in secure mode: a signed
    request needs its key to be verified (W-AF-02).
    """
    commune = readers.commune_of(request)
    if request.scope["path"] == "/actor":
        readers.refuse_blocked(request)
    else:
        await readers.reader_of(request)
    account = await living_account(request)
    async with commune.database.transaction() as tx:
        document = await accounts.describe(tx, account)
    return Document(with_context(document))
