"""What a stranger's document says, cleaned and cut, ready to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fedcommune.domain.posts.model import (
    EARLIEST,
    MAX_CONTENT,
    MAX_MENTIONS,
    MAX_TAGS,
    MAX_TITLE,
    MAX_WARNING,
    Post,
    hashtags,
)
from fedcommune.domain.visibility import Visibility
from fedcommune.text import html
from federation import documents
from federation.vocabulary.notes import NoteView


def said(view: NoteView, visibility: Visibility) -> Post:
    """Return what a post says, cleaned (SEC-XSS-01); the rest is for the caller to fill in."""
    return Post(
        id=0,
        object_id=view.id,
        url=view.url,
        local=False,
        author_id=0,
        type=view.type,
        visibility=visibility,
        title=view.title[:MAX_TITLE],
        content=html.clean(view.content[:MAX_CONTENT]),
        source="",
        summary=view.summary[:MAX_WARNING],
        sensitive=view.sensitive or bool(view.summary),
        language=view.language,
        in_reply_to=None,
        parent_id=None,
        conversation=None,
        tags=_tags(view),
        replies_count=0,
        likes_count=0,
        shares_count=0,
        published_at=EARLIEST,
        edited_at=None,
        received_at=EARLIEST,
        deleted_at=None,
    )


def _tags(view: NoteView) -> tuple[dict[str, Any], ...]:
    """Return the tags worth keeping, rebuilt from what was understood of them (SEC-DOS-05)."""
    links = [
        href
        for tag in documents.many(view.document.get("tag"))[:MAX_TAGS]
        if isinstance(tag, Mapping)
        and "Link" in documents.types(tag)
        and (href := documents.link(tag.get("href"))) is not None
    ]
    tags: list[dict[str, Any]] = [
        *(
            {"type": "Mention", "href": each.href, "name": each.name}
            for each in view.mentions[:MAX_MENTIONS]
        ),
        *({"type": "Hashtag", "name": f"#{name}"} for name in hashtags(view.hashtags)),
        *(
            {"type": "Emoji", "name": f":{each.shortcode}:", "icon": {"url": each.url}}
            for each in view.emojis[:MAX_TAGS]
        ),
        *({"type": "Link", "href": href} for href in links),
    ]
    return tuple(tags[: 2 * MAX_TAGS])
