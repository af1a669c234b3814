"""The shapes of the API: what accounts and posts are made of (Mastodon 4.5)."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct


class CustomEmoji(Struct, frozen=True, kw_only=True):
    """A small picture that stands for ``:shortcode:``."""

    shortcode: str
    url: str
    static_url: str
    visible_in_picker: bool = True
    category: str | None = None


class MediaAttachment(Struct, frozen=True, kw_only=True):
    """A picture, sound or film. *meta* has sizes, ``focus``, duration; *url* null while made."""

    id: str
    type: Literal["unknown", "image", "gifv", "video", "audio"]
    url: str | None
    preview_url: str | None
    remote_url: str | None = None
    preview_remote_url: str | None = None
    text_url: str | None = None
    meta: dict[str, Any] | None = None
    description: str | None = None
    blurhash: str | None = None


class Mention(Struct, frozen=True, kw_only=True):
    """Somebody named in a status."""

    id: str
    username: str
    url: str
    acct: str


class ShallowTag(Struct, frozen=True, kw_only=True):
    """A hashtag in a status."""

    name: str
    url: str


class History(Struct, frozen=True, kw_only=True):
    """How often something was used on a *day* (seconds since 1970); all are texts."""

    day: str
    uses: str
    accounts: str


class Tag(Struct, frozen=True, kw_only=True):
    """A hashtag by itself."""

    id: str
    name: str
    url: str
    history: list[History] = []
    following: bool = False
    featuring: bool = False


class PollOption(Struct, frozen=True, kw_only=True):
    """One answer to choose; *votes_count* is null while hidden."""

    title: str
    votes_count: int | None = None


class Poll(Struct, frozen=True, kw_only=True):
    """A question with answers to choose."""

    id: str
    expires_at: str | None
    expired: bool
    multiple: bool
    votes_count: int
    voters_count: int | None
    options: list[PollOption]
    emojis: list[CustomEmoji] = []
    voted: bool = False
    own_votes: list[int] = []


class FilterKeyword(Struct, frozen=True, kw_only=True):
    """A word that a filter looks for."""

    id: str
    keyword: str
    whole_word: bool


class FilterStatus(Struct, frozen=True, kw_only=True):
    """A status that a filter holds back."""

    id: str
    status_id: str


class Filter(Struct, frozen=True, kw_only=True):
    """What somebody does not want to read, and where."""

    id: str
    title: str
    context: list[str]
    expires_at: str | None
    filter_action: Literal["warn", "hide", "blur"]
    keywords: list[FilterKeyword] = []
    statuses: list[FilterStatus] = []


class FilterResult(Struct, frozen=True, kw_only=True):
    """Why a status is held back."""

    filter: Filter
    keyword_matches: list[str] | None = None
    status_matches: list[str] | None = None


class QuoteApproval(Struct, frozen=True, kw_only=True):
    """Who may quote a status."""

    automatic: list[str] = []
    manual: list[str] = []
    current_user: Literal["automatic", "manual", "denied", "unknown"] = "denied"


class StatusApplication(Struct, frozen=True, kw_only=True):
    """With what a status was written."""

    name: str
    website: str | None = None
