"""SQL about announcements, and who read them and reacted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from fedcommune import identifiers
from fedcommune.database import Executor
from fedcommune.domain.announcements.model import Announcement, Taken

_COLUMNS: Final = """announcement.id, announcement.text, announcement.content,
    announcement.starts_at, announcement.ends_at, announcement.all_day, announcement.mentions,
    announcement.posts, announcement.tags, announcement.about_id, announcement.published_at,
    announcement.updated_at, announcement.ended_at"""
# Those that show; $1 is the present.
_CURRENT: Final = """announcement.published_at <= $1
    and (announcement.ends_at is null or announcement.ends_at > $1)
    and (announcement.ended_at is null or announcement.ended_at > $1)"""


def _announcement(row: Any) -> Announcement:
    lists = {name: tuple(row[name]) for name in ("mentions", "posts", "tags")}
    return Announcement(**{**row, **lists})


async def current(db: Executor, now: datetime) -> list[Announcement]:
    """Return what is announced at *now*, in the order in which it takes place."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.announcement
        where {_CURRENT}
        order by coalesce(announcement.starts_at, announcement.published_at), announcement.id
        """,
        now,
    )
    return [_announcement(row) for row in rows]


async def every(db: Executor, *, limit: int = 100) -> list[Announcement]:
    """Return the latest announcements, past and coming ones too, newest first."""
    rows = await db.fetch(
        f"select {_COLUMNS} from commune.announcement order by id desc limit $1", limit
    )
    return [_announcement(row) for row in rows]


async def one(db: Executor, announcement_id: int, now: datetime) -> Announcement | None:
    """Return an announcement that shows at *now*, held until the end of the transaction."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from commune.announcement
        where {_CURRENT}
          and announcement.id = $2
        for update
        """,
        now,
        announcement_id,
    )
    return None if row is None else _announcement(row)


async def insert(db: Executor, announcement: Announcement) -> None:
    await db.execute(
        """
        insert into commune.announcement (
            id, text, content, starts_at, ends_at, all_day, mentions, posts, tags, about_id,
            published_at, updated_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        announcement.id,
        announcement.text,
        announcement.content,
        announcement.starts_at,
        announcement.ends_at,
        announcement.all_day,
        list(announcement.mentions),
        list(announcement.posts),
        list(announcement.tags),
        announcement.about_id,
        announcement.published_at,
        announcement.updated_at,
    )


async def end(db: Executor, announcement_id: int, now: datetime) -> bool:
    """Let an announcement end now; return whether it had not ended."""
    found = await db.fetchval(
        """
        update commune.announcement
        set ended_at = $2, updated_at = $2
        where id = $1
          and (ended_at is null or ended_at > $2)
          and (ends_at is null or ends_at > $2)
        returning id
        """,
        announcement_id,
        now,
    )
    return found is not None


async def remove(db: Executor, announcement_id: int) -> bool:
    """Delete an announcement, with who read it and reacted; return whether there was one."""
    found = await db.fetchval(
        "delete from commune.announcement where id = $1 returning id", announcement_id
    )
    return found is not None


async def dismiss(db: Executor, announcement_id: int, account_id: int) -> None:
    """Note that somebody read an announcement; twice is once."""
    await db.execute(
        """
        insert into commune.announcement_dismissal (announcement_id, account_id)
        values ($1, $2)
        on conflict do nothing
        """,
        announcement_id,
        account_id,
    )


async def reactions(db: Executor, announcement_id: int) -> set[str]:
    """Return the different emojis that an announcement gathered."""
    rows = await db.fetch(
        "select distinct name from commune.announcement_reaction where announcement_id = $1",
        announcement_id,
    )
    return {row["name"] for row in rows}


async def react(
    db: Executor, announcement_id: int, account_id: int, name: str, now: datetime
) -> None:
    """Keep somebody's emoji; twice is once."""
    await db.execute(
        """
        insert into commune.announcement_reaction (id, announcement_id, account_id, name)
        values ($1, $2, $3, $4)
        on conflict (announcement_id, name, account_id) do nothing
        """,
        identifiers.new(now),
        announcement_id,
        account_id,
        name,
    )


async def take_back(db: Executor, announcement_id: int, account_id: int, name: str) -> None:
    """Forget somebody's emoji."""
    await db.execute(
        """
        delete from commune.announcement_reaction
        where announcement_id = $1
          and account_id = $2
          and name = $3
        """,
        announcement_id,
        account_id,
        name,
    )


async def taken(
    db: Executor, account_id: int, announcement_ids: Collection[int]
) -> dict[int, Taken]:
    """Return how *account_id* and the others took each of these announcements, by its id."""
    rows = await db.fetch(
        """
        select announcement.id,
               exists (
                   select from commune.announcement_dismissal
                   where announcement_id = announcement.id
                     and account_id = $1
               ) as read,
               reaction.name, reaction.count, reaction.mine
        from commune.announcement
        left join lateral (
            select name, count(*) as count, bool_or(account_id = $1) as mine, min(id) as first
            from commune.announcement_reaction
            where announcement_id = announcement.id
            group by name
        ) reaction on true
        where announcement.id = any($2::bigint[])
        order by announcement.id, reaction.first
        """,
        account_id,
        list(announcement_ids),
    )
    found: dict[int, Taken] = {}
    for row in rows:
        before = found.get(row["id"], Taken(row["read"])).reactions
        more = () if row["name"] is None else ((row["name"], int(row["count"]), row["mine"]),)
        found[row["id"]] = Taken(row["read"], (*before, *more))
    return found
