"""An object or a wish becomes an activity: Create, Follow, Undo… addressed, without @context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from federation import documents
from federation.boxes import without_blind_copies
from federation.errors import RefusedError
from federation.names import PUBLIC
from federation.vocabulary.links import role_properties
from outbox import required

_COPIED: Final = ("to", "cc", "audience")  # from an object to what is said about it


def create(activity_id: str, actor_id: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return Create of *document*, addressed and dated as it is (W-ACT-Create)."""
    return _about(activity_id, "Create", actor_id, document)


def update(
    activity_id: str,
    actor_id: str,
    document: Mapping[str, Any],
    *,
    to: Sequence[str] | None = None,
    cc: Sequence[str] | None = None,
    published: datetime | None = None,
) -> dict[str, Any]:
    """Return Update of *document*; an actor's has no addressees of its own: give them."""
    activity = _about(activity_id, "Update", actor_id, document)
    activity.pop("published", None)
    if to is not None:
        activity["to"] = list(to)
    if cc is not None:
        activity["cc"] = list(cc)
    return _dated(activity, published)


def delete(
    activity_id: str,
    actor_id: str,
    object_id: str,
    *,
    to: Sequence[str],
    cc: Sequence[str] = (),
    former_type: str | None = None,
    deleted: datetime | None = None,
) -> dict[str, Any]:
    """Return Delete of *object_id*, a Tombstone in its place (W-ACT-Delete, W-DOC-12)."""
    tombstone: dict[str, Any] = {"id": object_id, "type": "Tombstone"}
    if former_type is not None:
        tombstone["formerType"] = former_type
    if deleted is not None:
        tombstone["deleted"] = documents.timestamp(deleted)
    return _activity(activity_id, "Delete", actor_id, tombstone, to, cc)


def delete_actor(activity_id: str, actor_id: str) -> dict[str, Any]:
    """Return the Delete with which an actor takes its leave of everybody (W-ACT-DeleteActor)."""
    return _activity(activity_id, "Delete", actor_id, actor_id, (PUBLIC,))


def announce(
    activity_id: str,
    actor_id: str,
    announced: str | Mapping[str, Any],
    *,
    to: Sequence[str],
    cc: Sequence[str] = (),
    published: datetime | None = None,
) -> dict[str, Any]:
    """Return Announce of *announced*: a post, by its id alone (W-ACT-Announce), or all of an
    activity, without proofs: those cover its own context, which it leaves (W-GRP-02).
    """
    about: object = announced
    if isinstance(announced, Mapping):
        about = {k: v for k, v in _embedded(announced).items() if k not in ("proof", "signature")}
    return _activity(activity_id, "Announce", actor_id, about, to, cc, published)


def like(
    activity_id: str, actor_id: str, object_id: str, *, to: Sequence[str] = ()
) -> dict[str, Any]:
    """Return Like of *object_id*; *to* is its author and nobody else (W-ACT-Like)."""
    return _activity(activity_id, "Like", actor_id, object_id, to)


