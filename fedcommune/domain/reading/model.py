"""What a reader keeps for themselves: nobody else is told of any of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from fedcommune.domain.accounts.model import Account, Tally
from fedcommune.domain.posts.model import Attachment, Post
from fedcommune.domain.quotes.model import UNQUOTED, Around

MAX_FOLLOWED_TAGS: Final = 1_000
MAX_FEATURED_TAGS: Final = 10
# A request that is repeated within this time with the same key is the same request.
SAME_REQUEST: Final = timedelta(hours=1)
MAX_KEY: Final = 255
# How many days the use of a hashtag is told for.
DAYS: Final = 7


class Timeline(StrEnum):
    """Where a marker may stand."""

    HOME = "home"
    NOTIFICATIONS = "notifications"


@dataclass(frozen=True, slots=True)
class Marker:
    """How far somebody read. ``version`` grows with each move."""

    timeline: Timeline
    last_read_id: int
    version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A post in a list of its own order: ``cursor`` pages it."""

    cursor: int
    post: Post


@dataclass(frozen=True, slots=True)
class Named:
    """A person whom a post names in its text."""

    id: int
    username: str
    domain: str
    local: bool
    url: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is shown with a post: files, who is named, who is answered, what the reader did.

    ``quotes`` is what it quotes and who may quote it, ``author`` who wrote it. ``filters`` says
    that the reader has some, whatever they hold back.
    """

    author: tuple[Account, Tally] | None = None
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[Named, ...] = ()
    answered_id: int | None = None
    liked: bool = False
    boosted: bool = False
    bookmarked: bool = False
    muted: bool = False
    pinned: bool = False
    filters: bool = False
    quotes: Around = UNQUOTED

    @property
    def sensitised(self) -> bool:
        """Whether moderators put all of its author behind a warning."""
        return self.author is not None and self.author[0].sensitised_at is not None


@dataclass(frozen=True, slots=True)
class Use:
    """How often a hashtag or an address stood in public posts on one *day*, by how many."""

    day: date
    uses: int
    accounts: int


@dataclass(frozen=True, slots=True)
class FeaturedTag:
    """A hashtag that an account shows on its profile."""

    id: int
    name: str
    uses: int
    last_used_at: datetime | None
