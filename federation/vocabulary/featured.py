"""Collections of actors that somebody recommends, with the consent of each (FEP-7aa9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from federation import documents, iris
from federation.errors import RefusedError
from federation.names import AS2, PUBLIC
from federation.vocabulary import tags
from federation.vocabulary.collections import items

FEATURED_COLLECTION: Final = "FeaturedCollection"
FEATURED_ITEM: Final = "FeaturedItem"
AUTHORIZATION: Final = "FeatureAuthorization"

# As many as the specification proposes; what comes after is left out (SEC-DOS-05).
MAX_ITEMS: Final = 150
MAX_NAME: Final = 256
MAX_SUMMARY: Final = 2_048
MAX_POLICY: Final = 20
_KIND: Final = "kind"
_EVERYBODY: Final = frozenset({PUBLIC, "as:Public", "Public"})


@dataclass(frozen=True, slots=True)
class FeaturedItem:
    """One recommended actor; *authorization* is the address of its consent, on its server."""

    id: str
    actor: str
    authorization: str | None = None
    type: str | None = None
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeaturedCollection:
    """A collection as it is written and read.

    Texts are plain when written and untrusted when read; *topic* is a hashtag without its
    sign, *kind* a word of ours: which of a citizen's lists it is.
    """

    id: str
    owner: str
    name: str
    summary: str = ""
    language: str | None = None
    url: str | None = None
    topic: str | None = None
    topic_page: str | None = None
    kind: str | None = None
    sensitive: bool = False
    discoverable: bool = True
    published: datetime | None = None
    updated: datetime | None = None
    total: int = 0
    items: tuple[FeaturedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may feature an actor, at once or after it was asked: addresses, as it says them.

    ``None`` in place of a policy is no consent at all.
    """

    automatic: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()


def write(collection: FeaturedCollection) -> dict[str, Any]:
    """Return the FeaturedCollection, without ``@context``; its items stand in it."""
    document: dict[str, Any] = {
        "id": collection.id,
        "type": FEATURED_COLLECTION,
        "kind": collection.kind,
        "name": collection.name,
        "summary": collection.summary,
        "summaryMap": {collection.language: collection.summary} if collection.language else None,
        "attributedTo": collection.owner,
        "url": collection.url,
        "sensitive": collection.sensitive,
        "discoverable": collection.discoverable,
        "topic": tags.hashtag_link(collection.topic_page, collection.topic)
        if collection.topic and collection.topic_page
        else None,
        "published": _written(collection.published),
        "updated": _written(collection.updated),
        "totalItems": collection.total,
        "orderedItems": [write_item(each) for each in collection.items],
    }
    return {name: value for name, value in document.items() if value is not None}


def write_item(item: FeaturedItem) -> dict[str, Any]:
    """Return the FeaturedItem, without ``@context``."""
    document: dict[str, Any] = {
        "id": item.id,
        "type": FEATURED_ITEM,
        "featuredObject": item.actor,
        "featuredObjectType": item.type,
        "featureAuthorization": item.authorization,
        "published": _written(item.published),
    }
    return {name: value for name, value in document.items() if value is not None}


def write_authorization(authorization_id: str, actor_id: str, collection_id: str) -> dict[str, Any]:
    """Return the stamp by which *actor_id* agrees to be in *collection_id*."""
    return {
        "id": authorization_id,
        "type": AUTHORIZATION,
        "attributedTo": actor_id,
        "interactingObject": collection_id,
        "interactionTarget": actor_id,
    }


def request(activity_id: str, owner: str, actor_id: str, collection_id: str) -> dict[str, Any]:
    """Return the FeatureRequest by which *owner* asks *actor_id*, and nobody else."""
    return {
        "id": activity_id,
        "type": "FeatureRequest",
        "actor": owner,
        "object": actor_id,
        "instrument": collection_id,
        "to": [actor_id],
    }


