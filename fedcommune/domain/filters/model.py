"""What a filter is, and which posts it holds back."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal, TypeAlias

Action: TypeAlias = Literal["warn", "hide", "blur"]
ACTIONS: Final[tuple[Action, ...]] = ("warn", "hide", "blur")
CONTEXTS: Final = ("home", "notifications", "public", "thread", "account")

# Of one person (SEC-DOS-06).
MAX_FILTERS: Final = 100
MAX_KEYWORDS: Final = 100
MAX_POSTS: Final = 100
MAX_TITLE: Final = 250
MAX_KEYWORD: Final = 500


@dataclass(frozen=True, slots=True)
class Keyword:
    """Words to look for, in any case of letters; as whole words, or anywhere."""

    id: int
    keyword: str
    whole_word: bool


@dataclass(frozen=True, slots=True)
class HeldPost:
    """One post that a filter holds back by itself."""

    id: int
    post_id: int


@dataclass(frozen=True, slots=True)
class Filter:
    """What *account_id* does not want to read, and where. ``expires_at`` is UTC."""

    id: int
    account_id: int
    title: str
    contexts: tuple[str, ...]
    action: Action
    expires_at: datetime | None
    keywords: tuple[Keyword, ...] = ()
    posts: tuple[HeldPost, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Why a filter holds a post back: the keywords that are in it, the post itself."""

    filter: Filter
    keywords: tuple[str, ...]
    post_ids: tuple[int, ...]


@lru_cache(4_096)
def _pattern(keyword: str, whole_word: bool) -> re.Pattern[str]:
    """Return what finds a keyword; nothing in it means anything else than itself (SEC-PAR-07)."""
    words = r"\s+".join(re.escape(word) for word in keyword.split())
    if whole_word:
        before = r"(?<!\w)" if re.match(r"\w", keyword) else ""
        after = r"(?!\w)" if re.search(r"\w$", keyword) else ""
        words = f"{before}{words}{after}"
    return re.compile(words, re.IGNORECASE)


def matches(filters: Iterable[Filter], post_ids: Collection[int], text: str) -> list[Match]:
    """Return which of the *filters* hold back a post of these ids (its own, what it boosts)."""
    found = []
    for each in filters:
        keywords = tuple(
            one.keyword
            for one in each.keywords
            if _pattern(one.keyword, one.whole_word).search(text)
        )
        held = tuple(one.post_id for one in each.posts if one.post_id in post_ids)
        if keywords or held:
            found.append(Match(each, keywords, held))
    return found
