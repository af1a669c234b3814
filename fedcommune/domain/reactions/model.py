"""What a like and a boost are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from fedcommune.domain.visibility import Visibility

MAX_PINNED: Final = 5


class Kind(StrEnum):
    """What somebody did with a post."""

    LIKE = "like"
    BOOST = "boost"


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody likes or boosts a post: once each. ``visibility`` says who is told of a boost."""

    id: int
    kind: Kind
    account_id: int
    post_id: int
    activity_id: str
    visibility: Visibility
    created_at: datetime
