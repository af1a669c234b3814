"""What every activity must have before it is published, and what its type asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from federation import documents
from federation.errors import RefusedError

# Activities that mean nothing without an object (S2S-08), or without a target (S2S-09).
NEEDS_OBJECT: Final = frozenset(
    {
        "Create", "Update", "Delete", "Follow", "Add", "Remove", "Like", "Block", "Undo",
        "Announce", "Accept", "Reject", "Flag", "Move", "Join", "Invite", "Leave", "QuoteRequest",
    }
)  # fmt: skip
NEEDS_TARGET: Final = frozenset({"Add", "Remove", "Move", "Invite"})


def check(activity: Mapping[str, Any]) -> None:
    """Raise RefusedError unless *activity* has id, type, actor, and what its type asks for.

    Source: S2S-08, S2S-09, S2S-11.
    """
    kind = activity.get("type")
    if not isinstance(kind, str) or not kind:
        raise RefusedError("An activity needs a type: give it one before publishing it.")
    for name in ("id", "actor"):
        if documents.iri(activity.get(name)) is None:
            raise RefusedError(f"This {kind} has no {name}: give it one before publishing it.")
    if kind in NEEDS_OBJECT and not _is_something(activity.get("object")):
        raise RefusedError(f"This {kind} has no object: say what it is about.")
    if kind in NEEDS_TARGET and documents.iri(activity.get("target")) is None:
        raise RefusedError(f"This {kind} has no target: say where to.")


def _is_something(value: object) -> bool:
    """Tell whether *value* names or holds anything; what is embedded may have no id."""
    return any(
        item and (documents.iri(item) or isinstance(item, Mapping))
        for item in documents.many(value)
    )
