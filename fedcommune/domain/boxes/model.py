"""What is kept of what somebody did through their outbox, and what an inbox is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

# What these are about is read anew each time: it may have been corrected or deleted since.
ABOUT_WORDS: Final = frozenset({"Create", "Update"})


@dataclass(frozen=True, slots=True)
class Done:
    """One activity that an actor of ours did through its outbox. Times are UTC.

    ``document`` is the activity without ``@context`` and blind copies; that of a Create or an
    Update names its object by id.
    """

    id: int
    account_id: int
    activity_id: str
    type: str
    document: Mapping[str, Any]
    done_at: datetime
