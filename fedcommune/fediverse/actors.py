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
from federation.names import PUBLIC
from federation.vocabulary.context import with_context
from federation.vocabulary.notes import tombstone

__all__ = ["PUBLIC", "local_account", "show"]


async def local_account(request: Request) -> Account:
    """Return the local actor that the address of *request* names, deleted or not.

    Raises :class:`NotFound`.
    """
    commune = readers.commune_of(request)
    name = request.path_params.get("username")
    number = request.path_params.get("account")
    if name is not None:
        account = await queries.local_by_username(commune.database.pool, str(name).lower())
    elif number is not None:
        account = await queries.by_id(commune.database.pool, int(number))
    else:
        account = await queries.by_actor_id(commune.database.pool, commune.instance.actor)
    if account is None or not account.local:
        raise NotFound
    return account


async def show(request: Request) -> Response:
    """The document of an actor; a Tombstone with 410 once it is deleted (W-DOC-12).

    The instance actor is readable by everybody, unsigned, even in secure mode: a signed
    request needs its key to be verified (W-AF-02).
    """
    commune = readers.commune_of(request)
    account = await local_account(request)
    if account.actor_id != commune.instance.actor:
        await readers.reader_of(request)
    if account.deleted_at is not None:
        gone = tombstone(account.actor_id, account.type, account.deleted_at)
        return Document(with_context(gone), 410)
    if account.suspended_at is not None:
        raise NotFound
    async with commune.database.transaction() as tx:
        document = await accounts.describe(tx, account)
    return Document(with_context(document))
