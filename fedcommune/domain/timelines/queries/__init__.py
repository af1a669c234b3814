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
from fedcommune.domain.timelines.queries.single import boost_of, by_id, by_ids

__all__ = [
    "EVERYTHING",
    "Wanted",
    "boost_of",
    "by_id",
    "by_ids",
    "count_outbox",
    "home",
    "link",
    "of_account",
    "outbox",
    "public",
    "tag",
]