def read(document: Mapping[str, Any]) -> FeaturedCollection:
    """Return the collection that *document* describes; where it came from is not looked at here.

    Items that are no actors, or claim another server's item, are left out, and those beyond
    the 150th. RefusedError: no id, another type, no owner or one of another server.
    """
    collection_id = documents.identifier(document)
    if collection_id is None or FEATURED_COLLECTION not in _types(document):
        raise RefusedError("This is not a featured collection.")
    owner = documents.link(document.get("attributedTo"))
    if owner is None or not iris.same_origin(owner, collection_id):
        raise RefusedError("A collection belongs to an actor of its own server.")
    summary, language = documents.natural(document, "summary", limit=MAX_SUMMARY)
    found = [
        item
        for each in items(document, limit=MAX_ITEMS)
        if isinstance(each, Mapping) and (item := read_item(each, collection_id)) is not None
    ]
    url = documents.link(document.get("url"))
    topic = documents.one(document.get("topic"))
    return FeaturedCollection(
        id=collection_id,
        owner=owner,
        name=documents.natural(document, "name", limit=MAX_NAME)[0].strip(),
        summary=summary.strip(),
        language=language,
        url=url if url and iris.same_origin(url, collection_id) else None,
        topic=tags.hashtag(documents.string(topic, "name", limit=200) or "")
        if isinstance(topic, Mapping)
        else None,
        kind=_said(document),
        sensitive=documents.boolean(document.get("sensitive")) or False,
        discoverable=documents.boolean(document.get("discoverable")) is not False,
        published=documents.moment(document.get("published")),
        updated=documents.moment(document.get("updated")),
        total=documents.count(document.get("totalItems")) or len(found),
        items=tuple({item.actor: item for item in found}.values()),
    )


def read_item(document: Mapping[str, Any], collection_id: str) -> FeaturedItem | None:
    """Return an item of *collection_id*; None for what recommends no actor that may be shown."""
    item_id = documents.identifier(document)
    actor = documents.link(document.get("featuredObject"))
    stamp = documents.link(document.get("featureAuthorization"))
    if item_id is None or not iris.same_origin(item_id, collection_id) or actor is None:
        return None
    if stamp is not None and not iris.same_origin(stamp, actor):
        stamp = None
    return FeaturedItem(
        item_id, actor, stamp, published=documents.moment(document.get("published"))
    )


def approves(document: Mapping[str, Any], *, actor_id: str, collection_id: str) -> bool:
    """Tell whether a fetched stamp says that *actor_id* agrees to be in *collection_id*.

    It must come from the actor's own server: whoever fetched it asked for that address.
    """
    stamp_id = documents.identifier(document)
    return (
        stamp_id is not None
        and AUTHORIZATION in _types(document)
        and iris.same_origin(stamp_id, actor_id)
        and documents.link(document.get("interactionTarget")) == actor_id
        and documents.link(document.get("interactingObject")) == collection_id
    )


def read_policy(document: Mapping[str, Any]) -> Policy | None:
    """Return who may feature the actor that *document* describes; None when it says nothing."""
    policies = documents.one(document.get("interactionPolicy"))
    said = documents.one(policies.get("canFeature")) if isinstance(policies, Mapping) else None
    if not isinstance(said, Mapping):
        return None
    return Policy(_listed(said.get("automaticApproval")), _listed(said.get("manualApproval")))


def write_policy(automatic: Sequence[str], manual: Sequence[str], actor_id: str) -> dict[str, Any]:
    """Return ``interactionPolicy``; nobody at all is said by naming the actor itself."""
    policy: dict[str, Any] = {}
    if automatic or not manual:
        policy["automaticApproval"] = list(automatic) or [actor_id]
    if manual:
        policy["manualApproval"] = list(manual)
    return {"canFeature": policy}


def _listed(value: object) -> tuple[str, ...]:
    found = []
    for each in documents.many(value)[:MAX_POLICY]:
        name = documents.iri(each)
        if name is not None:
            found.append(PUBLIC if name in _EVERYBODY or name == f"{AS2}#Public" else name)
        elif isinstance(each, str) and each in _EVERYBODY:
            found.append(PUBLIC)
    return tuple(dict.fromkeys(found))


def _types(document: Mapping[str, Any]) -> list[str]:
    return [name.rpartition("#")[2].rpartition(":")[2] for name in documents.types(document)]


def _said(document: Mapping[str, Any]) -> str | None:
    kind = documents.one(document.get("cm:kind", document.get(_KIND)))
    return kind[:50] if isinstance(kind, str) else None


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else documents.timestamp(moment)
