"""The shapes of the API: what the commune announces (Mastodon 4.5)."""

from __future__ import annotations

from msgspec import Struct

from fedcommune.mastodon.entities import CustomEmoji, Mention, ShallowTag


class LinkedStatus(Struct, frozen=True, kw_only=True):
    """A status that an announcement leads to."""

    id: str
    url: str


class Reaction(Struct, frozen=True, kw_only=True):
    """An emoji, how many gave it, and whether the caller did; addresses of a picture of ours."""

    name: str
    count: int
    me: bool
    url: str | None = None
    static_url: str | None = None


class Announcement(Struct, frozen=True, kw_only=True):
    """What is announced to everybody here; *content* is HTML."""

    id: str
    content: str
    starts_at: str | None
    ends_at: str | None
    all_day: bool
    published_at: str
    updated_at: str
    read: bool
    mentions: list[Mention] = []
    statuses: list[LinkedStatus] = []
    tags: list[ShallowTag] = []
    emojis: list[CustomEmoji] = []
    reactions: list[Reaction] = []
