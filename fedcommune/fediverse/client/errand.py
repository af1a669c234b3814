"""What an app asks to be done in somebody's name, read from its bytes and not trusted (C2S-26)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from fedcommune.commune import Commune
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.grants.model import Grant
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import CommuneError, Invalid, NotAllowed
from fedcommune.fediverse import tokens
from federation import documents
from federation.documents import ACTIVITIES
from federation.names import MAX_INBOX_BODY

# Called in the one transaction of the errand; returns the activity as it stands then.
Act: TypeAlias = Callable[[Transaction], Awaitable[Mapping[str, Any]]]

# What nobody may write through an app: it would speak as an actor, or as a key (FEP-fe34).
FORBIDDEN: Final = frozenset(
    {"publicKey", "publicKeyPem", "publicKeyMultibase", "assertionMethod", "inbox", "outbox"}
    | {"endpoints", "proof", "signature"}
)
# What means nothing without something it is done to, or somewhere it is put (C2S-13).
NEED_OBJECT: Final = frozenset(
    {"Accept", "Add", "Announce", "Block", "Create", "Delete", "Flag", "Follow", "Invite", "Join"}
    | {"Leave", "Like", "Move", "Reject", "Remove", "Undo", "Update"}
)
NEED_TARGET: Final = frozenset({"Add", "Move", "Remove"})


class Unsupported(CommuneError):
    """This is understood, and not done here."""


@dataclass(frozen=True, slots=True)
class Errand:
    """An activity that *account* is asked to do; a bare object stands in a Create already."""

    commune: Commune
    grant: Grant
    account: Account
    type: str
    activity: Mapping[str, Any]

    @property
    def viewer(self) -> Viewer:
        """With whose eyes things are looked for."""
        return Viewer(self.account.id)

    @property
    def object(self) -> Mapping[str, Any] | None:
        """What is embedded, None when there is a mere id."""
        found = documents.one(self.activity.get("object"))
        return found if isinstance(found, Mapping) else None

    def check_scope(self, scope: str) -> None:
        """Raise :class:`tokens.OutOfScope` unless the token is for this."""
        tokens.check_scope(self.grant, scope)

    def named(self, name: str = "object") -> str:
        """Return the id of what *name* is or points to. Raises :class:`Invalid` without one."""
        found = documents.iri(self.activity.get(name))
        if found is None:
            raise Invalid(name, f"Give the {name} of this {self.type} by its id.")
        return found


def read(commune: Commune, grant: Grant, account: Account, body: bytes) -> Errand:
    """Return what *body* asks for.

    Raises RefusedError for what is no JSON object or too much of one, :class:`Invalid` for
    what is no activity that can be done, :class:`NotAllowed` for one of another actor.
    Source: C2S-01 to C2S-05, C2S-13, FEP-fe34.
    """
    document = documents.read(body, limit=MAX_INBOX_BODY)
    if "@context" in document and not documents.speaks_activitystreams(document):
        raise Invalid("@context", "The @context must name ActivityStreams.")
    check_members(document)
    types = documents.types(document)
    if len(types) != 1:
        raise Invalid("type", "Say in type what this is, in one word.")
    activity = document
    if types[0] not in ACTIVITIES:
        if "object" in document or "actor" in document:
            raise Unsupported(f"Nobody does a {types[0][:50]} here.")
        activity = _wrapped(document)
    kind = documents.types(activity)[0]
    _check_actor(activity, account)
    if kind in NEED_OBJECT and not activity.get("object"):
        raise Invalid("object", f"A {kind} needs an object.")
    if kind in NEED_TARGET and not activity.get("target"):
        raise Invalid("target", f"A {kind} needs a target.")
    return Errand(commune, grant, account, kind, activity)


def check_members(document: Mapping[str, Any]) -> None:
    """Raise :class:`Invalid` when something in *document* is not for apps to write (FEP-fe34)."""
    for name in _names(document):
        if name in FORBIDDEN:
            raise Invalid(name, f"Leave out {name}: no app speaks for keys and inboxes.")


def _wrapped(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a Create of the bare object *document*; its addressing is read from there (C2S-02)."""
    inside = {name: value for name, value in document.items() if name != "@context"}
    return {"type": "Create", "object": inside}


def _check_actor(activity: Mapping[str, Any], account: Account) -> None:
    said = activity.get("actor")
    if said is not None and documents.iris(said) != [account.actor_id]:
        raise NotAllowed("An app acts as the owner of this outbox only: leave out the actor.")


def _names(value: Any) -> Iterator[str]:
    """Return the names of all members in *value*; it is not deeper than parsing allows."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
