"""The stages of a project, and what somebody types to start one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fedcommune.domain.links.model import Openness
from fedcommune.errors import Invalid


class Stage(StrEnum):
    """How far a project has come, in this order."""

    IDEA = "idea"
    CONCEPT = "concept"
    STARTED = "started"
    DEVELOPMENT = "development"
    TESTING = "testing"
    MATURE = "mature"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody types to start a project."""

    username: str
    name: str
    summary: str = ""
    stage: Stage = Stage.IDEA
    openness: Openness = Openness.MODERATED
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def check(self) -> None:
        """Raise :class:`Invalid` when the draft cannot become a project."""
        if not self.name.strip():
            raise Invalid("name", "Give the project a name.")
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            raise Invalid("ends_at", "The project must end after it begins.")


def stage_named(text: str) -> Stage:
    """Return the stage called *text*. Raises :class:`Invalid`."""
    try:
        return Stage(text.strip().lower())
    except ValueError:
        known = ", ".join(Stage)
        raise Invalid("stage", f"Unknown stage: choose one of {known}.") from None
