"""Time-ordered 64-bit identifiers, as Mastodon clients expect them."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Final

_BITS: Final = 16
# How many moments are remembered: those of all transactions that can be open together.
_REMEMBERED: Final = 4_096

_lock: Final = threading.Lock()
_last: Final[OrderedDict[int, int]] = OrderedDict()


def new(now: datetime | None = None) -> int:
    """Return a new identifier: milliseconds since 1970 shifted by 16 bits, then a sequence.

    The sequence begins at random in each millisecond and grows by one. Each moment has a
    sequence of its own, because many transactions hold their moments at the same time, and
    what arrives from afar is often dated to the second. Two processes that meet in a
    millisecond collide rarely, and the primary key then refuses the second.

    *now* is an aware datetime; without it, the present.
    """
    milliseconds = int((now or datetime.now(UTC)).timestamp() * 1000)
    with _lock:
        before = _last.pop(milliseconds, None)
        first = (milliseconds << _BITS) | secrets.randbits(_BITS - 1)
        made = first if before is None else before + 1
        _last[milliseconds] = made
        if len(_last) > _REMEMBERED:
            _last.popitem(last=False)
        return made


def moment(identifier: int) -> datetime:
    """Return when *identifier* was made (UTC, to the millisecond)."""
    return datetime.fromtimestamp((identifier >> _BITS) / 1000, UTC)
