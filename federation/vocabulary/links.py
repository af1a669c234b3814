"""Who takes part in what, as what: Relationship, Member, and the roles of Join and Invite.

Only the target's server states who takes part; the subject's server may state that the
subject agrees (product 8.0 rule 9, 8.7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from federation import documents, iris
from federation.activities import Activity
from federation.errors import RefusedError
from federation.names import FEDCOMMUNE

Relation = Literal["memberOf", "contributesTo", "attends", "subProjectOf", "partnerOf", "organises"]
State = Literal["pending", "invited", "active", "ended"]
RELATIONS: Final[tuple[Relation, ...]] = (
    "memberOf",
    "contributesTo",
    "attends",
    "subProjectOf",
    "partnerOf",
    "organises",
)
STATES: Final[tuple[State, ...]] = ("pending", "invited", "active", "ended")

MAX_ROLES: Final = 20
MAX_ROLE: Final = 100
MAX_MESSAGE: Final = 5_000

# How Communecter asks for, and grants, the say over a project (product 1.8).
_ADMIN: Final = frozenset({"admin", "becomeadmin", "asadmin", "adminandrole"})
_MOBILIZON_STATES: Final[Mapping[str, State]] = {
    "invited": "invited",
    "not_approved": "pending",
    "member": "active",
    "moderator": "active",
    "administrator": "active",
    "creator": "active",
    "rejected": "ended",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A Relationship: *subject* stands in *relation* to *target*, as its server states it.

    *roles* are plain texts, None where nothing is said of them. *consent* is the id of the
    subject's own Join or Accept.
    """

    id: str
    subject: str
    relation: Relation
    target: str
    state: State
    is_admin: bool = False
    roles: tuple[str, ...] | None = ()
    since: datetime | None = None
    until: datetime | None = None
    consent: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a Join, Invite, Leave or Remove asks: that *subject* begins or ends to take part
    in *target*. *message* is plain text.
    """

    subject: str
    target: str
    roles: tuple[str, ...]
    wants_admin: bool
    message: str


def read(document: Mapping[str, Any], *, stated_by: str | None = None) -> Link:
    """Return the link that a Relationship, or Mobilizon's Member, states.

    A Member keeps the id of the Join or the Invite that began it, which may be of another
    server than the target's: then *stated_by*, who says so, counts. RefusedError: no id, another
    type, a word we do not know for the relation, or a link that is not stated by the target's
    own server. Source: product 8.7, 8.0 rule 9.
    """
    link_id = documents.identifier(document)
    if link_id is None:
        raise RefusedError("A link between two actors must have an id.")
    types = documents.types(document)
    source = link_id
    if "Relationship" in types:
        found = _relationship(document, link_id)
    elif "Member" in types or "mz:Member" in types:
        found = _member(document, link_id)
        source = stated_by or link_id
    else:
        raise RefusedError("This document is not a link between two actors.")
    if not iris.same_origin(found.target, source):
        raise RefusedError("Only the server of the target may state who takes part in it.")
    return found


def _relationship(document: Mapping[str, Any], link_id: str) -> Link:
    subject = documents.link(document.get("subject"))
    target = documents.link(document.get("object"))
    said = documents.iri(document.get("relationship")) or ""
    word = said.removeprefix(FEDCOMMUNE).removeprefix("cm:")
    relation = next((name for name in RELATIONS if name == word), None)
    if subject is None or target is None or relation is None:
        raise RefusedError("A Relationship must have subject, relationship and object.")
    said_state = _value(document, "state")
    state: State = next((name for name in STATES if name == said_state), "active")
    return Link(
        id=link_id,
        subject=subject,
        relation=relation,
        target=target,
        state=state,
        is_admin=documents.boolean(_value(document, "isAdmin")) or False,
        roles=_roles(_value(document, "roles")),
        since=documents.moment(document.get("startTime")),
        until=documents.moment(document.get("endTime")),
        consent=documents.link(_value(document, "subjectConsent")),
    )


def _member(document: Mapping[str, Any], link_id: str) -> Link:
    subject = documents.link(document.get("actor"))
    target = documents.link(document.get("object"))
    if subject is None or target is None:
        raise RefusedError("A Member must have actor and object.")
    role = documents.string(document, "role", limit=50) or "member"
    return Link(
        id=link_id,
        subject=subject,
        relation="memberOf",
        target=target,
        state=_MOBILIZON_STATES.get(role, "pending"),
        is_admin=role in ("administrator", "creator"),
        roles=None,
        since=documents.moment(document.get("published")),
    )


def write(link: Link) -> dict[str, Any]:
    """Return the Relationship, without ``@context`` (product 8.7)."""
    document: dict[str, Any] = {
        "id": link.id,
        "type": "Relationship",
        "attributedTo": link.target,
        "subject": link.subject,
        "relationship": FEDCOMMUNE + link.relation,
        "object": link.target,
        "cm:state": link.state,
        "cm:isAdmin": link.is_admin,
        "roles": list(link.roles or ()),
        "startTime": documents.timestamp(link.since) if link.since else None,
        "endTime": documents.timestamp(link.until) if link.until else None,
        "cm:subjectConsent": link.consent,
    }
    return {name: value for name, value in document.items() if value is not None}


def write_member(link: Link) -> dict[str, Any]:
    """Return the same link as Mobilizon's Member, without ``@context`` (product 2.2).

    Give it an id of its own: a document is of one class only (FEP-2277).
    """
    role = {"invited": "invited", "pending": "not_approved", "ended": "rejected"}.get(
        link.state, "administrator" if link.is_admin else "member"
    )
    return {
        "id": link.id,
        "type": "Member",
        "actor": link.subject,
        "object": link.target,
        "role": role,
    }


def read_request(activity: Activity) -> Request:
    """Return who is to take part in what, and as what, from a Join, Invite, Leave or Remove.

    A Join has what is joined in ``object``; Communecter repeats the actor there and names it
    in ``target``. An Invite has it in ``object`` and the person in ``target`` (ours,
    Mobilizon's), or the other way round (Communecter's): it is what stands on the server of
    who invites. A Remove has the person in ``object``, and what it is removed from in
    ``target`` (Mobilizon: ``origin``). RefusedError when one is missing.
    Source: product 1.8, 2.2, 8.7.
    """
    document = activity.document
    target = activity.target_id or documents.iri(document.get("origin"))
    subject: str | None = activity.actor
    if activity.type == "Remove":
        subject = activity.object_id
    elif activity.type == "Invite":
        subject, target = target, activity.object_id
        if subject and target and _stands_with(activity.actor, subject, target):
            subject, target = target, subject
    elif activity.object_id != activity.actor:
        target = activity.object_id
    if subject is None or target is None or subject == target:
        raise RefusedError(f"This {activity.type} does not say who takes part in what.")
    roles, wants_admin = read_roles(document)
    message = documents.natural(document, "content", limit=MAX_MESSAGE)[0]
    return Request(
        subject=subject,
        target=target,
        roles=roles,
        wants_admin=wants_admin,
        message=message or documents.string(document, "participationMessage") or "",
    )


def _stands_with(actor: str, one: str, other: str) -> bool:
    return iris.same_origin(one, actor) and not iris.same_origin(other, actor)


def read_roles(document: Mapping[str, Any]) -> tuple[tuple[str, ...], bool]:
    """Return the roles that an activity names, and whether it asks for or grants the say.

    Roles stand in ``roles``, or in Communecter's ``instrument``. Source: product 1.8.
    """
    roles = list(documents.many(_value(document, "roles")))
    instrument = documents.one(document.get("instrument"))
    word: object = instrument
    if isinstance(instrument, Mapping):
        word = instrument.get("as")
        rules = documents.string(instrument, "rules", limit=MAX_ROLES * MAX_ROLE)
        roles = roles or (rules or "").split(",")
    return _roles(roles), isinstance(word, str) and word.lower() in _ADMIN


def role_properties(
    roles: Sequence[str] = (), *, admin: bool = False, inviting: bool = False
) -> dict[str, Any]:
    """Return ``roles`` and ``instrument`` for a Join, Invite or Accept; empty for a plain one.

    *admin* asks for the say, or grants it when *inviting*. Communecter reads ``instrument``,
    fedcommune both. Source: product 1.8, 8.7.
    """
    properties: dict[str, Any] = {}
    rules = ",".join(roles)
    if roles:
        properties["roles"] = list(roles)
    if roles and admin:
        properties["instrument"] = {"as": "adminandrole", "rules": rules}
    elif roles:
        as_ = "inviteWithRules" if inviting else "withRules"
        properties["instrument"] = {"as": as_, "rules": rules}
    elif admin:
        properties["instrument"] = "asadmin" if inviting else "becomeadmin"
    return properties


def _roles(value: object) -> tuple[str, ...]:
    texts = (
        documents.clean(item)[:MAX_ROLE].strip()
        for item in documents.many(value)[:MAX_ROLES]
        if isinstance(item, str)
    )
    return tuple(dict.fromkeys(text for text in texts if text))


def _value(document: Mapping[str, Any], name: str) -> Any:
    return document.get("cm:" + name, document.get(name))
