"""Events for the tests, announced by the real actions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import announcing
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Event, Occasion

MARKET = datetime(2026, 12, 12, 14, 0, tzinfo=UTC)  # 18 h in Saint-Leu


def occasion(**more: Any) -> Occasion:
    """Return the night market of Saint-Leu; *more* is what is different."""
    said: dict[str, Any] = {
        "name": "Marché de nuit",
        "starts_at": MARKET,
        "ends_at": MARKET + timedelta(hours=4),
        "zone": "Indian/Reunion",
        "category": "FOOD_DRINK",
        "place_name": "Front de mer",
        "postal_code": "97436",
        "locality": "Saint-Leu",
        "latitude": -21.0,
        "longitude": 55.2866,
        "price": "Entrée libre",
    }
    return Occasion(**{**said, **more})


async def announce(tx: Transaction, by: Account, **more: Any) -> Post:
    """Announce the night market in the name of *by*."""
    words = more.pop("text", "Vingt producteurs, musique maloya.")
    rule, tags = more.pop("rule", ""), more.pop("tags", ())
    return await announcing.announce(
        tx, by, Announcement(occasion(**more), words, tags=tags, rule=rule)
    )


async def event_of(tx: Transaction, post: Post) -> Event:
    """Return the event of *post*; it must be one."""
    found = await happenings.of_post(tx.db, post.id)
    assert found is not None, "this post is no event"
    return found
