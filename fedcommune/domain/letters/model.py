"""About what letters are written, how soon, and at which hour of the commune."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from fedcommune.domain.notifications.model import Kind
from fedcommune.domain.posts.official import Severity
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


class Pace(StrEnum):
    """How soon a letter is written."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class Subject(StrEnum):
    """About what one decides. ``COMMUNE`` is the week of the commune, weekly or never."""

    DANGER = "danger"
    ATTENTION = "attention"
    INFORMATION = "information"
    MESSAGES = "messages"
    MENTIONS = "mentions"
    REQUESTS = "requests"
    FOLLOWERS = "followers"
    APPROVAL = "approval"
    CHANGES = "changes"
    MODERATION = "moderation"
    COMMUNE = "commune"


# What one has who decided nothing.
USUAL: Final[Mapping[Subject, Pace]] = {
    Subject.DANGER: Pace.AT_ONCE,
    Subject.ATTENTION: Pace.DAILY,
    Subject.INFORMATION: Pace.WEEKLY,
    Subject.MESSAGES: Pace.AT_ONCE,
    Subject.MENTIONS: Pace.AT_ONCE,
    Subject.REQUESTS: Pace.AT_ONCE,
    Subject.FOLLOWERS: Pace.WEEKLY,
    Subject.APPROVAL: Pace.WEEKLY,
    Subject.CHANGES: Pace.WEEKLY,
    Subject.MODERATION: Pace.DAILY,
    Subject.COMMUNE: Pace.NEVER,
}
LABELS: Final[Mapping[Subject, str]] = {
    Subject.DANGER: _("Official notices: danger"),
    Subject.ATTENTION: _("Official notices: attention"),
    Subject.INFORMATION: _("Official notices: information"),
    Subject.MESSAGES: _("Messages to you alone"),
    Subject.MENTIONS: _("Who mentions, answers or quotes you"),
    Subject.REQUESTS: _("Who asks to follow you or to take part, and invites you"),
    Subject.FOLLOWERS: _("Who follows you"),
    Subject.APPROVAL: _("Who likes or boosts what you wrote"),
    Subject.CHANGES: _("Polls that end, projects that move on, changes"),
    Subject.MODERATION: _("What moderators should look at"),
    Subject.COMMUNE: _("The week of the commune"),
}
PACES: Final[Mapping[Pace, str]] = {
    Pace.AT_ONCE: _("At once"),
    Pace.DAILY: _("Once a day"),
    Pace.WEEKLY: _("Once a week"),
    Pace.NEVER: _("Never"),
}
_SUBJECTS: Final[Mapping[Kind, Subject]] = {
    Kind.MENTION: Subject.MENTIONS,
    Kind.REPLY: Subject.MENTIONS,
    Kind.QUOTE: Subject.MENTIONS,
    Kind.FOLLOW_REQUEST: Subject.REQUESTS,
    Kind.INVITE: Subject.REQUESTS,
    Kind.JOIN_REQUEST: Subject.REQUESTS,
    Kind.FOLLOW: Subject.FOLLOWERS,
    Kind.FAVOURITE: Subject.APPROVAL,
    Kind.REBLOG: Subject.APPROVAL,
    Kind.ADDED_TO_COLLECTION: Subject.APPROVAL,
    Kind.UPDATE: Subject.CHANGES,
    Kind.POLL: Subject.CHANGES,
    Kind.QUOTED_UPDATE: Subject.CHANGES,
    Kind.COLLECTION_UPDATE: Subject.CHANGES,
    Kind.JOINED: Subject.CHANGES,
    Kind.LEFT: Subject.CHANGES,
    Kind.PROJECT_UPDATE: Subject.CHANGES,
    Kind.MOVE: Subject.CHANGES,
    Kind.SEVERED_RELATIONSHIPS: Subject.CHANGES,
    Kind.REPORT: Subject.MODERATION,
    Kind.ADMIN_REPORT: Subject.MODERATION,
    Kind.ADMIN_SIGN_UP: Subject.MODERATION,
    Kind.ADMIN_CLAIM: Subject.MODERATION,
}
_NOTICES: Final[Mapping[Severity, Subject]] = {
    Severity.DANGER: Subject.DANGER,
    Severity.ATTENTION: Subject.ATTENTION,
    Severity.INFO: Subject.INFORMATION,
}
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Hours:
    """When gathered letters leave: at *hour* in *zone*, the weekly ones on *weekday*."""

    zone: str
    hour: int
    weekday: str

    def next(self, pace: Pace, now: datetime) -> datetime:
        """Return the next moment (UTC) of a daily or weekly letter, after *now*."""
        return next(each for each in self._moments(pace, now, 1) if each > now)

    def last(self, pace: Pace, now: datetime) -> datetime:
        """Return the latest moment (UTC) of a daily or weekly letter that has come."""
        return next(each for each in self._moments(pace, now, -1) if each <= now)

    def _moments(self, pace: Pace, now: datetime, way: int) -> list[datetime]:
        zone = ZoneInfo(self.zone)
        today = now.astimezone(zone).date()
        days = [today + timedelta(days=way * number) for number in range(9)]
        return [
            datetime.combine(day, time(self.hour), zone).astimezone(UTC)
            for day in days
            if pace is Pace.DAILY or WEEKDAYS[day.weekday()] == self.weekday
        ]


def subject_of(
    kind: Kind, visibility: Visibility | None, severity: Severity | None
) -> Subject | None:
    """Return about what a notification is; None for what has a letter of its own.

    *visibility* is that of the post it is about, *severity* that of the notice.
    """
    if kind is Kind.NOTICE:
        return None if severity is None else _NOTICES[severity]
    subject = _SUBJECTS.get(kind)
    private = visibility in (Visibility.DIRECT, Visibility.LIMITED)
    return Subject.MESSAGES if subject is Subject.MENTIONS and private else subject


def check(subject: str, pace: str) -> tuple[Subject, Pace]:
    """Return what somebody chose. Raises Invalid for what cannot be chosen."""
    if subject not in set(Subject):
        raise Invalid("subject", _("Choose one of {choices}."), choices=", ".join(Subject))
    if pace not in set(Pace):
        raise Invalid("pace", _("Choose one of {choices}."), choices=", ".join(Pace))
    if Subject(subject) is Subject.COMMUNE and Pace(pace) not in (Pace.WEEKLY, Pace.NEVER):
        raise Invalid("pace", _("The week of the commune comes once a week, or never."))
    return Subject(subject), Pace(pace)
