"""SQL: what takes place when, for whoever looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts.occasions import Event

MAX_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for in the agenda: everything, unless it says more.

    *since* and *until* are when it takes place; with *backwards* the latest come first.
    *account_id* is who organises it, *domain* the server it lives on, *place_id* where.
    """

    since: datetime | None = None
    until: datetime | None = None
    category: str = ""
    domain: str = ""
    tag: str = ""
    account_id: int | None = None
    place_id: int | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """An event in the agenda, and who announces it."""

    event: Event
    author: Account
    object_id: str
    url: str | None


async def listed(db: Executor, wanted: Wanted, *, limit: int = 50, skip: int = 0) -> list[Line]:
    """Return what is *wanted* of what everybody may see, in the order in which it takes place.

    Only events with Public among those they are for (W-EVT-04). Cancelled ones stay, so that
    who meant to come sees it.
    """
    rows = await db.fetch(
        f"""
        select {happenings.COLUMNS}, post.author_id, post.object_id, post.url
        from commune.event
        join commune.post on post.id = event.post_id
        join commune.account author on author.id = post.author_id
        where post.visibility = 'public'
          and post.deleted_at is null
          and author.suspended_at is null
          and author.deleted_at is null
          and ($1::timestamptz is null or coalesce(event.ends_at, event.starts_at) >= $1)
          and ($2::timestamptz is null or event.starts_at < $2)
          and ($3 = '' or event.category = $3)
          and ($4 = '' or author.domain = $4)
          and ($5 = '' or exists (
              select from commune.hashtag
              where hashtag.post_id = event.post_id and hashtag.name = $5
          ))
          and ($6::bigint is null or post.author_id = $6 or (
              event.organiser_id = $6 and (event.named or not exists (
                  select from commune.account person
                  where person.id = $6 and person.kind = 'citizen'
              ))
          ))
          and ($7::bigint is null or event.place_id = $7)
        order by
            case when $8 then event.starts_at end desc,
            event.starts_at, event.post_id
        limit $9
        offset $10
        """,
        wanted.since,
        wanted.until,
        wanted.category,
        wanted.domain,
        wanted.tag,
        wanted.account_id,
        wanted.place_id,
        wanted.backwards,
        min(limit, MAX_PAGE),
        skip,
    )
    return await _lines(db, rows)


async def of_participant(
    db: Executor, account_id: int, since: datetime, *, limit: int = 100
) -> list[Line]:
    """Return the events that one of ours takes part in, or asked to, from *since* on."""
    rows = await db.fetch(
        f"""
        select {happenings.COLUMNS}, post.author_id, post.object_id, post.url
        from commune.participation
        join commune.event on event.post_id = participation.post_id
        join commune.post on post.id = event.post_id
        where participation.account_id = $1
          and participation.state in ('pending', 'accepted')
          and post.deleted_at is null
          and coalesce(event.ends_at, event.starts_at) >= $2
        order by event.starts_at, event.post_id
        limit $3
        """,
        account_id,
        since,
        limit,
    )
    return await _lines(db, rows)


async def domains(db: Executor, since: datetime) -> list[str]:
    """Return the servers that events in the agenda live on, ours among them."""
    rows = await db.fetch(
        """
        select distinct domain
        from commune.listing
        where subject = 'event'
          and coalesce(ends_at, starts_at) >= $1
        order by domain
        limit 100
        """,
        since,
    )
    return [row["domain"] for row in rows]


async def of_series(db: Executor, series_id: int) -> list[Event]:
    """Return every time of a series that there is an event for, the first first."""
    rows = await db.fetch(
        f"""
        select {happenings.COLUMNS}
        from commune.event
        where event.series_id = $1
        order by event.starts_at
        limit {MAX_PAGE}
        """,
        series_id,
    )
    return [happenings.of_row(row) for row in rows]


async def announced_for(db: Executor, organiser_id: int) -> list[int]:
    """Return the posts of events that another of ours announced for this organiser."""
    rows = await db.fetch(
        """
        select event.post_id
        from commune.event
        join commune.post on post.id = event.post_id
        where event.organiser_id = $1
          and post.author_id <> $1
          and post.local
          and post.deleted_at is null
        order by event.post_id
        """,
        organiser_id,
    )
    return [row["post_id"] for row in rows]


async def finish(db: Executor, now: datetime) -> int:
    """Say of events that have ended that they are over; return how many they are."""
    rows = await db.fetch(
        """
        update commune.event
        set over = true
        where not over
          and starts_at <= $1
          and coalesce(ends_at, starts_at + interval '3 hours') <= $1
        returning post_id
        """,
        now,
    )
    return len(rows)


async def to_remind(
    db: Executor, now: datetime, day: datetime, hours: datetime, *, limit: int = 20
) -> list[tuple[int, bool]]:
    """Return (post, whether it is the last time) of events that people are to be reminded of.

    *day* and *hours* are how far ahead. What begins within hours is told only as that.
    """
    rows = await db.fetch(
        """
        select post_id, starts_at <= $3 as soon
        from commune.event
        where not over
          and starts_at > $1
          and status not in ('cancelled', 'postponed')
          and (
              (starts_at <= $3 and not reminded_hours)
              or (starts_at > $3 and starts_at <= $2 and not reminded_day)
          )
        order by starts_at
        limit $4
        """,
        now,
        day,
        hours,
        limit,
    )
    return [(row["post_id"], row["soon"]) for row in rows]


async def reminded(db: Executor, post_id: int, *, soon: bool) -> bool:
    """Say that people are reminded; return whether nobody had done it yet."""
    row = await db.fetchrow(
        """
        update commune.event
        set reminded_day = true,
            reminded_hours = reminded_hours or $2
        where post_id = $1
          and case when $2 then not reminded_hours else not reminded_day end
        returning post_id
        """,
        post_id,
        soon,
    )
    return row is not None


async def _lines(db: Executor, rows: Sequence[Any]) -> list[Line]:
    people = await accounts.by_ids(db, {row["author_id"] for row in rows})
    return [
        Line(happenings.of_row(row), people[row["author_id"]], row["object_id"], row["url"])
        for row in rows
        if row["author_id"] in people
    ]
