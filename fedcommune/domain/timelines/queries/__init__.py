"""SQL: home, the commune, everything known, a tag, and what one account tells the world."""

from __future__ import annotations

from fedcommune.domain.timelines.queries.home import home
from fedcommune.domain.timelines.queries.open import link, public, tag
from fedcommune.domain.timelines.queries.profile import (
    EVERYTHING,
    Wanted,
    count_outbox,
    of_account,
    outbox,
)

__all__ = [
    "EVERYTHING",
    "Wanted",
    "count_outbox",
    "home",
    "link",
    "of_account",
    "outbox",
    "public",
    "tag",
]
