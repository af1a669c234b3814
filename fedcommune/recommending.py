"""Read whom strangers recommend, from their own servers: before any transaction, on a budget."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fedcommune import lookup
from fedcommune.commune import Commune
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections import arrivals, queries
from fedcommune.domain.collections.model import GOOD_FOR, MAX_READ, Collection
from fedcommune.errors import CommuneError, NotFound
from federation import iris
from federation.errors import FederationError, IgnoredError
from federation.network import fetch
from federation.vocabulary import collections as walks
from federation.vocabulary import featured
from federation.vocabulary.featured import FeaturedCollection, FeaturedItem

# How many stamps are looked at, at one time and in all, for one profile (SEC-DOS-04).
MOST_STAMPS: Final = 150
_AT_ONCE: Final = 8
_PAGES: Final = 2
_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class _Read:
    view: FeaturedCollection
    people: tuple[tuple[FeaturedItem, Account], ...]


async def refresh(commune: Commune, owner: Account) -> None:
    """Read the collections of a stranger again, unless that was done lately.

    What cannot be had now stays as it is known. Only those stand in a collection whose stamp
    was looked at on their own server (FEP-7aa9).
    """
    listed_at = owner.details.collections
    if owner.local or not owner.is_active or listed_at is None:
        return
    now = commune.database.clock()
    read_at = await queries.read_at(commune.database.pool, owner.id)
    if (read_at is not None and now - read_at < GOOD_FOR) or _refused(commune, listed_at):
        return
    async with commune.database.transaction() as tx:
        await queries.note_read(tx.db, owner.id, tx.now)
    try:
        async with asyncio.timeout(_SECONDS):
            views = await _listed(commune, owner, listed_at)
            found = await _with_people(commune, views)
    except (FederationError, TimeoutError):
        return
    async with commune.database.transaction() as tx:
        for each in found:
            collection = await arrivals.keep(tx, each.view, owner)
            await queries.keep_only(tx.db, collection.id, [item.id for item, _ in each.people])
            for item, account in each.people:
                try:
                    await arrivals.keep_item(tx, collection, item, account)
                except IgnoredError:
                    continue
        await queries.forget_unlisted_among(tx.db, owner.id, [each.view.id for each in found])


async def fetched(commune: Commune, document: Mapping[str, Any]) -> Collection:
    """Keep the collection that a fetched *document* describes, and who agreed to stand in it.

    Raises :class:`NotFound`, RefusedError.
    """
    view = featured.read(document)
    owner = await lookup.actor(commune, view.owner)
    if owner.local:
        raise NotFound
    (found,) = await _with_people(commune, [view])
    async with commune.database.transaction() as tx:
        collection = await arrivals.keep(tx, found.view, owner)
        for item, account in found.people:
            try:
                await arrivals.keep_item(tx, collection, item, account)
            except IgnoredError:
                continue
    return collection


async def _listed(commune: Commune, owner: Account, listed_at: str) -> list[FeaturedCollection]:
    signer = await commune.signer()
    walk = walks.Walk(listed_at, pages=_PAGES, limit=MAX_READ)
    found: list[FeaturedCollection] = []
    while walk.next is not None:
        document = await fetch.document(commune.client, walk.next, signer=signer)
        for each in walk.read(document):
            view = await _collection(commune, owner, each)
            if view is not None:
                found.append(view)
    return found


async def _collection(commune: Commune, owner: Account, item: Any) -> FeaturedCollection | None:
    """Return one collection of *owner*: as it stands in the list, or asked for by its id."""
    try:
        if isinstance(item, str):
            if not iris.same_origin(item, owner.actor_id):
                return None
            item = await fetch.document(commune.client, item, signer=await commune.signer())
        view = featured.read(item)
    except (FederationError, AttributeError):
        return None
    return view if view.owner == owner.actor_id else None


async def _with_people(commune: Commune, views: list[FeaturedCollection]) -> list[_Read]:
    slots, left = asyncio.Semaphore(_AT_ONCE), MOST_STAMPS
    found = []
    for view in views:
        items = view.items[:left]
        left -= len(items)
        people = await asyncio.gather(*(_agreed(commune, slots, view.id, item) for item in items))
        pairs = tuple(
            (item, account)
            for item, account in zip(items, people, strict=True)
            if account is not None
        )
        found.append(_Read(view, pairs))
    return found


async def _agreed(
    commune: Commune, slots: asyncio.Semaphore, collection_id: str, item: FeaturedItem
) -> Account | None:
    """Return who is recommended, when their own server says that they agree."""
    if item.authorization is None or _refused(commune, item.actor):
        return None
    async with slots:
        try:
            account = await lookup.actor(commune, item.actor)
            if account.local:
                return await _ours(commune, collection_id, account)
            stamp = await fetch.document(
                commune.client, item.authorization, signer=await commune.signer()
            )
        except (CommuneError, FederationError):
            return None
    agreed = featured.approves(stamp, actor_id=item.actor, collection_id=collection_id)
    return account if agreed and account.is_active else None


async def _ours(commune: Commune, collection_id: str, account: Account) -> Account | None:
    """Return one of ours, when they agreed as far as we know."""
    pool = commune.database.pool
    collection = await queries.by_object_id(pool, collection_id)
    known = collection and await queries.item_of(pool, collection.id, account.id)
    return account if known and known.state == "accepted" else None


def _refused(commune: Commune, iri: str) -> bool:
    try:
        return commune.policies.refused(iris.authority(iri))
    except FederationError:
        return True
