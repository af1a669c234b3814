"""The stages of a project, and what somebody types to start one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.links.model import Openness
from fedcommune.errors import Invalid

MAX_TASK: Final = 200
# Nobody reads a longer list; what is done can be taken away.
MAX_TASKS: Final = 500
CARRIERS: Final = frozenset({Kind.ASSOCIATION, Kind.BUSINESS, Kind.AUTHORITY, Kind.GROUP})


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


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
            raise Invalid("name", _("Give the project a name."))
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            raise Invalid("ends_at", _("The project must end after it begins."))


@dataclass(frozen=True, slots=True)
class Edit:
    """What a project is called and says of itself from now on; *carrier* and *parent*: or none."""

    name: str
    summary: str = ""
    openness: Openness = Openness.MODERATED
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    carrier: Account | None = None
    parent: Account | None = None

    def check(self) -> None:
        """Raise :class:`Invalid` for what needs a correction."""
        Draft("", self.name, starts_at=self.starts_at, ends_at=self.ends_at).check()
        if self.carrier is not None and self.carrier.kind not in CARRIERS:
            raise Invalid("carrier", _("An association, a shop or the town hall carries it."))
        if self.parent is not None and self.parent.kind is not Kind.PROJECT:
            raise Invalid("parent", _("Only a project has parts."))


@dataclass(frozen=True, slots=True)
class Task:
    """One row of ``commune.task``: something to do, by whom and until which day."""

    id: int
    project_id: int
    title: str
    doer_id: int | None
    due_on: date | None
    done_at: datetime | None
    created_by: int | None
    created_at: datetime


def title_of(text: str) -> str:
    """Return the title of a task, tidied. Raises :class:`Invalid`."""
    title = " ".join(text.replace("\x00", "").split())
    if not title:
        raise Invalid("title", _("Say what there is to do."))
    if len(title) > MAX_TASK:
        raise Invalid(
            "title", _("A task has at most {limit} characters: shorten it."), limit=MAX_TASK
        )
    return title


def stage_named(text: str) -> Stage:
    """Return the stage called *text*. Raises :class:`Invalid`."""
    try:
        return Stage(text.strip().lower())
    except ValueError:
        known = ", ".join(Stage)
        raise Invalid("stage", _("Unknown stage: choose one of {known}."), known=known) from None
