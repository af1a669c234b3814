"""What waits, what is attached, what streams and push services tell, as Mastodon documents it."""

from __future__ import annotations

import json
from typing import Any

from tests.mastodon.schemas import (
    MEDIA,
    STATUS,
    Check,
    address,
    count,
    identifier,
    listed,
    maybe,
    moment,
    number,
    one_of,
    shaped,
    text,
    truth,
)
from tests.mastodon.schemas_house import ANNOUNCEMENT
from tests.mastodon.schemas_people import CONVERSATION, NOTIFICATION

SCHEDULED = shaped(
    {
        "id": identifier,
        "scheduled_at": moment,
        "params": shaped(
            {
                "text": text,
                "poll": maybe(
                    shaped(
                        {
                            "options": listed(text),
                            "expires_in": count,
                            "multiple": truth,
                            "hide_totals": truth,
                        }
                    )
                ),
                "media_ids": maybe(listed(identifier)),
                "sensitive": maybe(truth),
                "spoiler_text": maybe(text),
                "visibility": one_of("public", "unlisted", "private", "direct"),
                "in_reply_to_id": maybe(number),
                "language": maybe(text),
                "application_id": maybe(number),
                "scheduled_at": maybe(moment),
                "idempotency": maybe(text),
                "with_rate_limit": truth,
            }
        ),
        "media_attachments": listed(MEDIA),
    }
)
TRANSLATION = shaped(
    {
        "content": text,
        "spoiler_text": text,
        "language": text,
        "poll": maybe(shaped({"id": identifier, "options": listed(shaped({"title": text}))})),
        "media_attachments": listed(shaped({"id": identifier, "description": text})),
        "detected_source_language": text,
        "provider": text,
    }
)
REFRESH = shaped(
    {
        "async_refresh": shaped(
            {"id": text, "status": one_of("running", "finished"), "result_count": maybe(count)}
        )
    }
)
OEMBED = shaped(
    {
        "type": one_of("rich"),
        "version": one_of("1.0"),
        "title": text,
        "author_name": text,
        "author_url": address,
        "provider_name": text,
        "provider_url": address,
        "cache_age": count,
        "html": text,
        "width": count,
        "height": maybe(count),
    }
)
_ALERTS = (
    *("mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update"),
    *("quote", "quoted_update", "admin.sign_up", "admin.report", "admin.claim"),
)
SUBSCRIPTION = shaped(
    {
        "id": identifier,
        "endpoint": address,
        "standard": truth,
        "server_key": text,
        "alerts": shaped(dict.fromkeys(_ALERTS, truth)),
        "policy": one_of("all", "followed", "follower", "none"),
    }
)
PUSHED = shaped(
    {
        "access_token": text,
        "preferred_locale": text,
        "notification_id": count,
        "notification_type": text,
        "icon": text,
        "title": text,
        "body": text,
    }
)


def _written(inner: Check) -> Check:
    """JSON within a text."""

    def check(value: Any, where: str) -> None:
        text(value, where)
        inner(json.loads(value), where)

    return check


def _nothing(value: Any, where: str) -> None:
    assert value in (None, "undefined"), f"{where}: {value!r} is something"


_EVENTS: dict[str, Check] = {
    "update": _written(STATUS),
    "status.update": _written(STATUS),
    "delete": identifier,
    "notification": _written(NOTIFICATION),
    "notifications_merged": text,
    "filters_changed": _nothing,
    "conversation": _written(CONVERSATION),
    "announcement": _written(ANNOUNCEMENT),
    "announcement.reaction": _written(
        shaped({"name": text, "count": count, "announcement_id": identifier})
    ),
    "announcement.delete": identifier,
}


def event(value: Any, where: str) -> None:
    """What a stream tells: the name of an event, and its payload."""
    shaped({"event": one_of(*_EVENTS)})(value, where)
    _EVENTS[value["event"]](value.get("payload"), f"{where}.{value['event']}")


def message(value: Any, where: str) -> None:
    """What a socket tells: an event and its stream, or what was wrong with what was said."""
    if "error" in value:
        shaped({"error": text, "status": number})(value, where)
        return
    shaped({"stream": listed(text)})(value, where)
    event(value, where)
