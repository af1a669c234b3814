"""From those an activity is for to the distinct inboxes it is brought to (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from federation import documents, iris
from federation.names import PUBLIC_SPELLINGS

_ADDRESSED: Final = ("to", "bto", "cc", "bcc", "audience")


@dataclass(frozen=True, slots=True)
class Recipient:
    """An actor and where it receives. *shared_inbox* is that of its server, if it has one."""

    actor_id: str
    inbox: str
    shared_inbox: str | None = None


def addressees(activity: Mapping[str, Any], *, tell_blocked: bool = False) -> list[str]:
    """Return the ids that *activity* is for, each once, in the order it names them.

    Blind copies included (S2S-02), Public never (S2S-13), nor the actor itself (S2S-06).
    A Block is not for whom it blocks (S2S-07), unless *tell_blocked*. Collections of
    followers are among the ids: the caller, who may read them, expands them (S2S-03).
    """
    left_out = {*PUBLIC_SPELLINGS, *documents.iris(activity.get("actor"))}
    if activity.get("type") == "Block" and not tell_blocked:
        left_out.update(documents.iris(activity.get("object")))
    named = (iri for name in _ADDRESSED for iri in documents.iris(activity.get(name)))
    return [iri for iri in dict.fromkeys(named) if iri not in left_out]


def inboxes(
    recipients: Iterable[Recipient], *, ours: Callable[[str], bool], private: bool
) -> list[str]:
    """Return each inbox once, in the order of *recipients* (W-DEL-01, S2S-05, S2S-12).

    What is not *private* goes to the shared inbox of those who have one. What is private is
    brought to the personal inbox of each (SEC-VIS-08). Nobody of *ours*, nor Public, is
    among the result (S2S-06, S2S-13). A shared inbox is believed only when it stands on the
    host of the personal one (SEC-ORI-08).
    """
    found: dict[str, None] = {}
    for recipient in recipients:
        if ours(recipient.actor_id) or recipient.actor_id in PUBLIC_SPELLINGS:
            continue
        inbox = recipient.inbox
        if not private and recipient.shared_inbox and _beside(recipient.shared_inbox, inbox):
            inbox = recipient.shared_inbox
        if inbox and not ours(inbox):
            found[inbox] = None
    return list(found)


def _beside(shared_inbox: str, inbox: str) -> bool:
    return iris.same_origin(shared_inbox, inbox)
