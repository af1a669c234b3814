"""What takes place in the demo, and who comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fedcommune.commune import Commune
from fedcommune.database import Transaction
from fedcommune.demo import tellings
from fedcommune.demo.portraits import hang, once_drawn
from fedcommune.demo.steps import Advance, known, made, once, remember
from fedcommune.demo.world import World
from fedcommune.domain.events.actions import announcing, joining
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.posts.occasions import Occasion


def size(told: World) -> int:
    """How many steps :func:`fill` takes."""
    return len(told.events)


async def fill(commune: Commune, told: World, now: datetime, advance: Advance) -> None:
    """Announce what *told* says takes place, once, and let people come."""
    for event in told.events:
        await _announce(commune, event, now)
        async with once(commune, f"event {event.key} changes", at=now - timedelta(hours=2)) as tx:
            if tx is not None:
                await _change(tx, event, now)
        advance()


async def _announce(commune: Commune, told: tellings.Event, now: datetime) -> None:
    step = f"event {told.key}"
    async with once_drawn(commune, step, told, now) as (tx, picture):
        if tx is None:
            return
        by = await known(tx, told.author)
        voice = await announcing.voice_of(tx, by)
        announcement = Announcement(
            _occasion(commune, told, now),
            told.text,
            rule=told.rule,
            media=await hang(tx, voice, picture, told.described) or None,
        )
        post = await announcing.announce(tx, by, announcement)
        await remember(tx.db, step, post.id)
        for name in told.joined_by:
            who = await known(tx, name)
            one = await joining.join(tx, who, post.id)
            if name in told.let_in:
                await joining.decide(tx, by, post.id, one.id, accept=True)


async def _change(tx: Transaction, told: tellings.Event, now: datetime) -> None:
    """Let an event be off, or put off, when the story says so."""
    by, post_id = await known(tx, told.author), await made(tx.db, f"event {told.key}")
    if told.cancelled:
        await announcing.cancel(tx, by, post_id, reason=told.cancelled)
    elif told.postponed:
        again = None
        if told.again is not None:
            again = _moment(tx.instance.timezone, told, told.again, now)
        await announcing.postpone(tx, by, post_id, again, reason=told.postponed)


def _occasion(commune: Commune, told: tellings.Event, now: datetime) -> Occasion:
    zone = commune.instance.timezone
    starts_at = _moment(zone, told, told.days, now)
    return Occasion(
        told.name,
        starts_at,
        zone,
        starts_at + timedelta(hours=told.lasts),
        category=told.category,
        place_name=told.place,
        locality="" if told.online else commune.instance.name,
        latitude=told.latitude,
        longitude=told.longitude,
        online_url=told.online,
        price=told.price,
        capacity=told.capacity,
        join_mode="restricted" if told.approval else "free",
    )


def _moment(zone: str, told: tellings.Event, days: int, now: datetime) -> datetime:
    """Return when it begins: in so many *days*, or on the first right weekday from then on."""
    day = now.astimezone(ZoneInfo(zone)) + timedelta(days=days)
    if told.weekday is not None:
        day += timedelta(days=(told.weekday - day.weekday()) % 7)
    hour, _, minute = told.starts.partition(":")
    return day.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
