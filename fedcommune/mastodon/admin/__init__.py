"""The API of those who moderate (``/api/v1/admin``): each call needs a scope and the role."""

from __future__ import annotations

from typing import Final

from fedcommune.mastodon.admin import accounts, barriers, figures, hosts, reports, trends

ENDPOINTS: Final = (
    *accounts.ENDPOINTS,
    *barriers.ENDPOINTS,
    *figures.ENDPOINTS,
    *hosts.ENDPOINTS,
    *reports.ENDPOINTS,
    *trends.ENDPOINTS,
)
