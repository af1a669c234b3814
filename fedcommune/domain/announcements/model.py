"""What an announcement is, and what may be answered to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from fedcommune.errors import Invalid


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


MAX_TEXT: Final = 5_000
# How many different emojis one announcement gathers.
MAX_REACTIONS: Final = 8

# An emoji of Unicode (UTS #51): a keycap, a flag, or signs joined to one. Bounded, and each
# alternative begins differently.
_SIGN: Final = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe"
    "\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f004-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
    "\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]{0,8}"
)
_EMOJI: Final = re.compile(
    f"[0-9#*]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{{2}}|{_SIGN}(?:\u200d{_SIGN}){{0,6}}"
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is announced; times are UTC.

    ``starts_at`` and ``ends_at`` are those of what it is about, whole days when *all_day*.
    It shows from ``published_at`` on, until what it is about ends or it was ``ended_at``.
    ``mentions`` and ``posts`` are the ids of whom and what the text names.
    """

    id: int
    text: str
    content: str
    starts_at: datetime | None
    ends_at: datetime | None
    all_day: bool
    mentions: tuple[int, ...]
    posts: tuple[int, ...]
    tags: tuple[str, ...]
    about_id: int | None
    published_at: datetime
    updated_at: datetime
    ended_at: datetime | None

    def is_current(self, now: datetime) -> bool:
        """Whether it shows at *now*, as the query for current ones says it in SQL."""
        ends = [each for each in (self.ends_at, self.ended_at) if each is not None]
        return self.published_at <= now and all(now < each for each in ends)


@dataclass(frozen=True, slots=True)
class Taken:
    """How people took an announcement: each emoji with how many gave it, in order of arrival."""

    read: bool = False
    reactions: tuple[tuple[str, int, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """When something is, and whether hours count."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    all_day: bool = False


def span(begins: str, ends: str, zone: str) -> Span:
    """Return when something is: ``2026-10-05`` or ``2026-10-05T14:30``, in the time of *zone*.

    Days alone are whole ones, the last included. Raises Invalid.
    """
    starts_at, whole_begin = _instant("from", begins, zone, last=False)
    ends_at, whole_end = _instant("until", ends, zone, last=True)
    if starts_at is not None and ends_at is not None and ends_at < starts_at:
        raise Invalid("until", _("It ends before it begins: check both."))
    said = [whole for text, whole in ((begins, whole_begin), (ends, whole_end)) if text]
    return Span(starts_at, ends_at, bool(said) and all(said))


def _instant(field: str, text: str, zone: str, *, last: bool) -> tuple[datetime | None, bool]:
    text = text.strip()
    if not text:
        return None, False
    try:
        if len(text) == len("2026-10-05"):
            day = date.fromisoformat(text)
            hour = time(23, 59, 59) if last else time()
            return datetime.combine(day, hour, ZoneInfo(zone)), True
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(field, _("Write a day like 2026-10-05, or 2026-10-05T14:30.")) from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone)), False


def check_emoji(name: str) -> str:
    """Return *name* when it is one emoji of Unicode. Raises Invalid."""
    if not _EMOJI.fullmatch(name):
        raise Invalid("name", _("Name is not a recognized emoji"))
    return name
