"""What a report is, and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# From one domain, more reports than these are somebody's tantrum (W-ACT-Flag).
REPORTS_PER_DOMAIN: Final = 30
REPORTS_WITHIN: Final = timedelta(hours=1)
MAX_POSTS: Final = 100
MAX_CONTENT: Final = 5_000


@dataclass(frozen=True, slots=True)
class Report:
    """*reporter* finds that *account*, or some of its posts, needs a look. Times are UTC.

    The reporter is never shown to the reported, nor named when a report is forwarded.
    """

    id: int
    activity_id: str | None
    reporter_id: int
    account_id: int
    post_ids: tuple[int, ...]
    content: str
    created_at: datetime
    closed_at: datetime | None


class Measure(StrEnum):
    """What moderators do."""

    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    BLOCK_HOST = "block_host"
    LIMIT_HOST = "limit_host"
    ALLOW_HOST = "allow_host"
    CLOSE_REPORT = "close_report"
