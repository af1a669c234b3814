"""What was new in the commune in a week: public things of ours alone, whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.notices import queries as notices
from fedcommune.domain.posts.queries import COLUMNS, of_row
from fedcommune.domain.visibility import MAY_MEET, MAY_SEE
from fedcommune.instance import Instance
from fedcommune.text import html

# So far ahead are events told of, and so much stands in each part.
AHEAD: Final = timedelta(days=14)
MOST: Final = 8
_NAME: Final = 150
_WORDS: Final = 220


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# The kinds of the directory, in the order in which the letter tells of what is new.
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    _("New projects"): ("project",),
    _("New associations and groups"): ("association", "group"),
    _("New shops and services"): ("business",),
    _("New classifieds"): ("offer", "request"),
    _("New places"): ("poi",),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing; *link* is a page of ours, *at* when it takes place, for an event."""

    title: str
    words: str
    link: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Entries under a *title*, one of ``GROUPS``; *more* are not shown."""

    title: str
    entries: tuple[Entry, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Week:
    """What the letter of a week tells; nothing in it is for some people only."""

    notices: tuple[Entry, ...]
    events: tuple[Entry, ...]
    fresh: tuple[Part, ...]
    talked: tuple[Entry, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.notices or self.events or self.fresh or self.talked)


async def of(
    db: Executor, instance: Instance, since: datetime, until: datetime, now: datetime
) -> Week:
    """Return what was new from *since* to *until*, and which events come after.

    A notice that is over at *now*, when the letter is written, warns nobody any more.
    """
    warned = tuple(
        Entry(
            html.line(html.plain(each.post.content).partition("\n")[0], limit=_NAME),
            html.plain(each.post.content.partition("</p>")[2], limit=_WORDS),
            each.post.url or instance.origin,
        )
        for each in await notices.given(db, since, until, now, limit=MOST)
    )
    return Week(
        warned,
        await _events(db, instance, until),
        await _fresh(db, instance, since, until),
        await _talked(db, instance, since, until),
    )


async def _events(db: Executor, instance: Instance, until: datetime) -> tuple[Entry, ...]:
    """Return what takes place soon: of what takes place again and again, the next time."""
    rows = await db.fetch(
        """
        select subject, id, kind, name, told, starts_at, '' as username
        from (
            select distinct on (coalesce(event.series_id, listing.id))
                   listing.subject, listing.id, listing.kind, listing.name, listing.told,
                   listing.starts_at
            from commune.listing
            join commune.event on event.post_id = listing.id
            where listing.subject = 'event'
              and listing.local
              and listing.starts_at >= $1
              and listing.starts_at < $2
            order by coalesce(event.series_id, listing.id), listing.starts_at
        ) upcoming
        order by starts_at, id
        limit $3
        """,
        until,
        until + AHEAD,
        MOST,
    )
    return tuple(_entry(instance, row) for row in rows)


async def _fresh(
    db: Executor, instance: Instance, since: datetime, until: datetime
) -> tuple[Part, ...]:
    """Return what came into the directory: an id tells when what it names was made."""
    parts = []
    for title, kinds in GROUPS.items():
        rows = await db.fetch(
            """
            select listing.subject, listing.id, listing.kind, listing.name, listing.told,
                   listing.starts_at, coalesce(account.username, '') as username,
                   count(*) over () as found
            from commune.listing
            left join commune.account
              on listing.subject = 'account' and account.id = listing.id
            where listing.kind = any($1::text[])
              and listing.local
              and listing.id >= $2
              and listing.id < $3
            order by listing.id desc
            limit $4
            """,
            list(kinds),
            _first_id(since),
            _first_id(until),
            MOST,
        )
        if rows:
            entries = tuple(_entry(instance, row) for row in rows)
            parts.append(Part(title, entries, rows[0]["found"] - len(entries)))
    return tuple(parts)


async def _talked(
    db: Executor, instance: Instance, since: datetime, until: datetime
) -> tuple[Entry, ...]:
    """Return the public posts of ours that were most answered.

    Those of people who do not want to be found are left out, and what stands behind a warning.
    """
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.post
        join commune.account writer on writer.id = post.author_id
        where post.id >= $2
          and post.id < $3
          and post.local
          and post.visibility = 'public'
          and post.parent_id is null
          and post.in_reply_to is null
          and post.replies_count > 0
          and not post.sensitive
          and writer.discoverable
          and not exists (select from commune.notice where notice.post_id = post.id)
          and {MAY_MEET}
          and {MAY_SEE}
        order by post.replies_count desc, post.id desc
        limit $4
        """,
        None,
        _first_id(since),
        _first_id(until),
        MOST,
    )
    found = [of_row(row) for row in rows]
    writers = await accounts.by_ids(db, {post.author_id for post in found})
    return tuple(
        Entry(
            html.line(writers[post.author_id].display_name, limit=_NAME),
            html.plain(post.content, limit=_WORDS),
            post.url or instance.origin,
        )
        for post in found
        if post.author_id in writers
    )


def _entry(instance: Instance, row: Any) -> Entry:
    pages = {
        "account": instance.profile_page(row["username"]),
        "place": instance.place_page(row["id"]),
        "event": f"{instance.origin}/events/{row['id']}",
        "classified": f"{instance.origin}/classifieds/{row['id']}",
    }
    return Entry(
        html.line(row["name"], limit=_NAME),
        html.shorten(html.line(row["told"]), _WORDS),
        pages[row["subject"]],
        row["starts_at"],
    )


def _first_id(moment: datetime) -> int:
    return int(moment.timestamp() * 1000) << 16
