"""Actors of ours, as others read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from federation import documents
from federation.vocabulary import featured, places
from federation.vocabulary.places import Place

ActorKind = Literal[
    "commune",
    "feed",
    "square",
    "citizen",
    "association",
    "business",
    "authority",
    "group",
    "project",
    "stranger",
]
# Which type a kind of actor has on the wire (product 8.1); any other pair is a stranger.
TYPE_OF: Final[Mapping[ActorKind, str]] = {
    "commune": "Application",
    "feed": "Group",
    "square": "Group",
    "citizen": "Person",
    "association": "Organization",
    "business": "Organization",
    "authority": "Organization",
    "group": "Group",
    "project": "Group",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a profile: *name* is plain text, *value* is HTML (untrusted when read)."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ActorProfile:
    """Everything there is to say about an actor of ours.

    *summary* and the values of *fields* are HTML that is already clean. *published* is shown
    to the day only. *public_key* is a PEM, *assertion_key* a Multikey, each with the id it is
    known by. *features_at_once* may put the actor into their collections without a question,
    *features_when_asked* may ask (FEP-7aa9).
    """

    id: str
    type: str
    kind: ActorKind
    username: str
    domain: str
    name: str
    inbox: str
    outbox: str
    shared_inbox: str
    public_key_id: str
    public_key_pem: str
    assertion_key_id: str | None = None
    assertion_key_multibase: str | None = None
    summary: str = ""
    url: str | None = None
    followers: str | None = None
    following: str | None = None
    featured: str | None = None
    members: str | None = None
    upcoming_events: str | None = None
    places: str | None = None
    needs: str | None = None
    icon: str | None = None
    image: str | None = None
    icon_described: str = ""
    image_described: str = ""
    fields: tuple[Field, ...] = ()
    locked: bool = False
    discoverable: bool = True
    indexable: bool = False
    published: datetime | None = None
    updated: datetime | None = None
    also_known_as: tuple[str, ...] = ()
    moved_to: str | None = None
    location: Place | None = None
    territory: str | None = None
    postal_codes: tuple[str, ...] = ()
    epci: str = ""
    timezone: str = ""
    feeds: tuple[str, ...] = ()
    openness: str | None = None
    stage: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    carried_by: str | None = None
    parent: str | None = None
    featured_collections: str | None = None
    features_at_once: tuple[str, ...] = ()
    features_when_asked: tuple[str, ...] = ()
    capabilities: tuple[tuple[str, str], ...] = ()
    endpoints: Mapping[str, str] | None = None
    tags: tuple[Mapping[str, Any], ...] = ()
    opening_hours: str = ""
    accessibility: str = ""


def write(profile: ActorProfile) -> dict[str, Any]:
    """Return the actor document of *profile*, without ``@context`` (see ``with_context``).

    Source: W-DOC-03, W-DOC-10, FEP-521a, FEP-5feb, FEP-844e, FEP-2c59, product 8.0 to 8.2.
    """
    document: dict[str, Any] = {
        "id": profile.id,
        "type": profile.type,
        "kind": None if profile.kind == "stranger" else profile.kind,
        "preferredUsername": profile.username,
        "webfinger": f"{profile.username}@{profile.domain}",
        "name": profile.name,
        "summary": profile.summary,
        "url": profile.url,
        "inbox": profile.inbox,
        "outbox": profile.outbox,
        "followers": profile.followers,
        "following": profile.following,
        "featured": profile.featured,
        "members": profile.members,
        "upcomingEvents": profile.upcoming_events,
        "cm:places": profile.places,
        "cm:needs": profile.needs,
        "endpoints": {"sharedInbox": profile.shared_inbox, **(profile.endpoints or {})},
        "manuallyApprovesFollowers": profile.locked,
        "discoverable": profile.discoverable,
        "indexable": profile.indexable,
        "published": _midnight(profile.published),
        "updated": documents.timestamp(profile.updated) if profile.updated else None,
        "alsoKnownAs": list(profile.also_known_as) or None,
        "movedTo": profile.moved_to,
        "icon": _image(profile.icon, profile.icon_described),
        "image": _image(profile.image, profile.image_described),
        "attachment": [
            {"type": "PropertyValue", "name": field.name, "value": field.value}
            for field in profile.fields
        ],
        "tag": [dict(tag) for tag in profile.tags] or None,
        "location": places.write(profile.location) if profile.location else None,
        "territory": _written_territory(profile),
        "feeds": list(profile.feeds) or None,
        "openness": profile.openness,
        "cm:stage": profile.stage,
        "startTime": documents.timestamp(profile.starts_at) if profile.starts_at else None,
        "endTime": documents.timestamp(profile.ends_at) if profile.ends_at else None,
        "cm:carriedBy": profile.carried_by,
        "cm:parent": profile.parent,
        "cm:openingHours": profile.opening_hours or None,
        "cm:accessibility": profile.accessibility or None,
        "featuredCollections": profile.featured_collections,
        "interactionPolicy": featured.write_policy(
            profile.features_at_once, profile.features_when_asked, profile.id
        ),
        "generator": _generator(profile),
        "publicKey": {
            "id": profile.public_key_id,
            "owner": profile.id,
            "publicKeyPem": profile.public_key_pem,
        },
    }
    if profile.assertion_key_id is not None and profile.assertion_key_multibase is not None:
        document["assertionMethod"] = [
            {
                "id": profile.assertion_key_id,
                "type": "Multikey",
                "controller": profile.id,
                "publicKeyMultibase": profile.assertion_key_multibase,
            }
        ]
    return {name: value for name, value in document.items() if value is not None}


def _midnight(published: datetime | None) -> str | None:
    if published is None:
        return None
    return published.astimezone(UTC).strftime("%Y-%m-%dT00:00:00Z")


_MEDIA_TYPES: Final[Mapping[str, str]] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "avif": "image/avif",
}


def _image(address: str | None, described: str) -> dict[str, str] | None:
    if address is None:
        return None
    media_type = _MEDIA_TYPES.get(address.rpartition(".")[2].lower())
    return {
        "type": "Image",
        **({"mediaType": media_type} if media_type else {}),
        "url": address,
        **({"summary": described, "name": described} if described else {}),
    }


def _written_territory(profile: ActorProfile) -> dict[str, Any] | None:
    if profile.territory is None:
        return None
    territory: dict[str, Any] = {"type": "cm:Territory", "codeInsee": profile.territory}
    if profile.postal_codes:
        territory["cm:codesPostaux"] = list(profile.postal_codes)
    if profile.epci:
        territory["cm:codeEpci"] = profile.epci
    if profile.timezone:
        territory["cm:timezone"] = profile.timezone
    return territory


def _generator(profile: ActorProfile) -> dict[str, Any] | None:
    if not profile.capabilities:
        return None
    return {
        "type": "Application",
        "implements": [{"href": address, "name": name} for address, name in profile.capabilities],
    }
