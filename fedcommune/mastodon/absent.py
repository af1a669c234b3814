"""What apps ask for and a commune has none of: it says so, instead of an error."""

from __future__ import annotations

from typing import Final

from fedcommune.mastodon.call import Answer, Call, Endpoint


async def announcements(call: Call) -> Answer:
    """What a commune announces, its feeds say: they are followed and answered like anybody."""
    return []


ENDPOINTS: Final = (Endpoint("GET", "/api/v1/announcements", announcements, "read"),)
