"""SQL: the event that hangs on a post. Who takes part is the business of the events."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.posts.occasions import Event

COLUMNS: Final = """
    event.post_id, event.name, event.description, event.uid, event.sequence, event.starts_at,
    event.ends_at, event.timezone, event.status, event.previous_start, event.category,
    event.place_id, event.place_name, event.street, event.postal_code, event.locality,
    event.latitude, event.longitude, event.online_url, event.website, event.price,
    event.join_mode, event.join_url, event.capacity, event.participants, event.anonymous,
    event.organiser_id, event.named, event.organisers, event.series_id, event.occurrence,
    event.over
"""
_NAMES: Final = tuple(each.strip().removeprefix("event.") for each in COLUMNS.split(","))


def of_row(row: Any) -> Event:
    """Make an :class:`Event` of a row that has all of ``COLUMNS``, and perhaps more."""
    values = {name: row[name] for name in _NAMES}
    values["zone"] = values.pop("timezone")
    values["organisers"] = tuple(values["organisers"])
    return Event(**values)


async def of_posts(db: Executor, post_ids: Collection[int]) -> dict[int, Event]:
    """Return the events of posts that were already found visible, by post."""
    rows = await db.fetch(
        f"select {COLUMNS} from commune.event where event.post_id = any($1::bigint[])",
        list(post_ids),
    )
    return {row["post_id"]: of_row(row) for row in rows}


async def of_post(db: Executor, post_id: int) -> Event | None:
    """Return the event of a post that was already found visible."""
    return (await of_posts(db, [post_id])).get(post_id)


async def locked(db: Executor, post_id: int) -> Event | None:
    """Return the event of a post, its row locked: who takes a seat does so one after the other.

    Whoever locks the post, too, does that first.
    """
    row = await db.fetchrow(
        f"select {COLUMNS} from commune.event where event.post_id = $1 for update", post_id
    )
    return None if row is None else of_row(row)


async def hang(db: Executor, event: Event, now: datetime) -> None:
    """Let the post be exactly this event. Who takes part, and how many do, stays.

    Of another moment people are reminded anew.
    """
    await db.execute(
        """
        insert into commune.event as kept (post_id, name, description, uid, sequence, starts_at,
            ends_at, timezone, status, previous_start, category, place_id, place_name, street,
            postal_code, locality, latitude, longitude, online_url, website, price, join_mode,
            join_url, capacity, participants, anonymous, organiser_id, named, organisers,
            series_id, occurrence, over)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)
        on conflict (post_id) do update
        set name = excluded.name, description = excluded.description, uid = excluded.uid,
            sequence = excluded.sequence, starts_at = excluded.starts_at,
            ends_at = excluded.ends_at, timezone = excluded.timezone, status = excluded.status,
            previous_start = excluded.previous_start, category = excluded.category,
            place_id = excluded.place_id, place_name = excluded.place_name,
            street = excluded.street, postal_code = excluded.postal_code,
            locality = excluded.locality, latitude = excluded.latitude,
            longitude = excluded.longitude, online_url = excluded.online_url,
            website = excluded.website, price = excluded.price, join_mode = excluded.join_mode,
            join_url = excluded.join_url, capacity = excluded.capacity,
            anonymous = excluded.anonymous, organiser_id = excluded.organiser_id,
            named = excluded.named, organisers = excluded.organisers,
            series_id = excluded.series_id, occurrence = excluded.occurrence,
            over = excluded.over,
            reminded_day = kept.reminded_day and kept.starts_at = excluded.starts_at,
            reminded_hours = kept.reminded_hours and kept.starts_at = excluded.starts_at
        """,
        event.post_id,
        event.name,
        event.description,
        event.uid,
        event.sequence,
        event.starts_at,
        event.ends_at,
        event.zone,
        event.status,
        event.previous_start,
        event.category,
        event.place_id,
        event.place_name,
        event.street,
        event.postal_code,
        event.locality,
        event.latitude,
        event.longitude,
        event.online_url,
        event.website,
        event.price,
        event.join_mode,
        event.join_url,
        event.capacity,
        event.participants,
        event.anonymous,
        event.organiser_id,
        event.named,
        list(event.organisers),
        event.series_id,
        event.occurrence,
        event.end <= now,
    )


async def count(db: Executor, post_id: int, participants: int) -> None:
    """Write how many take part."""
    await db.execute(
        "update commune.event set participants = $2 where post_id = $1", post_id, participants
    )


async def drop(db: Executor, post_id: int) -> None:
    """Let the post be no event any more; who took part is forgotten with it."""
    await db.execute("delete from commune.event where post_id = $1", post_id)


async def posts_of_series(db: Executor, series_id: int) -> list[int]:
    """Return the posts of all the times of a series."""
    rows = await db.fetch("select post_id from commune.event where series_id = $1", series_id)
    return [row["post_id"] for row in rows]


async def rule_of(db: Executor, series_id: int) -> str | None:
    """Return by which rule a series takes place."""
    rule: str | None = await db.fetchval("select rule from commune.series where id = $1", series_id)
    return rule
