"""What takes place in the demo, and who comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fedcommune.commune import Commune
from fedcommune.demo import world
from fedcommune.demo.steps import once, remember
from fedcommune.demo.world import World
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.events.actions import announcing, joining
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.posts.occasions import Occasion

Advance = Callable[[], None]


def size(told: World) -> int:
    """How many steps :func:`fill` takes."""
    return len(told.events)


async def fill(commune: Commune, told: World, now: datetime, advance: Advance) -> None:
    """Announce what *told* says takes place, once, and let people come."""
    for event in told.events:
        await _announce(commune, event, now)
        advance()


async def _announce(commune: Commune, told: world.Event, now: datetime) -> None:
    async with once(commune, f"event {told.key}", at=now - timedelta(hours=told.hours_ago)) as tx:
        if tx is None:
            return
        zone = commune.instance.timezone
        day = now.astimezone(ZoneInfo(zone)) + timedelta(days=told.days)
        hour, _, minute = told.starts.partition(":")
        starts_at = day.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
        occasion = Occasion(
            told.name,
            starts_at,
            zone,
            starts_at + timedelta(hours=told.lasts),
            category=told.category,
            place_name=told.place,
            locality=commune.instance.name,
            latitude=told.latitude,
            longitude=told.longitude,
            price=told.price,
            capacity=told.capacity,
            join_mode="restricted" if told.approval else "free",
        )
        by = await accounts.local_by_username(tx.db, told.author)
        assert by is not None, f"{told.author} stands earlier in the story"
        announcement = Announcement(occasion, told.text, rule=told.rule)
        post = await announcing.announce(tx, by, announcement)
        await remember(tx.db, f"event {told.key}", post.id)
        for name in told.joined_by:
            who = await accounts.local_by_username(tx.db, name)
            assert who is not None, f"{name} stands earlier in the story"
            await joining.join(tx, who, post.id)
