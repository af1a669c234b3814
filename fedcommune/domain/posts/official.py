"""What makes a post an official notice: how grave it is, and when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """How grave a notice is, from the mildest."""

    INFO = "info"
    ATTENTION = "attention"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Given:
    """What a local authority gives with the words of a post; ``ends_at`` None is "until lifted"."""

    severity: Severity
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One row of ``commune.notice``; times are UTC.

    It is over at ``ends_at``, or when it was ``lifted_at``.
    """

    post_id: int
    severity: Severity
    ends_at: datetime | None
    lifted_at: datetime | None

    @property
    def over_at(self) -> datetime | None:
        """When it is over, or was; None when nobody knows yet."""
        known = [each for each in (self.ends_at, self.lifted_at) if each is not None]
        return min(known, default=None)

    def is_current(self, now: datetime) -> bool:
        return self.over_at is None or now < self.over_at
