"""What a report is, what was done about it, and what people were told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from fedcommune.domain.moderation.categories import Category

# From one domain, more reports than these are somebody's tantrum (W-ACT-Flag).
REPORTS_PER_DOMAIN: Final = 30
REPORTS_WITHIN: Final = timedelta(hours=1)
MAX_POSTS: Final = 100
MAX_CONTENT: Final = 5_000
MAX_TEXT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Report:
    """*reporter* finds that *account*, or some of its posts, needs a look. Times are UTC.

    The reporter is never shown to the reported, nor named when a report is forwarded.
    *assigned* looks into it, *closed_by* did; None when nobody, or nobody in particular.
    """

    id: int
    activity_id: str | None
    reporter_id: int
    account_id: int
    post_ids: tuple[int, ...]
    content: str
    created_at: datetime
    closed_at: datetime | None
    category: Category = "other"
    rule_ids: tuple[int, ...] = ()
    forwarded: bool = False
    assigned_id: int | None = None
    closed_by_id: int | None = None
    updated_at: datetime | None = None


class Action(StrEnum):
    """What is done about an account; the words are those of Mastodon's AccountWarning."""

    NONE = "none"
    SENSITIVE = "sensitive"
    DISABLE = "disable"
    SILENCE = "silence"
    SUSPEND = "suspend"
    MARK_POSTS = "mark_statuses_as_sensitive"
    DELETE_POSTS = "delete_statuses"


@dataclass(frozen=True, slots=True)
class Strike:
    """What *account* was told that the moderators did about it. Times are UTC."""

    id: int
    account_id: int
    by_id: int | None
    action: Action
    text: str
    report_id: int | None
    post_ids: tuple[int, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Severance:
    """That follows of somebody here were cut, because of *target*. Times are UTC."""

    id: int
    type: str
    target: str
    followers: int
    following: int
    created_at: datetime


class Measure(StrEnum):
    """What moderators do, as it stands in their log."""

    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    SILENCE = "silence"
    UNSILENCE = "unsilence"
    SENSITIVE = "sensitive"
    UNSENSITIVE = "unsensitive"
    DISABLE = "disable"
    ENABLE = "enable"
    WARN = "warn"
    APPROVE = "approve"
    REJECT = "reject"
    DELETE_DATA = "delete_data"
    GIVE_ROLE = "give_role"
    MARK_POSTS = "mark_posts"
    DELETE_POSTS = "delete_posts"
    CLOSE_REPORT = "close_report"
    REOPEN_REPORT = "reopen_report"
    ASSIGN_REPORT = "assign_report"
    UNASSIGN_REPORT = "unassign_report"
    CHANGE_REPORT = "change_report"
    BLOCK_HOST = "block_host"
    LIMIT_HOST = "limit_host"
    RESTRAIN_HOST = "restrain_host"
    ALLOW_HOST = "allow_host"
    NOTE_HOST = "note_host"
    STRIKE_HOST = "strike_host"
    BLOCK_EMAIL_DOMAIN = "block_email_domain"
    UNBLOCK_EMAIL_DOMAIN = "unblock_email_domain"
    BLOCK_EMAIL = "block_email"
    UNBLOCK_EMAIL = "unblock_email"
    BLOCK_ADDRESS = "block_address"
    CHANGE_ADDRESS = "change_address"
    UNBLOCK_ADDRESS = "unblock_address"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log: who did what, to whom or what, why. Times are UTC."""

    id: int
    kind: str
    by_id: int | None
    account_id: int | None
    host: str | None
    report_id: int | None
    about: str
    reason: str
    created_at: datetime
