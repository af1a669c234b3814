"""Find what stands at an address: an actor, a post or a collection, here or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from fedcommune import lookup, recommending
from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections import queries as collections
from fedcommune.domain.collections.model import Collection
from fedcommune.domain.posts import arrivals
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import NotFound
from federation import documents, iris
from federation.errors import IgnoredError, RefusedError
from federation.network import fetch
from federation.vocabulary import notes

Found: TypeAlias = Account | Post | Collection


async def known(commune: Commune, address: str, viewer: Viewer) -> Found | None:
    """Return the living actor, the post or the collection of this id or page.

    None when *viewer* may not see it.
    """
    db = commune.database.pool
    account = await accounts.by_actor_id(db, address) or await accounts.by_url(db, address)
    if account is not None:
        return account if account.is_active else None
    return await posts.by_address(db, viewer, address) or await collections.by_address(
        db, viewer, address
    )


async def fetched(commune: Commune, address: str, viewer: Viewer) -> Found | None:
    """Ask the server of *address* what stands there, keep it, and return it.

    What is kept so tells nobody anything (W-THR-03). Only somebody signed in may cause
    this. Raises what fetching raises (FederationError), :class:`NotFound`; a server whose
    policy is to be refused is not asked (SEC-MOD-01).
    """
    address = iris.check(iris.without_fragment(address), commune.client.reach)
    if commune.instance.owns(address) or commune.policies.refused(iris.authority(address)):
        raise NotFound
    document = await fetch.document(commune.client, address, signer=await commune.signer())
    found_at = documents.identifier(document)
    if found_at is None:
        raise NotFound
    already = await known(commune, found_at, viewer)
    if already is not None:
        return already
    kind = documents.kind(document)
    if kind is documents.Kind.ACTOR:
        return await lookup.actor(commune, found_at)
    if kind is documents.Kind.COLLECTION:
        return await recommending.fetched(commune, document)
    if kind is not documents.Kind.OBJECT:
        raise NotFound
    return await _kept(commune, document, found_at, viewer)


async def _kept(
    commune: Commune, document: Mapping[str, Any], object_id: str, viewer: Viewer
) -> Post | None:
    written_by = notes.read(document).author
    if written_by is None:
        raise RefusedError("This post does not say who wrote it.")
    author = await lookup.actor(commune, written_by)
    async with commune.database.transaction() as tx:
        view = arrivals.checked(tx, document, author.actor_id)
        try:
            await arrivals.keep(tx, view, author, arrivals.envelope(view, author), live=False)
        except IgnoredError:
            return None  # deleted, or kept by somebody else meanwhile
    return await posts.by_object_id(commune.database.pool, viewer, object_id)
