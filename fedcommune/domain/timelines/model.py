"""One line of a timeline: a post, or somebody's boost of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Boost:
    """That an account boosted the post of an entry. ``created_at`` is UTC."""

    id: int
    account_id: int
    activity_id: str
    visibility: Visibility
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A post in a timeline. ``id`` sorts and pages: the post's, or the boost's when it is one."""

    id: int
    post: Post
    boost: Boost | None = None
