"""What is talked about, for those who moderate: as everybody sees it."""

from __future__ import annotations

from typing import Final

from fedcommune.domain.accounts.roles import Permission
from fedcommune.mastodon import trends
from fedcommune.mastodon.call import Endpoint

_ALL: Final = "/api/v1/admin/trends"
_MAY: Final = Permission.MANAGE_TAXONOMIES

ENDPOINTS: Final = (
    Endpoint("GET", f"{_ALL}/tags", trends.tags, "admin:read", permission=_MAY),
    Endpoint("GET", f"{_ALL}/links", trends.links, "admin:read", permission=_MAY),
    Endpoint("GET", f"{_ALL}/statuses", trends.statuses, "admin:read", permission=_MAY),
)
