"""One host, one lane: what its answers mean, how long to wait, when to give up (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from federation.names import ACTIVITY_JSON, LD_JSON_AS2
from federation.signatures import Scheme

# Minutes to wait before each attempt (W-DEL-03); the first one is made at once.
SCHEDULE: Final = (0, 1, 5, 15, 40, 90, 180, 300, 420, 540, 660, 720, 720, 720, 720)
# A Delete is tried twice more, counted from the day it was published (W-DEL-03).
LATE_DELETES: Final = (timedelta(days=5), timedelta(days=7))
JITTER: Final = 0.25
# Attempts after which we believe that a host does not want our signature (W-DEL-02).
UNAUTHORISED_ATTEMPTS: Final = 4
LONGEST_WAIT: Final = timedelta(hours=24)  # the longest Retry-After that we respect
TOO_MANY_WAIT: Final = timedelta(seconds=60)  # after a 429 that does not say how long
# Under an open breaker few attempts are made, so there age gives up as well: the whole
# schedule with the largest jitter, rounded up.
OLDEST: Final = timedelta(hours=107)
OLDEST_DELETE: Final = timedelta(days=9)

BREAKER: Final = 10  # consecutive failures (W-DEL-04)
PAUSE: Final = timedelta(seconds=60)
LONGEST_PAUSE: Final = timedelta(hours=1)
UNAVAILABLE_DAYS: Final = 7
PROBE: Final = timedelta(days=7)
PARALLEL: Final = 3  # requests per host (W-DEL-05)
LEARNT: Final = timedelta(days=30)  # how long a winner is remembered (W-9421-05)

_REFUSED_BY_SERVER: Final = 501
_RETRIED_BY_CLIENT: Final = frozenset({408, 429})
_SECOND_KNOCK: Final = frozenset({400, 401, 403, 406})
_OTHER_MEDIA_TYPE: Final = frozenset({400, 406, 415})


class Outcome(StrEnum):
    """What one attempt came to, sorted by what to do next (W-DEL-02)."""

    DELIVERED = "delivered"
    GONE = "gone"  # 410: drop it, and let the application look at the actor
    REFUSED = "refused"  # permanent for this message
    UNAUTHORISED = "unauthorised"  # our signature was not believed: a few attempts more
    BUSY = "busy"  # 429: later, and the host is well
    FAILED = "failed"  # later: the host is not well
    DROPPED = "dropped"  # by us: the host is refused, or the actor has no key any more


def classify(status: int) -> Outcome:
    """Return what an HTTP *status* means for a delivery (W-DEL-02).

    A redirect of a POST is not followed (W-SIG-05): it is a fault of the host, tried later.
    """
    if 200 <= status < 300:
        return Outcome.DELIVERED
    if status == 410:
        return Outcome.GONE
    if status == 401:
        return Outcome.UNAUTHORISED
    if status == 429:
        return Outcome.BUSY
    if status == _REFUSED_BY_SERVER or (400 <= status < 500 and status not in _RETRIED_BY_CLIENT):
        return Outcome.REFUSED
    return Outcome.FAILED


def is_final(outcome: Outcome) -> bool:
    """Tell whether nothing more is to be done for this delivery."""
    return outcome not in (Outcome.UNAUTHORISED, Outcome.BUSY, Outcome.FAILED)


def next_attempt(
    attempts: int,
    *,
    outcome: Outcome,
    deletes: bool,
    created_at: datetime,
    now: datetime,
    chance: float,
    retry_after: timedelta = timedelta(0),
) -> datetime | None:
    """Return when to try again after *attempts* unsuccessful ones; None: give up (W-DEL-03).

    *chance* runs from 0 to 1 and becomes the jitter. *retry_after* is what the host asked
    for, zero when it did not. All times are aware. *deletes*: the activity is a Delete, its
    late attempts are counted from *created_at*.
    """
    if outcome is Outcome.UNAUTHORISED and attempts >= UNAUTHORISED_ATTEMPTS:
        return None
    jitter = 1 - JITTER + 2 * JITTER * chance
    if attempts < len(SCHEDULE):
        wait = timedelta(minutes=SCHEDULE[attempts])
    elif deletes and attempts < len(SCHEDULE) + len(LATE_DELETES):
        wait = created_at + LATE_DELETES[attempts - len(SCHEDULE)] - now
        wait = max(wait, timedelta(hours=1))
    else:
        return None
    return now + max(wait * jitter, min(retry_after, LONGEST_WAIT))


def asked_to_wait(seconds: float | None) -> timedelta:
    """Return a Retry-After as a length of time between zero and 24 hours (W-DEL-02)."""
    if seconds is None or not seconds > 0:  # not a number compares false
        return timedelta(0)
    return timedelta(seconds=min(seconds, LONGEST_WAIT.total_seconds()))


class Dialect(NamedTuple):
    """How a host wants to be spoken to."""

    scheme: Scheme
    media_type: str


FIRST: Final = Dialect("cavage", LD_JSON_AS2)


def other_scheme(scheme: Scheme) -> Scheme:
    return "rfc9421" if scheme == "cavage" else "cavage"


def other_media_type(media_type: str) -> str:
    return ACTIVITY_JSON if media_type == LD_JSON_AS2 else LD_JSON_AS2


def second_knock(
    tried: Sequence[Dialect], status: int, *, known: bool, asks_for_9421: bool = False
) -> Dialect | None:
    """Return in which dialect to try once more at once, None when there is no point.

    *tried* are those of this attempt, in order; *known* tells that the first of them has
    succeeded with this host before: then only a 401 makes us learn again. *asks_for_9421*:
    the answer carried ``Accept-Signature`` (W-9421-05; the media type: wire 2.5).
    """
    first = tried[0]
    wanted: list[Dialect] = []
    if status in _SECOND_KNOCK and (not known or status == 401):
        wanted.append(first._replace(scheme=other_scheme(first.scheme)))
    elif asks_for_9421 and status in _SECOND_KNOCK:
        wanted.append(first._replace(scheme="rfc9421"))
    if status in _OTHER_MEDIA_TYPE and not known:
        wanted.append(first._replace(media_type=other_media_type(first.media_type)))
    return next((dialect for dialect in wanted if dialect not in tried), None)


@dataclass(frozen=True, slots=True)
class Health:
    """How a host has been answering lately (W-DEL-04)."""

    failures: int = 0
    paused_until: datetime | None = None
    exhausted_on: tuple[date, ...] = ()
    unavailable_since: datetime | None = None
    dialect: Dialect | None = None
    learnt_at: datetime | None = None
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_error: str | None = None

    def is_paused(self, now: datetime) -> bool:
        """Whether nothing may be sent to the host for the moment."""
        return self.paused_until is not None and now < self.paused_until

    def is_open(self) -> bool:
        """Whether the breaker is open: only one request at a time, to see."""
        return self.failures >= BREAKER or self.unavailable_since is not None

    def parallel(self) -> int:
        """How many requests the host gets at once (W-DEL-05); a troubled one is asked gently."""
        return PARALLEL if self.failures == 0 and self.unavailable_since is None else 1

    def speaks(self, now: datetime) -> Dialect | None:
        """The dialect in which the host was last spoken to with success, for 30 days."""
        if self.dialect is None or self.learnt_at is None or now - self.learnt_at >= LEARNT:
            return None
        return self.dialect


def pause(failures: int) -> timedelta:
    """Return how long the breaker stays open after so many consecutive failures (W-DEL-04)."""
    doublings = min(max(failures - BREAKER, 0), 16)
    return min(PAUSE * (1 << doublings), LONGEST_PAUSE)


def after(
    health: Health,
    outcome: Outcome,
    *,
    now: datetime,
    dialect: Dialect | None = None,
    retry_after: timedelta = timedelta(0),
    error: str | None = None,
) -> Health:
    """Return the health of a host after one attempt (W-DEL-04).

    *dialect* is the one that was answered last, None when there was no answer.
    """
    if outcome is Outcome.DROPPED:
        return health
    if outcome is Outcome.DELIVERED:
        # The pause of the breaker ends here; one that the host asked for does not.
        asked = health.is_paused(now) and not health.is_open()
        return Health(
            paused_until=health.paused_until if asked else None,
            dialect=dialect,
            learnt_at=now,
            last_success_at=now,
        )
    if outcome is Outcome.FAILED:
        return _failed(health, now=now, retry_after=retry_after, error=error)
    health = replace(health, last_failure_at=now, last_error=error)
    if outcome is Outcome.BUSY:
        return _until(health, now + (retry_after or TOO_MANY_WAIT))
    if outcome is Outcome.UNAUTHORISED:
        health = replace(health, dialect=None, learnt_at=None)
    if health.unavailable_since is not None:
        # It answers, but has taken nothing: still unavailable, until the next probe.
        return _until(health, now + PROBE)
    return replace(health, failures=0)


def exhausted(health: Health, now: datetime) -> Health:
    """Return the health of a host to which a delivery has just been given up (W-DEL-04)."""
    day = now.astimezone(UTC).date()
    if day in health.exhausted_on or health.unavailable_since is not None:
        return health
    days = (*health.exhausted_on, day)
    health = replace(health, exhausted_on=days)
    if len(days) < UNAVAILABLE_DAYS:
        return health
    return _until(replace(health, unavailable_since=now), now + PROBE)


def _failed(health: Health, *, now: datetime, retry_after: timedelta, error: str | None) -> Health:
    known = replace(health, last_failure_at=now, last_error=error)
    if health.is_paused(now):
        return known  # it began before the pause did: nothing new has been learnt
    known = replace(known, failures=health.failures + 1)
    if known.unavailable_since is not None:
        return _until(known, now + PROBE)
    wait = retry_after
    if known.failures >= BREAKER:
        wait = max(wait, pause(known.failures))
    return _until(known, now + wait) if wait else known


def _until(health: Health, moment: datetime) -> Health:
    if health.paused_until is not None and health.paused_until >= moment:
        return health
    return replace(health, paused_until=moment)
