"""What following is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """A follow is asked for, then accepted; a refused one is no more."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Follow:
    """*follower* follows *followed*; ``activity_id`` is the id of the Follow activity."""

    id: int
    follower_id: int
    followed_id: int
    activity_id: str
    state: State
    created_at: datetime
    accepted_at: datetime | None

    @property
    def is_accepted(self) -> bool:
        return self.state is State.ACCEPTED


@dataclass(frozen=True, slots=True)
class Cut:
    """A follow that was ended from above; *was_accepted* when it had been more than a wish."""

    follower_id: int
    followed_id: int
    was_accepted: bool
