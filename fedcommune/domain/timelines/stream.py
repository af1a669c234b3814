"""The same, live: which streams there are, and what is heard of what changed.

Every change says so when it is kept (NOTIFY ``streams``, ids only: ``0018_streams.sql``). Each
process hears it on its :class:`Wire`, and asks ``queries.live`` which of its readers may be
told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.posts.model import hashtags
from fedcommune.errors import CommuneError

# What stands further back in the timelines than this is not news to anybody.
NEWS: Final = timedelta(hours=6)


class UnknownStream(CommuneError):
    """Unknown stream type"""


class Incomplete(CommuneError):
    """The stream needs a parameter"""


class Name(StrEnum):
    """The streams there are, in the words of the Mastodon API."""

    USER = "user"
    NOTIFICATIONS = "user:notification"
    PUBLIC = "public"
    PUBLIC_MEDIA = "public:media"
    LOCAL = "public:local"
    LOCAL_MEDIA = "public:local:media"
    REMOTE = "public:remote"
    REMOTE_MEDIA = "public:remote:media"
    HASHTAG = "hashtag"
    HASHTAG_LOCAL = "hashtag:local"
    LIST = "list"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream that somebody asked for: with a hashtag as it is stored, or a list."""

    name: Name
    tag: str = ""
    list_id: int = 0

    @property
    def scope(self) -> str:
        """What a token must cover to read it."""
        return "read:notifications" if self.name is Name.NOTIFICATIONS else "read:statuses"

    @property
    def is_public(self) -> bool:
        """Whether it shows what everybody says."""
        return self.name.startswith(("public", "hashtag"))

    @property
    def only_media(self) -> bool:
        return self.name.endswith(":media")

    @property
    def local(self) -> bool | None:
        """Only ours, only those of others, or both."""
        if ":local" in self.name:
            return True
        return False if ":remote" in self.name else None

    @property
    def label(self) -> list[str]:
        """How messages say which stream they belong to."""
        if self.name is Name.LIST:
            return [self.name, str(self.list_id)]
        return [self.name, self.tag] if self.tag else [self.name.value]


def named(name: str, *, tag: str = "", list_: str = "") -> Stream:
    """Return the stream of this *name*.

    Raises :class:`UnknownStream`, and :class:`Incomplete` without the hashtag or list it needs.
    """
    try:
        known = Name(name)
    except ValueError:
        raise UnknownStream from None
    if known in (Name.HASHTAG, Name.HASHTAG_LOCAL):
        names = hashtags([tag])
        if not names:
            raise Incomplete("Missing tag name parameter")
        return Stream(known, tag=names[0])
    if known is Name.LIST:
        if not (list_.isascii() and list_.isdecimal() and len(list_) < 20):
            raise Incomplete("Missing list name parameter")
        return Stream(known, list_id=min(int(list_), 2**63 - 1))
    return Stream(known)


class Kind(StrEnum):
    """What happened, as the database says it."""

    POST = "post"
    EDIT = "edit"
    GONE = "gone"
    BOOST = "boost"
    UNBOOST = "unboost"
    TOLD = "told"
    MERGED = "merged"
    FILTERS = "filters"
    CITIZEN = "citizen"
    ANNOUNCEMENT = "announcement"
    ANNOUNCEMENT_REACTION = "announcement.reaction"
    ANNOUNCEMENT_GONE = "announcement.delete"


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened: *words* are ids, and what little else is needed with them."""

    kind: Kind
    words: tuple[str, ...]

    @property
    def id(self) -> int:
        """The first id."""
        return int(self.words[0])


def read(payload: str) -> News | None:
    """Return what a NOTIFY says; None when it is no news of ours."""
    kind, *words = payload.split()[:500] or [""]
    return News(Kind(kind), tuple(words)) if kind in set(Kind) and words else None


class Wire:
    """Where one process hears what happened; whoever streams puts an ear to it."""

    def __init__(self) -> None:
        self._ears: list[Callable[[News | None], None]] = []

    def listen(self, ear: Callable[[News | None], None]) -> None:
        """Call *ear* with all news, and with None when some may have been missed."""
        self._ears.append(ear)

    def hear(self, payload: str | None) -> None:
        """Take in a notification of the channel ``streams``."""
        news = None if payload is None else read(payload)
        if payload is None or news is not None:
            for ear in self._ears:
                ear(news)

    def hear_of_citizen(self, payload: str | None) -> None:
        """Take in a notification of the channel ``citizens``: what they may do has changed."""
        if payload and payload.isascii() and payload.isdecimal():
            for ear in self._ears:
                ear(News(Kind.CITIZEN, (payload,)))


async def changed(db: Executor, post_id: int) -> None:
    """Tell readers that a post looks different now, although nobody edited it: a vote, a card.

    An edit says so itself.
    """
    await _tell(db, Kind.EDIT, post_id)


async def _tell(db: Executor, kind: Kind, *words: object) -> None:
    await db.execute("select pg_notify('streams', $1)", " ".join(map(str, (kind, *words))))
