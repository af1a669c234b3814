"""What we know of a commune around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fedcommune.domain.accounts.model import Account


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another commune: how we stand with each other, and what arrived from its server.

    ``follow`` is our follow of it: none, asked for, or accepted. ``same_grouping``: it is of
    our EPCI. Times are UTC.
    """

    account: Account
    follow: str | None
    follows_us: bool
    same_grouping: bool
    actors: int
    places: int
    posts: int
    latest_at: datetime | None
