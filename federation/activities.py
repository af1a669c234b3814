"""A received document becomes an Activity here: whole, of one origin, or refused."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from federation import documents, iris
from federation.documents import Kind
from federation.errors import RefusedError
from federation.names import TRANSIENT

# What means nothing without something it is done to, or somewhere it is put (S2S-08, S2S-09).
NEED_OBJECT: Final = frozenset(
    {"Accept", "Add", "Announce", "Block", "Create", "Delete", "Flag", "Follow", "Invite", "Join"}
    | {"Leave", "Like", "Move", "Reject", "Remove", "Undo", "Update"}
)
NEED_TARGET: Final = frozenset({"Add", "Move", "Remove"})


@dataclass(frozen=True, slots=True)
class Activity:
    """What somebody says to have done.

    ``object`` and ``target`` are the embedded documents that ``actor`` may speak for: of its
    origin and its own, else None, and only the id counts: ask its origin (W-ORI-03). ``to``
    and ``cc`` spell Public in full. ``published`` is in UTC. ``document`` is everything as
    it was received, ``raw`` the bytes it was read from.
    """

    id: str
    type: str
    actor: str
    object_id: str | None
    object: Mapping[str, Any] | None
    target_id: str | None
    target: Mapping[str, Any] | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    published: datetime | None
    document: Mapping[str, Any]
    raw: bytes


def read(document: Mapping[str, Any], *, raw: bytes, nested: bool = False) -> Activity:
    """Return the activity that *document* is; who signed it is not looked at here.

    *nested* is for an activity found inside another one: it needs no ``@context``, and
    nobody has vouched for it. An activity of a type that may travel without id gets one
    made of the digest of *raw*.

    Raises RefusedError: no ActivityStreams context, no or several types, ids or actors, an
    id of another origin than the actor, an embedded object that is two things, a missing
    object or target, more than 1,000 addressees.
    Source: ActivityStreams 2.0, W-DOC-11, W-ORI-03, W-ORI-04, SEC-ORI-02, S2S-08, S2S-09.
    """
    if not nested and not documents.speaks_activitystreams(document):
        raise RefusedError("The @context of this message does not name ActivityStreams.")
    type_ = _type(document)
    actor = _actor(document)
    object_, target = document.get("object"), document.get("target")
    if type_ in NEED_OBJECT and not object_:
        raise RefusedError(f"A {type_} needs an object.")
    if type_ in NEED_TARGET and not (target or document.get("origin")):
        raise RefusedError(f"A {type_} needs a target.")
    return Activity(
        id=_id(document, type_, actor, raw),
        type=type_,
        actor=actor,
        object_id=_id_of(object_),
        object=_own(documents.one(object_), actor),
        target_id=_id_of(target),
        target=_own(documents.one(target), actor),
        to=_addressees(document, "to"),
        cc=_addressees(document, "cc"),
        published=documents.moment(document.get("published")),
        document=document,
        raw=raw,
    )


def embedded(activity: Activity) -> Mapping[str, Any] | None:
    """Return the embedded object, whoever it belongs to: a hint, never a proof (W-ORI-03).

    It tells which Follow an Accept answers, and what a group announces.
    """
    found = documents.one(activity.document.get("object"))
    return found if isinstance(found, Mapping) else None


def inner(activity: Activity) -> Activity | None:
    """Return the embedded object read as an activity, unproven; None when it is none."""
    found = embedded(activity)
    if found is None or not frozenset(documents.types(found)) & documents.ACTIVITIES:
        return None
    try:
        return read(found, raw=documents.write(found), nested=True)
    except RefusedError:
        return None


def object_ids(activity: Activity) -> list[str]:
    """Return the ids of all the objects, for a Flag that names a person and some posts."""
    return documents.iris(activity.document.get("object"))


def objects(activity: Activity) -> list[Mapping[str, Any]]:
    """Return all the embedded objects that the actor may speak for, at most 20 (GoToSocial
    sends the choices of one vote together).
    """
    values = documents.many(activity.document.get("object"))[:20]
    owned = (_own(value, activity.actor) for value in values)
    return [value for value in owned if value is not None]


def _type(document: Mapping[str, Any]) -> str:
    names = documents.types(document)
    known = [name for name in names if name in documents.ACTIVITIES]
    if len(known) > 1:
        raise RefusedError("A message must be one activity, not several.")
    if not known and len(names) != 1:
        raise RefusedError("A message must have one type.")
    if documents.kind(document) is not Kind.ACTIVITY:
        raise RefusedError("This message is not an activity.")
    return known[0] if known else names[0]


def _actor(document: Mapping[str, Any]) -> str:
    value = document.get("actor")
    actor = documents.iri(value)
    if actor is None or len(documents.many(value)) != 1:
        raise RefusedError("An activity must have exactly one actor.")
    iris.origin(actor)  # raises for what is not a web address
    return actor


def _id(document: Mapping[str, Any], type_: str, actor: str, raw: bytes) -> str:
    found = documents.identifier(document)
    if found is None:
        if type_ not in TRANSIENT:
            raise RefusedError(f"A {type_} must have an id.")
        return f"urn:sha256:{hashlib.sha256(raw).hexdigest()}"
    if not iris.same_origin(found, actor):
        raise RefusedError("The id of this activity does not belong to its actor's server.")
    return found


def _id_of(value: object) -> str | None:
    value = documents.one(value)
    found = documents.identifier(value) if isinstance(value, Mapping) else None
    return found or documents.iri(value)


def _own(value: object, actor: str) -> Mapping[str, Any] | None:
    """Return *value* when it is a document that *actor* may speak for, else None."""
    if not isinstance(value, Mapping):
        return None
    found = documents.identifier(value)
    what = documents.kind(value)
    if found is not None and not iris.same_origin(found, actor):
        return None
    if what is Kind.ACTOR:
        return value if found == actor else None
    owners = documents.iris(value.get("actor" if what is Kind.ACTIVITY else "attributedTo"))
    if actor not in owners or not all(iris.same_origin(owner, actor) for owner in owners):
        return None
    return value


def _addressees(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = documents.many(document.get(name))
    if len(values) > documents.MAX_ADDRESSES:
        raise RefusedError(f"This message has more than {documents.MAX_ADDRESSES} addressees.")
    return tuple(documents.iris(values))
