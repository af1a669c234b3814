"""How one account stands to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

MAX_NOTE: Final = 2_000
MAX_ENDORSED: Final = 100
MAX_LANGUAGES: Final = 20


@dataclass(frozen=True, slots=True)
class Relation:
    """How somebody stands to the account ``id``. Times are UTC."""

    id: int
    following: bool = False
    boosts: bool = False
    notify: bool = False
    languages: tuple[str, ...] | None = None
    followed_by: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    muting_notifications: bool = False
    mute_expires_at: datetime | None = None
    requested: bool = False
    requested_by: bool = False
    host_muted: bool = False
    endorsed: bool = False
    note: str = ""
