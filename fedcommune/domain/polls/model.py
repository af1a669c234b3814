"""Votes and tallies: what may be chosen, and how the totals change (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from fedcommune.domain.posts.choices import MAX_VOTES, Poll
from fedcommune.errors import Invalid

# New totals are told together, so long after the first vote that changed them (W-POLL-03).
TELL_AFTER: Final = timedelta(minutes=3)
# A stranger's server is asked no more often than this how its poll stands.
ASK_AGAIN: Final = timedelta(minutes=1)


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Vote:
    """That somebody took one choice; ``choice`` counts from 0."""

    id: int
    choice: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A poll as one reader sees it, with what they chose themselves."""

    poll: Poll
    own: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One choice as a page shows it; ``votes`` and ``percent`` are None while hidden."""

    choice: int
    name: str
    votes: int | None
    percent: int | None
    own: bool


def picked(poll: Poll, choices: Iterable[int]) -> tuple[int, ...]:
    """Return *choices*, each once. Raises :class:`Invalid` for what cannot be chosen."""
    wanted = tuple(dict.fromkeys(choices))
    if not wanted:
        raise Invalid("choices", _("Choose something first."))
    if any(not 0 <= each < len(poll.options) for each in wanted):
        raise Invalid("choices", _("The chosen vote option does not exist."))
    if len(wanted) > 1 and not poll.multiple:
        raise Invalid("choices", _("Only one choice is possible here: choose one."))
    return wanted


def unchosen(poll: Poll, before: Collection[int], wanted: Iterable[int]) -> tuple[int, ...]:
    """Return what of *wanted* still counts for somebody who took the choices *before*.

    One choice in all, or each choice once.
    """
    if before and not poll.multiple:
        return ()
    new = tuple(each for each in dict.fromkeys(wanted) if each not in before)
    return new if poll.multiple else new[:1]


def counted(poll: Poll, before: Collection[int], new: Collection[int]) -> Poll:
    """Return *poll* with the choices *new* of somebody who took those *before* already.

    Whoever votes is counted once; how many voted stays unknown when it was not told.
    """
    votes = tuple(
        min(MAX_VOTES, number + (choice in new)) for choice, number in enumerate(poll.votes)
    )
    voters = poll.voters
    if voters is not None and new and not before:
        voters = min(MAX_VOTES, voters + 1)
    return replace(poll, votes=votes, voters=voters)


def lines(seen: Seen, now: datetime) -> list[Line]:
    """Return the choices with their shares: of those who voted, or of the votes (SEC-MOD-05)."""
    poll = seen.poll
    total = (poll.voters if poll.multiple else None) or sum(poll.votes)
    shown = poll.shows_totals(now)
    return [
        Line(
            choice=choice,
            name=name,
            votes=votes if shown else None,
            percent=min(100, round(100 * votes / total) if total else 0) if shown else None,
            own=choice in seen.own,
        )
        for choice, (name, votes) in enumerate(zip(poll.options, poll.votes, strict=True))
    ]
