"""The entities about people, lists, filters and notifications, as Mastodon documents them."""

from __future__ import annotations

from tests.mastodon.schemas import (
    ACCOUNT,
    FIELD,
    STATUS,
    both,
    count,
    identifier,
    listed,
    maybe,
    moment,
    one_of,
    shaped,
    text,
    truth,
)

RELATIONSHIP = shaped(
    {
        "id": identifier,
        "following": truth,
        "showing_reblogs": truth,
        "notifying": truth,
        "languages": maybe(listed(text)),
        "followed_by": truth,
        "blocking": truth,
        "blocked_by": truth,
        "muting": truth,
        "muting_notifications": truth,
        "muting_expires_at": maybe(moment),
        "requested": truth,
        "requested_by": truth,
        "domain_blocking": truth,
        "endorsed": truth,
        "note": text,
    }
)


SOURCE = shaped(
    {
        "note": text,
        "fields": listed(FIELD),
        "privacy": one_of("public", "unlisted", "private", "direct"),
        "sensitive": truth,
        "language": maybe(text),
        "follow_requests_count": count,
        "hide_collections": maybe(truth),
        "discoverable": maybe(truth),
        "indexable": truth,
        "attribution_domains": listed(text),
        "quote_policy": one_of("public", "followers", "nobody"),
    }
)
ROLE = shaped({"name": text, "permissions": text, "color": text, "highlighted": truth})
CREDENTIAL = both(ACCOUNT, shaped({"source": SOURCE, "role": ROLE}))
MUTED = both(ACCOUNT, shaped({"mute_expires_at": maybe(moment)}))
FAMILIAR = shaped({"id": identifier, "accounts": listed(ACCOUNT)})
SUGGESTION = shaped({"source": text, "sources": listed(text), "account": ACCOUNT})
PREFERENCES = shaped(
    {
        "posting:default:visibility": one_of("public", "unlisted", "private", "direct"),
        "posting:default:sensitive": truth,
        "posting:default:language": maybe(text),
        "posting:default:quote_policy": one_of("public", "followers", "nobody"),
        "reading:expand:media": one_of("default", "show_all", "hide_all"),
        "reading:expand:spoilers": truth,
        "reading:autoplay:gifs": truth,
    }
)
LIST = shaped(
    {
        "id": identifier,
        "title": text,
        "replies_policy": one_of("followed", "list", "none"),
        "exclusive": truth,
    }
)
KEYWORD = shaped({"id": identifier, "keyword": text, "whole_word": truth})
FILTER_STATUS = shaped({"id": identifier, "status_id": identifier})
CONTEXTS = listed(one_of("home", "notifications", "public", "thread", "account"))
FILTER = shaped(
    {
        "id": identifier,
        "title": text,
        "context": CONTEXTS,
        "expires_at": maybe(moment),
        "filter_action": one_of("warn", "hide", "blur"),
        "keywords": listed(KEYWORD),
        "statuses": listed(FILTER_STATUS),
    }
)
FILTER_RESULT = shaped(
    {
        "filter": FILTER,
        "keyword_matches": maybe(listed(text)),
        "status_matches": maybe(listed(identifier)),
    }
)
FILTER_V1 = shaped(
    {
        "id": identifier,
        "phrase": text,
        "context": CONTEXTS,
        "expires_at": maybe(moment),
        "irreversible": truth,
        "whole_word": truth,
    }
)
REPORT = shaped(
    {
        "id": identifier,
        "action_taken": truth,
        "action_taken_at": maybe(moment),
        "category": one_of("spam", "legal", "violation", "other"),
        "comment": text,
        "forwarded": truth,
        "created_at": moment,
        "status_ids": maybe(listed(identifier)),
        "rule_ids": maybe(listed(identifier)),
        "target_account": ACCOUNT,
    }
)
NOTIFICATION = shaped(
    {
        "id": identifier,
        "type": text,
        "group_key": text,
        "created_at": moment,
        "account": ACCOUNT,
        "status": maybe(STATUS),
    }
)
GROUP = shaped(
    {
        "group_key": text,
        "notifications_count": count,
        "type": text,
        "most_recent_notification_id": identifier,
        "page_min_id": maybe(identifier),
        "page_max_id": maybe(identifier),
        "latest_page_notification_at": maybe(moment),
        "sample_account_ids": listed(identifier),
        "status_id": maybe(identifier),
    }
)
GROUPED = shaped(
    {
        "accounts": listed(ACCOUNT),
        "statuses": listed(STATUS),
        "notification_groups": listed(GROUP),
    }
)
_TREATMENT = one_of("accept", "filter", "drop")
POLICY = shaped(
    {
        "for_not_following": _TREATMENT,
        "for_not_followers": _TREATMENT,
        "for_new_accounts": _TREATMENT,
        "for_private_mentions": _TREATMENT,
        "for_limited_accounts": _TREATMENT,
        "summary": shaped({"pending_requests_count": count, "pending_notifications_count": count}),
    }
)
REQUEST = shaped(
    {
        "id": identifier,
        "created_at": moment,
        "updated_at": moment,
        "notifications_count": text,
        "account": ACCOUNT,
        "last_status": maybe(STATUS),
    }
)
CONVERSATION = shaped(
    {
        "id": identifier,
        "unread": truth,
        "accounts": listed(ACCOUNT),
        "last_status": maybe(STATUS),
    }
)
