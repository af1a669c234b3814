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


# What lasts no longer than one day is over so soon; the rest is found by when it ends.
_SHORT: Final = "interval '2 days'"
_OF_ACCOUNT: Final = """(author_id = $6 or (organiser_id = $6 and (
    not exists (select from commune.account person where person.id = $6 and person.kind = 'citizen')
    or (select named from commune.event where event.post_id = agenda.post_id)
)))"""
# The rest of what may be wanted, whichever of it is looked up.
_SUCH: Final = f"""
    until >= coalesce($1::timestamptz, '-infinity')
    and starts_at < coalesce($2::timestamptz, 'infinity')
    and ($3 = '' or category = $3)
    and ($4 = '' or domain = $4)
    and ($5 = '' or tags @> array[$5])
    and ($6::bigint is null or {_OF_ACCOUNT})
    and ($7::bigint is null or place_id = $7)"""


def _walk(by: str, order: str = "") -> str:
    """What takes place, from the first or the last on, along the index of *by* and the time."""
    return f"""
        select post_id
        from (
            (
                select starts_at, post_id
                from commune.agenda
                where {by}
                  and starts_at >= coalesce($1::timestamptz, '-infinity') - {_SHORT}
                  and {_SUCH}
                order by starts_at {order}, post_id {order}
                limit $8::bigint + $9::bigint
            )
            union all
            select starts_at, post_id
            from (
                select *
                from commune.agenda
                where lasts
                  and until >= coalesce($1, '-infinity')
                offset 0
            ) agenda
            where starts_at < coalesce($1::timestamptz, '-infinity') - {_SHORT}
              and {_SUCH}
        ) found
        order by starts_at {order}, post_id {order}
        limit $8
        offset $9
    """


def _found(by: str, order: str = "") -> str:
    """What *by* finds all of, put into order: it is never much of the whole."""
    return f"""
        select post_id
        from (select * from commune.agenda where {by} offset 0) agenda
        where {_SUCH}
        order by starts_at {order}, post_id {order}
        limit $8
        offset $9
    """


def _listed(ids: str, order: str = "") -> str:
    """The events of these ids. The agenda knows what is public; here it is made certain."""
    return f"""
        select {happenings.COLUMNS}, post.author_id, post.object_id, post.url
        from commune.event
        join commune.post on post.id = event.post_id
        join commune.account author on author.id = post.author_id
        where event.post_id = any(array({ids}))
          and post.visibility = 'public'
          and post.deleted_at is null
          and author.suspended_at is null
          and author.deleted_at is null
        order by event.starts_at {order}, event.post_id {order}
    """


# Each way to look has its own statement, because a plan that is kept serves all values; of
# what is wanted, the narrowest comes first.
_LISTED: Final = {
    (way, backwards): _listed(shape(by, order), order)
    for backwards, order in ((False, ""), (True, "desc"))
    for way, shape, by in (
        ("place", _found, "place_id = $7"),
        ("account", _found, "(author_id = $6 or organiser_id = $6)"),
        ("tag", _found, "tags @> array[$5]"),
        ("domain", _walk, "domain = $4"),
        ("category", _walk, "category = $3"),
        ("time", _walk, "true"),
    )
}


def _way(wanted: Wanted) -> str:
    if wanted.place_id is not None:
        return "place"
    if wanted.account_id is not None:
        return "account"
    if wanted.tag:
        return "tag"
    return "domain" if wanted.domain else "category" if wanted.category else "time"


async def listed(db: Executor, wanted: Wanted, *, limit: int = 50, skip: int = 0) -> list[Line]:
    """Return what is *wanted* of what everybody may see, in the order in which it takes place.

    Only events with Public among those they are for (W-EVT-04). Cancelled ones stay, so that
    who meant to come sees it.
    """
    rows = await db.fetch(
        _LISTED[_way(wanted), wanted.backwards],
        wanted.since,
        wanted.until,
        wanted.category,
        wanted.domain,
        wanted.tag,
        wanted.account_id,
        wanted.place_id,
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
    """Return the servers that events in the agenda live on, ours among them.

    From one to the next along the index: of each, one event that is not over is looked for.
    """
    rows = await db.fetch(
        """
        with recursive known (domain) as (
            (select domain from commune.agenda order by domain limit 1)
            union all
            select (
                select agenda.domain
                from commune.agenda
                where agenda.domain > known.domain
                order by agenda.domain
                limit 1
            )
            from known
            where known.domain is not null
        )
        select domain
        from known
        where (
            select true
            from commune.agenda
            where agenda.domain = known.domain
              and agenda.starts_at >= $1::timestamptz - interval '2 days'
              and agenda.until >= $1
            order by agenda.starts_at
            limit 1
        ) or (
            select true
            from commune.agenda
            where agenda.domain = known.domain
              and agenda.lasts
              and agenda.until >= $1
            order by agenda.until
            limit 1
        )
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
