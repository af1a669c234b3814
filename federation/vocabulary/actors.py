"""Actors of strangers: Person, Organization, Group, Application and Service, as we read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from federation import documents, iris
from federation.documents import Kind
from federation.errors import RefusedError
from federation.names import ACTORS
from federation.vocabulary import featured, places, points, tags
from federation.vocabulary.featured import Policy
from federation.vocabulary.places import Place
from federation.vocabulary.profiles import TYPE_OF, ActorKind, ActorProfile, Field, write
from federation.vocabulary.tags import Emoji

__all__ = [
    "OPENNESS",
    "STAGES",
    "TYPE_OF",
    "ActorKind",
    "ActorProfile",
    "ActorView",
    "Field",
    "read",
    "write",
]

STAGES: Final = ("idea", "concept", "started", "development", "testing", "mature", "closed")
OPENNESS: Final = ("open", "moderated", "invitation")

MAX_NAME: Final = 2_048
MAX_BIO: Final = 20_000
MAX_FIELDS: Final = 50
MAX_FIELD: Final = 2_047
MAX_ALIASES: Final = 256
MAX_FEEDS: Final = 50
MAX_DESCRIBED: Final = 1_500
MAX_CAPABILITIES: Final = 50
MAX_TAGS: Final = 20
# Disjoint classes: linear whatever it is given (W-WF-06, SEC-PAR-07).
_USERNAME: Final = re.compile(r"[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*")


@dataclass(frozen=True, slots=True)
class ActorView:
    """A stranger's actor as we understand it.

    *summary* and the values of *fields* are untrusted HTML, every other text is plain.
    Addresses are http(s), those of collections on the actor's own origin.
    """

    id: str
    type: str
    kind: ActorKind
    username: str
    webfinger: str | None
    name: str
    summary: str
    url: str | None
    inbox: str
    outbox: str | None
    shared_inbox: str | None
    followers: str | None
    following: str | None
    featured: str | None
    featured_collections: str | None
    feature_policy: Policy | None
    members: str | None
    icon: str | None
    image: str | None
    fields: tuple[Field, ...]
    locked: bool
    discoverable: bool
    indexable: bool
    suspended: bool
    memorial: bool
    published: datetime | None
    also_known_as: tuple[str, ...]
    moved_to: str | None
    location: Place | None
    territory: str | None
    feeds: tuple[str, ...]
    openness: str | None
    stage: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    carried_by: str | None
    parent: str | None
    capabilities: tuple[str, ...]
    emojis: tuple[Emoji, ...] = ()
    icon_described: str = ""
    image_described: str = ""
    hashtags: tuple[str, ...] = ()
    opening_hours: str = ""
    accessibility: str = ""
    # The SIREN number of the grouping of communes that a commune belongs to.
    epci: str | None = None


def read(document: Mapping[str, Any]) -> ActorView:
    """Return the actor that *document* describes; where it came from is not looked at here.

    RefusedError: no id, not an actor, no inbox or one elsewhere, no usable user name.
    Everything else that is wrong is left out or cut: addresses on another origin than the
    actor's, insecure addresses of a secure actor, more fields or aliases than we keep.
    Communecter's ``Project`` is read as a Group of the kind project.
    Source: W-DOC-03, W-DOC-04, W-WF-06, SEC-ORI-08, SEC-DOS-05.
    """
    actor_id = documents.identifier(document)
    if actor_id is None:
        raise RefusedError("An actor must have an id.")
    secure = iris.origin(actor_id).scheme == "https"
    type_ = _type(document)

    def here(value: object) -> str | None:
        address = documents.link(value, secure=secure)
        return address if address and iris.same_origin(address, actor_id) else None

    inbox = here(document.get("inbox"))
    if inbox is None:
        raise RefusedError("An actor must have an inbox on its own server.")
    endpoints = documents.one(document.get("endpoints"))
    shared = endpoints.get("sharedInbox") if isinstance(endpoints, Mapping) else None
    said = documents.string(document, "webfinger", limit=MAX_NAME)
    stage = _said(document, "stage") or documents.string(document, "progress", limit=50)
    tagged = tags.read(document.get("tag"))
    return ActorView(
        id=actor_id,
        type=type_,
        kind=_kind(document, type_),
        username=_username(document, said),
        webfinger=said.removeprefix("acct:").removeprefix("@") if said else None,
        name=documents.natural(document, "name", limit=MAX_NAME)[0].strip(),
        summary=documents.natural(document, "summary", limit=MAX_BIO)[0]
        or documents.natural(document, "shortDescription", limit=MAX_BIO)[0],
        url=here(document.get("url")),
        inbox=inbox,
        outbox=here(document.get("outbox")),
        shared_inbox=here(shared),
        followers=here(document.get("followers")),
        following=here(document.get("following")),
        featured=here(document.get("featured")),
        featured_collections=here(document.get("featuredCollections")),
        feature_policy=featured.read_policy(document),
        members=here(document.get("members")),
        icon=_picture(document.get("icon"), secure=secure),
        image=_picture(document.get("image"), secure=secure),
        fields=_fields(document.get("attachment")),
        locked=documents.boolean(document.get("manuallyApprovesFollowers")) or False,
        discoverable=documents.boolean(document.get("discoverable")) or False,
        indexable=documents.boolean(document.get("indexable")) or False,
        suspended=documents.boolean(document.get("suspended")) or False,
        memorial=documents.boolean(document.get("memorial")) or False,
        published=documents.moment(document.get("published")),
        also_known_as=_addresses(document.get("alsoKnownAs"), MAX_ALIASES),
        moved_to=documents.link(document.get("movedTo"), secure=secure),
        location=places.read(document.get("location")),
        territory=_territory(document),
        feeds=_addresses(_value(document, "feeds"), MAX_FEEDS),
        openness=_among(_said(document, "openness"), OPENNESS),
        stage=_among(stage, STAGES),
        starts_at=documents.moment(document.get("startTime")),
        ends_at=documents.moment(document.get("endTime")),
        carried_by=documents.link(_value(document, "carriedBy"), secure=secure),
        parent=documents.link(_value(document, "parent"), secure=secure),
        capabilities=_capabilities(document),
        emojis=tagged.emojis,
        hashtags=tagged.hashtags[:MAX_TAGS],
        opening_hours=points.worded(document, "openingHours", points.MAX_HOURS),
        accessibility=points.ACCESSIBILITIES.get(points.worded(document, "accessibility", 20), ""),
        icon_described=_described(document.get("icon")),
        image_described=_described(document.get("image")),
        epci=_epci(document),
    )


def _type(document: Mapping[str, Any]) -> str:
    if documents.kind(document) not in (Kind.ACTOR, Kind.OBJECT):
        raise RefusedError("This document is not an actor.")
    names = documents.types(document)
    found = next((name for name in names if name in ACTORS), None)
    if found is None and "Project" in names:
        return "Group"
    if found is None:
        raise RefusedError("This document is not an actor.")
    return found


def _kind(document: Mapping[str, Any], type_: str) -> ActorKind:
    if "Project" in documents.types(document):
        return "project"
    said = _said(document, "kind")
    return next(
        (kind for kind, type_of in TYPE_OF.items() if kind == said and type_of == type_),
        "stranger",
    )


def _username(document: Mapping[str, Any], webfinger: str | None) -> str:
    name = documents.one(document.get("preferredUsername"))
    if not isinstance(name, str) and webfinger:
        name = webfinger.removeprefix("acct:").removeprefix("@").partition("@")[0]
    if not isinstance(name, str) or len(name) > MAX_NAME or not _USERNAME.fullmatch(name):
        raise RefusedError("An actor must have a user name of letters, digits, _, - and dots.")
    return name


def _fields(value: object) -> tuple[Field, ...]:
    found = []
    for item in documents.many(value)[: MAX_FIELDS * 4]:
        if isinstance(item, Mapping) and "PropertyValue" in _plain_types(item):
            name = documents.string(item, "name", limit=MAX_FIELD)
            said = documents.string(item, "value", limit=MAX_FIELD)
            if name:
                found.append(Field(name.strip(), said or ""))
    return tuple(found[:MAX_FIELDS])


def _plain_types(document: Mapping[str, Any]) -> list[str]:
    return [name.rpartition(":")[2].rpartition("#")[2] for name in documents.types(document)]


def _picture(value: object, *, secure: bool) -> str | None:
    """Return the address of an Image, a Link or a bare address; the first that will do."""
    for item in documents.many(value)[:10]:
        if isinstance(item, Mapping):
            item = item.get("url") or item.get("href")
        address = documents.link(item, secure=secure)
        if address is not None:
            return address
    return None


def _described(value: object) -> str:
    """Return what a picture shows (FEP-1311)."""
    item = documents.one(value)
    if not isinstance(item, Mapping):
        return ""
    said = documents.string(item, "summary", limit=MAX_DESCRIBED)
    return (said or documents.string(item, "name", limit=MAX_DESCRIBED) or "").strip()


def _value(document: Mapping[str, Any], name: str) -> Any:
    """Return a word of ours, written compactly or with its prefix (product 8.0)."""
    return document.get("cm:" + name, document.get(name))


def _said(document: Mapping[str, Any], name: str) -> str | None:
    value = documents.one(_value(document, name))
    if isinstance(value, str):
        return documents.clean(value)[:200].removeprefix("cm:")
    return documents.string(document, "mz:" + name, limit=200)


def _among(said: str | None, allowed: tuple[str, ...]) -> str | None:
    # Mobilizon says invite_only for what we call by invitation.
    said = "invitation" if said in ("invite_only", "invite") else said
    return said if said in allowed else None


def _addresses(value: object, limit: int) -> tuple[str, ...]:
    found = (documents.link(item) for item in documents.many(value)[:limit])
    return tuple(dict.fromkeys(address for address in found if address is not None))


def _territory(document: Mapping[str, Any]) -> str | None:
    value = documents.one(_value(document, "territory"))
    if isinstance(value, Mapping):
        value = _said(value, "codeInsee")
    return (
        value if isinstance(value, str) and re.fullmatch(r"[0-9][0-9AB][0-9]{3}", value) else None
    )


def _epci(document: Mapping[str, Any]) -> str | None:
    territory = documents.one(_value(document, "territory"))
    value = _said(territory, "codeEpci") if isinstance(territory, Mapping) else None
    return value if value is not None and re.fullmatch(r"[0-9]{9}", value) else None


def _capabilities(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the specifications that the server says it implements (FEP-844e)."""
    generator = documents.one(document.get("generator"))
    holder = generator if isinstance(generator, Mapping) else document
    return _addresses(holder.get("implements"), MAX_CAPABILITIES)
