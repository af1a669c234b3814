"""Posts of ours, as others read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from federation import documents
from federation.vocabulary import attachments, polls
from federation.vocabulary.attachments import Attachment
from federation.vocabulary.polls import Poll


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """Everything there is to say about a post of ours.

    *content* is HTML that is already clean; *source* is what was typed, of the media type
    *source_type*. *summary* is a content warning. *tags* come from
    :mod:`federation.vocabulary.tags`. *direct_flag* is False for a post of the audience
    "limited", so that others do not take it for a direct message (W-DOC-08).
    *extensions* are further words of ours, ``kind`` or ``cm:stage`` (product 8.0).
    """

    id: str
    author: str
    content: str
    published: datetime
    to: tuple[str, ...]
    cc: tuple[str, ...]
    url: str | None = None
    type: str = "Note"
    title: str = ""
    summary: str = ""
    sensitive: bool = False
    language: str | None = None
    updated: datetime | None = None
    in_reply_to: str | None = None
    context: str | None = None
    conversation: str | None = None
    audience: str | None = None
    direct_flag: bool | None = None
    source: str = ""
    source_type: str = "text/markdown"
    tags: tuple[Mapping[str, Any], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    poll: Poll | None = None
    replies: str | None = None
    likes: str | None = None
    shares: str | None = None
    extensions: Mapping[str, Any] | None = None


def write(draft: NoteDraft) -> dict[str, Any]:
    """Return the document of *draft*, without ``@context`` (see ``with_context``).

    A content warning makes a post sensitive. ``tag`` and ``attachment`` are always lists,
    the language is told by ``contentMap`` alone. Source: W-DOC-02, W-DOC-05 to W-DOC-08,
    W-DOC-10, OBJ-07, product 8.0.
    """
    source = {"content": draft.source, "mediaType": draft.source_type} if draft.source else None
    document: dict[str, Any] = {
        "id": draft.id,
        "type": "Question" if draft.poll is not None else draft.type,
        "attributedTo": draft.author,
        "to": list(draft.to),
        "cc": list(draft.cc),
        "audience": draft.audience,
        "directMessage": draft.direct_flag,
        "published": documents.timestamp(draft.published),
        "updated": documents.timestamp(draft.updated) if draft.updated else None,
        "url": draft.url or draft.id,
        "name": draft.title or None,
        "summary": draft.summary or None,
        "sensitive": draft.sensitive or bool(draft.summary and draft.type == "Note"),
        "content": draft.content,
        "contentMap": {draft.language: draft.content} if draft.language else None,
        "source": source,
        "inReplyTo": draft.in_reply_to,
        "context": draft.context,
        "conversation": draft.conversation or draft.context,
        "tag": [dict(tag) for tag in draft.tags],
        "attachment": [attachments.write(file) for file in draft.attachments],
        "replies": draft.replies,
        "likes": draft.likes,
        "shares": draft.shares,
        **(polls.write(draft.poll) if draft.poll is not None else {}),
        **(draft.extensions or {}),
    }
    return {name: value for name, value in document.items() if value is not None}


def tombstone(
    object_id: str, former_type: str | None = None, deleted: datetime | None = None
) -> dict[str, Any]:
    """Return what stays of a deleted object, without ``@context`` (W-DOC-12, OBJ-05)."""
    document: dict[str, Any] = {"id": object_id, "type": "Tombstone"}
    if former_type:
        document["formerType"] = former_type
    if deleted is not None:
        document["deleted"] = documents.timestamp(deleted)
    return document
