"""Time-ordered 64-bit identifiers, as Mastodon clients expect them."""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime

_lock = threading.Lock()
_last = 0


def new(now: datetime | None = None) -> int:
    """Return a new identifier: milliseconds since 1970 shifted by 16 bits, then a sequence.

    The sequence begins at random in each millisecond and grows by one, so that one
    process never repeats itself; two processes that meet within a millisecond collide
    rarely, and the primary key then refuses the second.

    *now* is an aware datetime; without it, the present.
    """
    global _last
    milliseconds = int((now or datetime.now(UTC)).timestamp() * 1000)
    with _lock:
        if _last >> 16 == milliseconds:
            _last += 1
        else:
            _last = (milliseconds << 16) | secrets.randbits(15)
        return _last


def moment(identifier: int) -> datetime:
    """Return when *identifier* was made (UTC, to the millisecond)."""
    return datetime.fromtimestamp((identifier >> 16) / 1000, UTC)
