"""How long an activity waits before it is tried again, and when we give up (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

# Another server does not answer: we ask again for about three days.
WAITS: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 40, 90, 180, 360, 720))
GIVE_UP_AFTER: Final = timedelta(days=3)
LONGEST_WAIT: Final = timedelta(days=1)
# Our own code failed: a bug seldom mends itself, so three tries and no more (SEC-PAR-04).
MOST_FAULTS: Final = 3
AFTER_FAULT: Final = timedelta(minutes=5)
# Two transactions met; nobody is to blame.
AFTER_COLLISION: Final = timedelta(seconds=1)


def after_unavailable(
    tries: int,
    received_at: datetime,
    now: datetime,
    *,
    retry_after: float | None = None,
    chance: float = 0.5,
) -> datetime | None:
    """Return when to try again after the *tries*-th failure, or None to give up.

    *retry_after*: seconds the other server asked for; more than a day is a day. *chance*,
    from 0 to 1, spreads the moment by a quarter around the plan.
    """
    wait = WAITS[min(tries, len(WAITS)) - 1] * (0.75 + 0.5 * chance)
    if retry_after is not None:
        wait = max(wait, min(timedelta(seconds=retry_after), LONGEST_WAIT))
    again = now + wait
    return again if again - received_at <= GIVE_UP_AFTER else None


def after_fault(faults: int, now: datetime) -> datetime | None:
    """Return when to try again after the *faults*-th failure of our own code, or None."""
    return now + AFTER_FAULT if faults < MOST_FAULTS else None
