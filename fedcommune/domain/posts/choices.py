"""What a post asks: the choices, how they stand, and when it is over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from fedcommune.errors import Invalid
from federation.vocabulary import polls


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


MIN_OPTIONS: Final = 2
MAX_OPTIONS: Final = 20
MAX_OPTION: Final = 100
SHORTEST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(days=365)
# Whoever asked elsewhere tells how it ended within so long (product 8.9).
GRACE: Final = timedelta(minutes=5)
# What a tally can be, wherever it comes from.
MAX_VOTES: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to ask with a post; ``lasts`` counts from its publication."""

    options: tuple[str, ...]
    lasts: timedelta
    multiple: bool = False
    hides_totals: bool = False


@dataclass(frozen=True, slots=True)
class Poll:
    """One row of ``commune.poll``: ``votes`` has as many numbers as there are ``options``.

    ``voters`` is None when their number is not told, ``ends_at`` when it never ends.
    """

    post_id: int
    options: tuple[str, ...]
    votes: tuple[int, ...]
    voters: int | None
    multiple: bool
    hides_totals: bool
    ends_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def shows_totals(self, now: datetime) -> bool:
        """Tell whether anybody, its author included, may know how it stands (SEC-MOD-05)."""
        return not self.hides_totals or self.is_over(now)

    def asks_the_same(self, options: tuple[str, ...], *, multiple: bool) -> bool:
        """Tell whether these are the same choices: otherwise no vote holds any more."""
        return self.options == options and self.multiple == multiple


def checked(asked: Asked) -> Asked:
    """Return *asked* with tidy options; empty ones are left out.

    Raises :class:`Invalid` for too few or too many, too long or equal ones, and for a poll
    that is too short or too long.
    """
    options = tuple(tidy for each in asked.options if (tidy := _tidy(each)))
    if len(options) < MIN_OPTIONS:
        raise Invalid(
            "poll", _("A poll needs at least {limit} choices: add some."), limit=MIN_OPTIONS
        )
    if len(options) > MAX_OPTIONS:
        raise Invalid(
            "poll", _("A poll has at most {limit} choices: remove some."), limit=MAX_OPTIONS
        )
    if any(len(each) > MAX_OPTION for each in options):
        raise Invalid(
            "poll", _("A choice has at most {limit} characters: shorten it."), limit=MAX_OPTION
        )
    if len(set(options)) < len(options):
        raise Invalid("poll", _("Two choices are the same: change one of them."))
    if not SHORTEST <= asked.lasts <= LONGEST:
        raise Invalid("poll", _("A poll lasts from 5 minutes to 365 days: choose another time."))
    return replace(asked, options=options)


def asked_now(post_id: int, asked: Asked, now: datetime) -> Poll:
    """Return the poll that begins *now*."""
    return Poll(
        post_id=post_id,
        options=asked.options,
        votes=(0,) * len(asked.options),
        voters=0,
        multiple=asked.multiple,
        hides_totals=asked.hides_totals,
        ends_at=now + asked.lasts,
    )


def told(post_id: int, view: polls.Poll, now: datetime) -> Poll:
    """Return the poll of a stranger as its server tells it.

    A ``closed`` that lies ahead is how some say when it ends (Pleroma); ``closed: true`` is
    now. Source: section 1.8, W-POLL-04.
    """
    ends_at = view.closed_at or view.ends_at
    if view.is_closed and view.closed_at is None:
        ends_at = now if ends_at is None else min(ends_at, now)
    return Poll(
        post_id=post_id,
        options=tuple(each.name for each in view.options),
        votes=tuple(min(each.votes, MAX_VOTES) for each in view.options),
        voters=None if view.voters is None else min(view.voters, MAX_VOTES),
        multiple=view.multiple,
        hides_totals=False,
        ends_at=ends_at,
    )


def said(poll: Poll, now: datetime) -> polls.Poll:
    """Return how *poll* leaves: its totals only when they may be known (SEC-MOD-05)."""
    shown = poll.votes if poll.shows_totals(now) else (0,) * len(poll.options)
    over = poll.is_over(now)
    return polls.Poll(
        options=tuple(
            polls.PollOption(name, votes) for name, votes in zip(poll.options, shown, strict=True)
        ),
        multiple=poll.multiple,
        ends_at=poll.ends_at,
        is_closed=over,
        closed_at=poll.ends_at if over else None,
        voters=poll.voters,
    )


def _tidy(text: str) -> str:
    kept = text.replace("\x00", "").encode("utf-8", "ignore").decode()
    return " ".join(kept.split())