def undo(
    activity_id: str,
    actor_id: str,
    undone: Mapping[str, Any],
    *,
    to: Sequence[str] | None = None,
    cc: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return Undo of the complete activity *undone*, for those it was for (W-ACT-Undo).

    Raises RefusedError when *undone* is somebody else's.
    """
    if documents.iri(undone.get("actor")) != actor_id:
        raise RefusedError("Only who did something can undo it: use the actor of the activity.")
    activity = _activity(
        activity_id,
        "Undo",
        actor_id,
        _embedded(undone),
        documents.iris(undone.get("to")) if to is None else to,
        documents.iris(undone.get("cc")) if cc is None else cc,
    )
    required.check(activity)
    return activity


def follow(activity_id: str, actor_id: str, target_id: str) -> dict[str, Any]:
    """Return Follow of *target_id*, for it alone (W-ACT-Follow)."""
    return _activity(activity_id, "Follow", actor_id, target_id, (target_id,))


def accept(
    activity_id: str,
    actor_id: str,
    accepted: Mapping[str, Any],
    *,
    target: str | None = None,
    result: str | None = None,
    roles: Sequence[str] = (),
) -> dict[str, Any]:
    """Return Accept of the complete activity *accepted*, for who asked (W-ACT-Follow).

    For a Join or an Invite, *target* is what is joined, *result* the id of the Relationship
    that its host keeps, *roles* those that are granted (product 8.7). For a QuoteRequest,
    *result* is the id of the stamp (W-QUO-01).
    """
    return _answer(activity_id, "Accept", actor_id, accepted, target, result, roles)


def reject(
    activity_id: str,
    actor_id: str,
    rejected: Mapping[str, Any],
    *,
    target: str | None = None,
) -> dict[str, Any]:
    """Return Reject of the complete activity *rejected*, for who asked (W-ACT-Follow)."""
    return _answer(activity_id, "Reject", actor_id, rejected, target, None, ())


def quote_request(
    activity_id: str,
    actor_id: str,
    quoted_id: str,
    instrument: Mapping[str, Any],
    *,
    to: Sequence[str],
) -> dict[str, Any]:
    """Return QuoteRequest: may the post *instrument*, all of it, quote *quoted_id*? (W-QUO-01)"""
    activity = _activity(activity_id, "QuoteRequest", actor_id, quoted_id, to)
    activity["instrument"] = _embedded(instrument)
    required.check(activity)
    return activity


def block(activity_id: str, actor_id: str, object_id: str, *, tell: bool = False) -> dict[str, Any]:
    """Return Block of *object_id*; it is for nobody unless *tell* (W-ACT-Block, S2S-07)."""
    return _activity(activity_id, "Block", actor_id, object_id, (object_id,) if tell else ())


def flag(
    activity_id: str,
    instance_actor: str,
    object_ids: Sequence[str],
    *,
    content: str = "",
    to: Sequence[str] = (),
) -> dict[str, Any]:
    """Return Flag of *object_ids* (the account first) by the server itself (W-ACT-Flag).

    The reporter is not named. *content* is plain text, cut at 5,000 characters.
    """
    activity = _activity(activity_id, "Flag", instance_actor, list(object_ids), to)
    activity["content"] = content[:5000]
    required.check(activity)
    return activity


def add(
    activity_id: str,
    actor_id: str,
    item: str | Mapping[str, Any],
    *,
    target: str,
    to: Sequence[str],
    cc: Sequence[str] = (),
) -> dict[str, Any]:
    """Return Add of *item* to the collection *target* of the actor (W-ACT-AddRemove)."""
    return _about_collection(activity_id, "Add", actor_id, item, target, to, cc)


def remove(
    activity_id: str,
    actor_id: str,
    item: str | Mapping[str, Any],
    *,
    target: str,
    to: Sequence[str],
    cc: Sequence[str] = (),
    origin: str | None = None,
) -> dict[str, Any]:
    """Return Remove of *item* from *target*: a collection, or the actor it was linked to; of a
    member, *origin* is the group, as Mobilizon reads it (product 8.7).
    """
    activity = _about_collection(activity_id, "Remove", actor_id, item, target, to, cc)
    return activity if origin is None else {**activity, "origin": origin}


def move(activity_id: str, actor_id: str, target_id: str, *, followers: str) -> dict[str, Any]:
    """Return Move of the actor to *target_id*, for its *followers* (W-MOV-01)."""
    activity = _activity(activity_id, "Move", actor_id, actor_id, (followers,))
    activity["target"] = target_id
    return activity


def join(
    activity_id: str,
    actor_id: str,
    object_id: str,
    *,
    roles: Sequence[str] = (),
    as_admin: bool = False,
    content: str | None = None,
) -> dict[str, Any]:
    """Return Join by which the actor asks to take part in *object_id* (product 8.7)."""
    activity = _activity(activity_id, "Join", actor_id, object_id, (object_id,))
    activity["target"] = object_id
    return _taking_part(activity, content, role_properties(roles, admin=as_admin))


def invite(
    activity_id: str,
    actor_id: str,
    object_id: str,
    invited_id: str,
    *,
    roles: Sequence[str] = (),
    as_admin: bool = False,
    content: str | None = None,
) -> dict[str, Any]:
    """Return Invite by which *invited_id* is asked to take part in *object_id*.

    The object is what to join and the target who is invited, as Mobilizon reads it
    (product 2.2, 8.7).
    """
    activity = _activity(activity_id, "Invite", actor_id, object_id, (invited_id,))
    activity["target"] = invited_id
    return _taking_part(activity, content, role_properties(roles, admin=as_admin, inviting=True))


def leave(activity_id: str, actor_id: str, object_id: str) -> dict[str, Any]:
    """Return Leave by which the actor no longer takes part in *object_id* (product 8.7)."""
    activity = _activity(activity_id, "Leave", actor_id, object_id, (object_id,))
    activity["target"] = object_id
    return activity


def _activity(
    activity_id: str,
    kind: str,
    actor_id: str,
    about: object,
    to: Sequence[str],
    cc: Sequence[str] = (),
    published: datetime | None = None,
) -> dict[str, Any]:
    activity: dict[str, Any] = {
        "id": activity_id,
        "type": kind,
        "actor": actor_id,
        "object": about,
        "to": list(to),
    }
    if cc:
        activity["cc"] = list(cc)
    return _dated(activity, published)


def _about(
    activity_id: str, kind: str, actor_id: str, document: Mapping[str, Any]
) -> dict[str, Any]:
    """Wrap *document* in an activity that is addressed and dated as it is."""
    activity: dict[str, Any] = {
        "id": activity_id,
        "type": kind,
        "actor": actor_id,
        "object": _embedded(document),
    }
    for name in _COPIED:
        if name in document:
            activity[name] = document[name]
    if "published" in document:
        activity["published"] = document["published"]
    required.check(activity)
    return activity


def _answer(
    activity_id: str,
    kind: str,
    actor_id: str,
    asked: Mapping[str, Any],
    target: str | None,
    result: str | None,
    roles: Sequence[str],
) -> dict[str, Any]:
    asker = documents.iri(asked.get("actor"))
    if asker is None:
        raise RefusedError(f"This {kind} answers nobody: the activity it embeds has no actor.")
    activity = _activity(activity_id, kind, actor_id, _embedded(asked), (asker,))
    if target is not None:
        activity["target"] = target
    if result is not None:
        activity["result"] = result
    activity |= role_properties(roles)
    required.check(activity)
    return activity


def _about_collection(
    activity_id: str,
    kind: str,
    actor_id: str,
    item: str | Mapping[str, Any],
    target: str,
    to: Sequence[str],
    cc: Sequence[str],
) -> dict[str, Any]:
    about = item if isinstance(item, str) else _embedded(item)
    activity = _activity(activity_id, kind, actor_id, about, to, cc)
    activity["target"] = target
    required.check(activity)
    return activity


def _taking_part(
    activity: dict[str, Any], content: str | None, roles: Mapping[str, Any]
) -> dict[str, Any]:
    activity |= roles
    if content:
        activity["content"] = content
    required.check(activity)
    return activity


def _embedded(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return *document* as it may stand inside another: no context, no blind copies."""
    return {
        name: value for name, value in without_blind_copies(document).items() if name != "@context"
    }


def _dated(activity: dict[str, Any], published: datetime | None) -> dict[str, Any]:
    if published is not None:
        activity["published"] = documents.timestamp(published)
    return activity
