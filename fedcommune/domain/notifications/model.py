"""What a notification is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What happened. The words are those of the Mastodon API where it has one."""

    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    MENTION = "mention"
    REPLY = "reply"
    FAVOURITE = "favourite"
    REBLOG = "reblog"
    UPDATE = "update"
    POLL = "poll"
    QUOTE = "quote"
    QUOTED_UPDATE = "quoted_update"
    INVITE = "invite"
    JOIN_REQUEST = "join_request"
    JOINED = "joined"
    LEFT = "left"
    PROJECT_UPDATE = "project_update"
    MOVE = "move"
    REPORT = "report"
    ADDED_TO_COLLECTION = "added_to_collection"
    COLLECTION_UPDATE = "collection_update"
    MODERATION_WARNING = "moderation_warning"
    SEVERED_RELATIONSHIPS = "severed_relationships"
    NOTICE = "notice"
    ADMIN_REPORT = "admin.report"
    ADMIN_SIGN_UP = "admin.sign_up"
    ADMIN_CLAIM = "admin.claim"
    OFFER_ENDING = "offer_ending"
    HELP_OFFERED = "help_offered"
    EVENT_REQUEST = "event_request"
    EVENT_JOINED = "event_joined"
    EVENT_ANSWER = "event_answer"
    EVENT_UPDATE = "event_update"
    EVENT_TOMORROW = "event_tomorrow"
    EVENT_SOON = "event_soon"


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing somebody here was told. Times are UTC.

    ``about_id`` is the strike, report, severance or claim that it is about, when it is about one.
    """

    id: int
    account_id: int
    kind: Kind
    from_id: int
    post_id: int | None
    created_at: datetime
    read_at: datetime | None
    collection_id: int | None = None
    about_id: int | None = None


def alert(kind: Kind) -> str:
    """Return how apps call *kind*: an answer names whom it answers, a notice is a new post."""
    return {Kind.REPLY: Kind.MENTION.value, Kind.NOTICE: "status"}.get(kind, kind.value)
