"""What apps ask for and a commune has none of: it says so, instead of an error."""

from __future__ import annotations

from typing import Final

from fedcommune.mastodon.call import Answer, Call, Endpoint


async def custom_emojis(call: Call) -> Answer:
    """No pictures of our own stand for words."""
    return []


ENDPOINTS: Final = (Endpoint("GET", "/api/v1/custom_emojis", custom_emojis, access="anyone"),)
