"""Untrusted documents in, ours out: the one place to import for reading what a stranger sent."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from federation.errors import RefusedError
from federation.names import ACTORS, COLLECTIONS, POSTS
from federation.parsing import read, write
from federation.values import (
    MAX_ADDRESSES,
    MAX_ID,
    MAX_TEXT,
    boolean,
    clean,
    count,
    decimal,
    identifier,
    iri,
    iris,
    language,
    link,
    many,
    moment,
    natural,
    number,
    one,
    speaks_activitystreams,
    string,
    timestamp,
    types,
)

__all__ = [
    "ACTIVITIES",
    "MAX_ADDRESSES",
    "MAX_ID",
    "MAX_TEXT",
    "Kind",
    "boolean",
    "clean",
    "count",
    "decimal",
    "identifier",
    "iri",
    "iris",
    "kind",
    "language",
    "link",
    "many",
    "moment",
    "natural",
    "number",
    "one",
    "read",
    "speaks_activitystreams",
    "string",
    "timestamp",
    "types",
    "write",
]


class Kind(StrEnum):
    """What a document is, by its shape (FEP-2277)."""

    ACTOR = "Actor"
    ACTIVITY = "Activity"
    COLLECTION = "Collection"
    KEY = "Key"
    LINK = "Link"
    OBJECT = "Object"


ACTIVITIES: Final = frozenset(
    {"Accept", "Add", "Announce", "Arrive", "Block", "Create", "Delete", "Dislike", "EmojiReact"}
    | {"FeatureRequest", "Flag", "Follow", "Ignore", "Invite", "Join", "Leave", "Like", "Listen"}
    | {"Lock", "Move", "Offer", "QuoteRequest", "Read", "Reject", "Remove", "TentativeAccept"}
    | {"TentativeReject", "Travel", "Undo", "Update", "View"}
)
# Objects that name an organiser or a writer in ``actor``, as Mobilizon and Pleroma do.
_OBJECTS: Final = POSTS | {
    "ChatMessage",
    "Member",
    "Place",
    "Relationship",
    "Resource",
    "ResourceCollection",
    "Todo",
    "TodoList",
    "Tombstone",
}
_KEYS: Final = frozenset({"Key", "CryptographicKey", "Multikey"})
_LINKS: Final = frozenset({"Link", "Mention", "Hashtag"})
_COLLECTION_NAMES: Final = ("orderedItems", "items", "first", "partOf")


def kind(document: Mapping[str, Any]) -> Kind:
    """Return what *document* is. Raises RefusedError when it claims to be two things.

    The shape decides, as FEP-2277 has it; a type that everybody knows counts as a claim
    too, so that a Note cannot carry an inbox. Source: W-ORI-05, SEC-ORI-07.
    """
    names = frozenset(types(document))
    claims = set()
    if ("inbox" in document and "outbox" in document) or names & ACTORS:
        claims.add(Kind.ACTOR)
    if "publicKeyPem" in document or "publicKeyMultibase" in document or names & _KEYS:
        claims.add(Kind.KEY)
    if "href" in document or names & _LINKS:
        claims.add(Kind.LINK)
    if ("actor" in document and not names & _OBJECTS) or names & ACTIVITIES:
        claims.add(Kind.ACTIVITY)
    if any(name in document for name in _COLLECTION_NAMES) or names & COLLECTIONS:
        claims.add(Kind.COLLECTION)
    if names & _OBJECTS:
        claims.add(Kind.OBJECT)
    if len(claims) > 1:
        raise RefusedError("This document claims to be several things at once.")
    return claims.pop() if claims else Kind.OBJECT
