"""The shapes of the API: whom people recommend (Mastodon 4.6)."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from fedcommune.mastodon.entities_parts import ShallowTag


class CollectionItem(Struct, frozen=True, kw_only=True):
    """Somebody in a collection; ``pending`` until they agree."""

    id: str
    account_id: str | None
    state: Literal["pending", "accepted"]
    created_at: str


class Collection(Struct, frozen=True, kw_only=True):
    """Whom somebody recommends; *description* is HTML, *kind* our own addition."""

    id: str
    account_id: str
    uri: str
    url: str | None
    name: str
    description: str
    language: str | None
    local: bool
    sensitive: bool
    discoverable: bool
    tag: ShallowTag | None
    item_count: int
    items: list[CollectionItem]
    created_at: str
    updated_at: str
    kind: str | None = None


class WrappedCollection(Struct, frozen=True, kw_only=True):
    """One collection."""

    collection: Collection


class WrappedCollectionItem(Struct, frozen=True, kw_only=True):
    """One item."""

    collection_item: CollectionItem


class Collections(Struct, frozen=True, kw_only=True):
    """Several collections."""

    collections: list[Collection]
