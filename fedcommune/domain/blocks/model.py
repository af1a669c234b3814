"""What a block is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Block:
    """*blocker* wants nothing to do with *blocked*; ``activity_id`` is that of the Block."""

    blocker_id: int
    blocked_id: int
    activity_id: str | None
    created_at: datetime
