"""What each endpoint answers when all went well: one line each, as Mastodon documents it.

An endpoint without a line here fails whatever test calls it, and ``test_every_answer.py``.
A new one is added by its line in :data:`ANSWERS`, and by a call in ``every_call.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from fedcommune.mastodon.app import ENDPOINTS
from fedcommune.mastodon.call import Endpoint
from tests.mastodon import schemas as s
from tests.mastodon import schemas_house as house
from tests.mastodon import schemas_people as people
from tests.mastodon.schemas import Check, count, listed, shaped, text, truth

_ACCOUNTS: Final = listed(s.ACCOUNT)
_STATUSES: Final = listed(s.STATUS)
_COUNT: Final = shaped({"count": count})

ANSWERS: Final[dict[str, Check]] = {
    # The server
    "GET /api/v1/instance": house.INSTANCE_V1,
    "GET /api/v2/instance": house.INSTANCE,
    "GET /api/v1/instance/rules": listed(house.RULE),
    "GET /api/v1/instance/peers": listed(text),
    "GET /api/v1/instance/activity": listed(house.WEEK),
    "GET /api/v1/instance/domain_blocks": listed(house.DOMAIN_BLOCK),
    "GET /api/v1/instance/extended_description": house.EXTENDED_DESCRIPTION,
    "GET /api/v1/instance/privacy_policy": house.PRIVACY_POLICY,
    "GET /api/v1/instance/terms_of_service": house.TERMS,
    "GET /api/v1/instance/terms_of_service/{date}": house.TERMS,
    "GET /api/v1/instance/translation_languages": s.mapped(listed(text)),
    "GET /api/v1/announcements": listed(house.ANNOUNCEMENT),
    "GET /api/v1/custom_emojis": listed(s.EMOJI),
    # Applications
    "POST /api/v1/apps": house.CREDENTIAL_APPLICATION,
    "GET /api/v1/apps/verify_credentials": house.APPLICATION,
    "POST /oauth/token": house.TOKEN,
    "POST /oauth/revoke": house.nothing,
    "GET /oauth/userinfo": house.USERINFO,
    "POST /oauth/userinfo": house.USERINFO,
    "GET /.well-known/oauth-authorization-server": house.METADATA,
    # One's own account
    "GET /api/v1/accounts/verify_credentials": people.CREDENTIAL,
    "PATCH /api/v1/accounts/update_credentials": people.CREDENTIAL,
    "DELETE /api/v1/profile/avatar": people.CREDENTIAL,
    "DELETE /api/v1/profile/header": people.CREDENTIAL,
    "GET /api/v1/preferences": people.PREFERENCES,
    # Accounts
    "GET /api/v1/accounts": _ACCOUNTS,
    "GET /api/v1/accounts/lookup": s.ACCOUNT,
    "GET /api/v1/accounts/search": _ACCOUNTS,
    "GET /api/v1/accounts/familiar_followers": listed(people.FAMILIAR),
    "GET /api/v1/accounts/relationships": listed(people.RELATIONSHIP),
    "GET /api/v1/accounts/{id}": s.ACCOUNT,
    "GET /api/v1/accounts/{id}/followers": _ACCOUNTS,
    "GET /api/v1/accounts/{id}/following": _ACCOUNTS,
    "GET /api/v1/accounts/{id}/endorsements": _ACCOUNTS,
    "GET /api/v1/accounts/{id}/statuses": _STATUSES,
    "GET /api/v1/accounts/{id}/lists": listed(people.LIST),
    "GET /api/v1/accounts/{id}/featured_tags": listed(s.FEATURED_TAG),
    "POST /api/v1/accounts/{id}/follow": people.RELATIONSHIP,
    "POST /api/v1/accounts/{id}/unfollow": people.RELATIONSHIP,
    "POST /api/v1/accounts/{id}/remove_from_followers": people.RELATIONSHIP,
    "POST /api/v1/accounts/{id}/block": people.RELATIONSHIP,
    "POST /api/v1/accounts/{id}/unblock": people.RELATIONSHIP,
    "POST /api/v1/accounts/{id}/mute": people.RELATIONSHIP,
    "POST /api/v1/accounts/{id}/unmute": people.RELATIONSHIP,
    "POST /api/v1/accounts/{id}/note": people.RELATIONSHIP,
    "POST /api/v1/accounts/{id}/endorse": people.RELATIONSHIP,
    "POST /api/v1/accounts/{id}/unendorse": people.RELATIONSHIP,
    "POST /api/v1/accounts/{id}/pin": people.RELATIONSHIP,
    "POST /api/v1/accounts/{id}/unpin": people.RELATIONSHIP,
    "GET /api/v1/endorsements": _ACCOUNTS,
    "GET /api/v1/suggestions": _ACCOUNTS,
    "GET /api/v2/suggestions": listed(people.SUGGESTION),
    "DELETE /api/v1/suggestions/{id}": house.nothing,
    "GET /api/v1/directory": _ACCOUNTS,
    "GET /api/v1/follow_requests": _ACCOUNTS,
    "POST /api/v1/follow_requests/{id}/authorize": people.RELATIONSHIP,
    "POST /api/v1/follow_requests/{id}/reject": people.RELATIONSHIP,
    "GET /api/v1/blocks": _ACCOUNTS,
    "GET /api/v1/mutes": listed(people.MUTED),
    "GET /api/v1/domain_blocks": listed(text),
    "POST /api/v1/domain_blocks": house.nothing,
    "DELETE /api/v1/domain_blocks": house.nothing,
    "POST /api/v1/reports": people.REPORT,
    # Statuses
    "POST /api/v1/statuses": s.STATUS,
    "GET /api/v1/statuses": _STATUSES,
    "GET /api/v1/statuses/{id}": s.STATUS,
    "PUT /api/v1/statuses/{id}": s.STATUS,
    "DELETE /api/v1/statuses/{id}": s.STATUS,
    "GET /api/v1/statuses/{id}/context": s.CONTEXT,
    "GET /api/v1/statuses/{id}/history": listed(s.EDIT),
    "GET /api/v1/statuses/{id}/source": s.SOURCE_TEXT,
    "GET /api/v1/statuses/{id}/favourited_by": _ACCOUNTS,
    "GET /api/v1/statuses/{id}/reblogged_by": _ACCOUNTS,
    "POST /api/v1/statuses/{id}/favourite": s.STATUS,
    "POST /api/v1/statuses/{id}/unfavourite": s.STATUS,
    "POST /api/v1/statuses/{id}/reblog": s.STATUS,
    "POST /api/v1/statuses/{id}/unreblog": s.STATUS,
    "POST /api/v1/statuses/{id}/bookmark": s.STATUS,
    "POST /api/v1/statuses/{id}/unbookmark": s.STATUS,
    "POST /api/v1/statuses/{id}/pin": s.STATUS,
    "POST /api/v1/statuses/{id}/unpin": s.STATUS,
    "POST /api/v1/statuses/{id}/mute": s.STATUS,
    "POST /api/v1/statuses/{id}/unmute": s.STATUS,
    "GET /api/v1/bookmarks": _STATUSES,
    "GET /api/v1/favourites": _STATUSES,
    # Timelines
    "GET /api/v1/timelines/home": _STATUSES,
    "GET /api/v1/timelines/public": _STATUSES,
    "GET /api/v1/timelines/tag/{hashtag}": _STATUSES,
    "GET /api/v1/timelines/link": _STATUSES,
    "GET /api/v1/timelines/list/{list_id}": _STATUSES,
    "GET /api/v1/markers": house.optional({"home": s.MARKER, "notifications": s.MARKER}),
    "POST /api/v1/markers": house.optional({"home": s.MARKER, "notifications": s.MARKER}),
    "GET /api/v1/trends": listed(s.TAG),
    "GET /api/v1/trends/tags": listed(s.TAG),
    "GET /api/v1/trends/links": listed(house.TRENDS_LINK),
    "GET /api/v1/trends/statuses": _STATUSES,
    "GET /api/v2/search": s.SEARCH,
    # Tags
    "GET /api/v1/tags/{name}": s.TAG,
    "POST /api/v1/tags/{name}/follow": s.TAG,
    "POST /api/v1/tags/{name}/unfollow": s.TAG,
    "POST /api/v1/tags/{name}/feature": s.TAG,
    "POST /api/v1/tags/{name}/unfeature": s.TAG,
    "GET /api/v1/followed_tags": listed(s.TAG),
    "GET /api/v1/featured_tags": listed(s.FEATURED_TAG),
    "POST /api/v1/featured_tags": s.FEATURED_TAG,
    "DELETE /api/v1/featured_tags/{id}": house.nothing,
    "GET /api/v1/featured_tags/suggestions": listed(s.TAG),
    # Lists
    "GET /api/v1/lists": listed(people.LIST),
    "POST /api/v1/lists": people.LIST,
    "GET /api/v1/lists/{id}": people.LIST,
    "PUT /api/v1/lists/{id}": people.LIST,
    "DELETE /api/v1/lists/{id}": house.nothing,
    "GET /api/v1/lists/{id}/accounts": _ACCOUNTS,
    "POST /api/v1/lists/{id}/accounts": house.nothing,
    "DELETE /api/v1/lists/{id}/accounts": house.nothing,
    # Filters
    "GET /api/v2/filters": listed(people.FILTER),
    "POST /api/v2/filters": people.FILTER,
    "GET /api/v2/filters/{id}": people.FILTER,
    "PUT /api/v2/filters/{id}": people.FILTER,
    "DELETE /api/v2/filters/{id}": house.nothing,
    "GET /api/v2/filters/{id}/keywords": listed(people.KEYWORD),
    "POST /api/v2/filters/{id}/keywords": people.KEYWORD,
    "GET /api/v2/filters/{id}/statuses": listed(people.FILTER_STATUS),
    "POST /api/v2/filters/{id}/statuses": people.FILTER_STATUS,
    "GET /api/v2/filters/keywords/{id}": people.KEYWORD,
    "PUT /api/v2/filters/keywords/{id}": people.KEYWORD,
    "DELETE /api/v2/filters/keywords/{id}": house.nothing,
    "GET /api/v2/filters/statuses/{id}": people.FILTER_STATUS,
    "DELETE /api/v2/filters/statuses/{id}": house.nothing,
    "GET /api/v1/filters": listed(people.FILTER_V1),
    "POST /api/v1/filters": people.FILTER_V1,
    "GET /api/v1/filters/{id}": people.FILTER_V1,
    "PUT /api/v1/filters/{id}": people.FILTER_V1,
    "DELETE /api/v1/filters/{id}": house.nothing,
    # Conversations and notifications
    "GET /api/v1/conversations": listed(people.CONVERSATION),
    "POST /api/v1/conversations/{id}/read": people.CONVERSATION,
    "DELETE /api/v1/conversations/{id}": house.nothing,
    "GET /api/v1/notifications": listed(people.NOTIFICATION),
    "POST /api/v1/notifications/clear": house.nothing,
    "GET /api/v1/notifications/unread_count": _COUNT,
    "GET /api/v1/notifications/{id}": people.NOTIFICATION,
    "POST /api/v1/notifications/{id}/dismiss": house.nothing,
    "GET /api/v1/notifications/requests": listed(people.REQUEST),
    "GET /api/v1/notifications/requests/merged": shaped({"merged": truth}),
    "POST /api/v1/notifications/requests/accept": house.nothing,
    "POST /api/v1/notifications/requests/dismiss": house.nothing,
    "GET /api/v1/notifications/requests/{id}": people.REQUEST,
    "POST /api/v1/notifications/requests/{id}/accept": house.nothing,
    "POST /api/v1/notifications/requests/{id}/dismiss": house.nothing,
    "GET /api/v2/notifications": people.GROUPED,
    "GET /api/v2/notifications/policy": people.POLICY,
    "PATCH /api/v2/notifications/policy": people.POLICY,
    "GET /api/v2/notifications/unread_count": _COUNT,
    "GET /api/v2/notifications/{group_key}": people.GROUPED,
    "GET /api/v2/notifications/{group_key}/accounts": _ACCOUNTS,
    "POST /api/v2/notifications/{group_key}/dismiss": house.nothing,
}


def named(endpoint: Endpoint) -> str:
    """Return the name of *endpoint* in :data:`ANSWERS`."""
    return f"{endpoint.method} {endpoint.path}"


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], str]]:
    def pattern(path: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)) + "/?")

    # What is written out comes before what varies.
    ordered: Iterable[Endpoint] = sorted(ENDPOINTS, key=lambda each: each.path.count("{"))
    return [(each.method, pattern(each.path), named(each)) for each in ordered]


def endpoint_of(method: str, path: str) -> str | None:
    """Return the name of the endpoint that answers *method* at *path*."""
    for its_method, pattern, name in _patterns():
        if its_method == method and pattern.fullmatch(path):
            return name
    return None
