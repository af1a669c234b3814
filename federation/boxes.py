"""The one door to little-boxes: what is sound in it, and nothing that reads a stranger's bytes.

little-boxes 0.1.0 gives the hierarchy of errors that know their HTTP status, the
vocabulary of activity types, the constants, and the removal of ``bto`` and ``bcc``.
Its parser, its URL check and its collection walker are not used (docs/decisions/0005).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from little_boxes.errors import (
    ActivityNotFoundError,
    ActorBlockedError,
    BadActivityError,
    Error,
    NotFromOutboxError,
    RecursionLimitExceededError,
    UnexpectedActivityTypeError,
)

__all__ = [
    "ActivityNotFoundError",
    "ActorBlockedError",
    "BadActivityError",
    "Error",
    "NotFromOutboxError",
    "RecursionLimitExceededError",
    "UnexpectedActivityTypeError",
    "without_blind_copies",
]


def __getattr__(name: str) -> Any:
    """Give the vocabulary to who asks for it: with it comes a client that is never used here."""
    if name not in ("AS_PUBLIC", "CTX_AS", "CTX_SECURITY", "ActivityType"):
        raise AttributeError(name)
    from little_boxes import activitypub

    return getattr(activitypub, name)


def without_blind_copies(activity: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of *activity* without ``bto`` and ``bcc``, its embedded object included.

    Source: ActivityPub §6 (removal of bto and bcc before delivery).
    """
    kept = copy.deepcopy(dict(activity))
    if kept.get("type") == "Create" and not isinstance(kept.get("object"), dict):
        # clean_activity looks inside the object of a Create: there is nothing to look into.
        return {name: value for name, value in kept.items() if name not in ("bto", "bcc")}
    from little_boxes.activitypub import clean_activity

    return dict(clean_activity(kept))
