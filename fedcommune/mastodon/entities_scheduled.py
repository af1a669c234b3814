"""The shapes of the API: statuses that wait for their moment."""

from __future__ import annotations

from msgspec import Struct

from fedcommune.mastodon.entities_parts import MediaAttachment


class ScheduledPoll(Struct, frozen=True, kw_only=True):
    """What will be asked; *expires_in* is in seconds, from then on."""

    options: list[str]
    expires_in: int
    multiple: bool
    hide_totals: bool


class ScheduledParams(Struct, frozen=True, kw_only=True):
    """What was asked for."""

    text: str
    poll: ScheduledPoll | None = None
    media_ids: list[str] | None = None
    sensitive: bool | None = None
    spoiler_text: str | None = None
    visibility: str
    in_reply_to_id: int | None = None
    language: str | None = None
    application_id: int | None = None
    scheduled_at: str | None = None
    idempotency: str | None = None
    with_rate_limit: bool = False


class ScheduledStatus(Struct, frozen=True, kw_only=True):
    """A status that waits."""

    id: str
    scheduled_at: str
    params: ScheduledParams
    media_attachments: list[MediaAttachment] = []
