"""SQL about reports and measures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, Literal

from fedcommune.database import Executor
from fedcommune.domain.moderation.categories import Category
from fedcommune.domain.moderation.model import Report
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import MAY_SEE

_COLUMNS: Final = """id, activity_id, reporter_id, account_id, post_ids, content, created_at,
    closed_at, category, rule_ids, forwarded, assigned_id, closed_by_id, updated_at"""


def _report(row: Any) -> Report:
    columns = {**row, "post_ids": tuple(row["post_ids"]), "rule_ids": tuple(row["rule_ids"])}
    return Report(**columns)


async def insert(
    db: Executor,
    *,
    id_: int,
    activity_id: str | None,
    reporter_id: int,
    account_id: int,
    post_ids: Collection[int],
    content: str,
    now: datetime,
    category: Category = "other",
    rule_ids: Collection[int] = (),
    forwarded: bool = False,
) -> Report | None:
    """Store a report; None when the same person's same report is still open (SEC-MOD-04)."""
    row = await db.fetchrow(
        f"""
        insert into commune.report (
            id, activity_id, reporter_id, account_id, post_ids, content, created_at, updated_at,
            category, rule_ids, forwarded
        )
        select $1, $2, $3, $4, $5::bigint[], $6, $7, $7, $8, $9::integer[], $10
        where not exists (
            select from commune.report
            where reporter_id = $3
              and account_id = $4
              and post_ids = $5::bigint[]
              and closed_at is null
        )
        on conflict (activity_id) do nothing
        returning {_COLUMNS}
        """,
        id_,
        activity_id,
        reporter_id,
        account_id,
        sorted(post_ids),
        content,
        now,
        category,
        list(rule_ids),
        forwarded,
    )
    return None if row is None else _report(row)


async def by_id(db: Executor, report_id: int) -> Report | None:
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from commune.report
        where id = $1
        """,
        report_id,
    )
    return None if row is None else _report(row)


async def open_reports(db: Executor, *, before: int | None = None, limit: int = 40) -> list[Report]:
    """Return the reports nobody has closed, newest first, those older than *before*."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.report
        where closed_at is null
          and ($1::bigint is null or id < $1)
        order by id desc
        limit $2
        """,
        before,
        limit,
    )
    return [_report(row) for row in rows]


async def listed(
    db: Executor,
    *,
    closed: bool | None = False,
    reporter_id: int | None = None,
    account_id: int | None = None,
    domain: str = "",
    ceiling: int = 2**63 - 1,
    floor: int = 0,
    order: Literal["asc", "desc"] = "desc",
    limit: int = 40,
) -> list[Report]:
    """Return reports by whom, about whom, of which server; open, *closed*, or (None) both."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.report
        where ($1::boolean is null or (closed_at is not null) = $1)
          and ($2::bigint is null or reporter_id = $2)
          and ($3::bigint is null or account_id = $3)
          and (
              $4 = ''
              or exists (
                  select from commune.account
                  where account.id = report.account_id and account.domain = $4
              )
          )
          and id < $5
          and id > $6
        order by id {order}
        limit $7
        """,
        closed,
        reporter_id,
        account_id,
        domain,
        ceiling,
        floor,
        limit,
    )
    return sorted(map(_report, rows), key=lambda each: each.id, reverse=True)


async def by_ids(db: Executor, report_ids: Collection[int]) -> dict[int, Report]:
    """Return the reports of these ids, by id."""
    rows = await db.fetch(
        f"select {_COLUMNS} from commune.report where id = any($1::bigint[])", list(report_ids)
    )
    return {row["id"]: _report(row) for row in rows}


async def close(db: Executor, report_id: int, now: datetime, *, by_id: int | None = None) -> bool:
    """Close a report; return whether it was open."""
    row = await db.fetchrow(
        """
        update commune.report
        set closed_at = $2, closed_by_id = $3, updated_at = $2
        where id = $1
          and closed_at is null
        returning id
        """,
        report_id,
        now,
        by_id,
    )
    return row is not None


async def reopen(db: Executor, report_id: int, now: datetime) -> bool:
    """Open a report again; return whether it was closed."""
    row = await db.fetchrow(
        """
        update commune.report
        set closed_at = null, closed_by_id = null, updated_at = $2
        where id = $1
          and closed_at is not null
        returning id
        """,
        report_id,
        now,
    )
    return row is not None


async def assign(db: Executor, report_id: int, to_id: int | None, now: datetime) -> bool:
    """Let somebody look into a report, or nobody with None; return whether there is one."""
    row = await db.fetchrow(
        """
        update commune.report
        set assigned_id = $2, updated_at = $3
        where id = $1
        returning id
        """,
        report_id,
        to_id,
        now,
    )
    return row is not None


async def recategorise(
    db: Executor, report_id: int, category: Category, rule_ids: Collection[int], now: datetime
) -> bool:
    """Say what a report is about; return whether there is one."""
    row = await db.fetchrow(
        """
        update commune.report
        set category = $2, rule_ids = $3::integer[], updated_at = $4
        where id = $1
        returning id
        """,
        report_id,
        category,
        list(rule_ids),
        now,
    )
    return row is not None


async def reports_from(db: Executor, domain: str, since: datetime) -> int:
    """Return how many reports the people of *domain* sent since then."""
    count = await db.fetchval(
        """
        select count(*)
        from commune.report
        join commune.account on account.id = report.reporter_id
        where account.domain = $1
          and not account.local
          and report.created_at > $2
        """,
        domain,
        since,
    )
    return int(count)


async def reportable_posts(
    db: Executor, object_ids: Collection[str], *, reporter_domain: str
) -> dict[int, list[int]]:
    """Return our posts among *object_ids* that somebody of *reporter_domain* may see, by author.

    The real reporter hides behind a server, so the whole server counts (SEC-MOD-04).
    """
    rows = await db.fetch(
        """
        select post.id, post.author_id
        from commune.post
        where post.object_id = any($1::text[])
          and post.local
          and post.deleted_at is null
          and (
              post.visibility in ('public', 'unlisted')
              or exists (
                  select from commune.mention
                  join commune.account on account.id = mention.account_id
                  where mention.post_id = post.id
                    and account.domain = $2
              )
              or (
                  post.visibility = 'followers'
                  and exists (
                      select from commune.follow
                      join commune.account on account.id = follow.follower_id
                      where follow.followed_id = post.author_id
                        and follow.state = 'accepted'
                        and account.domain = $2
                  )
              )
          )
        order by post.id
        """,
        list(object_ids),
        reporter_domain,
    )
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row["author_id"], []).append(row["id"])
    return found


async def visible_posts_of(
    db: Executor, author_id: int, post_ids: Collection[int], viewer_id: int
) -> list[tuple[int, str]]:
    """Return (id, object id) of those posts that *author_id* wrote and *viewer_id* may see."""
    rows = await db.fetch(
        f"""
        select post.id, post.object_id
        from commune.post
        where post.author_id = $2
          and post.id = any($3::bigint[])
          and {MAY_SEE}
        order by post.id
        """,
        viewer_id,
        author_id,
        list(post_ids),
    )
    return [(row["id"], row["object_id"]) for row in rows]


async def reported_posts(db: Executor, post_ids: Collection[int]) -> dict[int, Post]:
    """Return those of the posts that stand in a report, whoever may see them, by id.

    Only moderators see what this returns: who reported a post showed it to them.
    """
    rows = await db.fetch(
        f"""
        select {posts.COLUMNS}
        from commune.post
        where post.id = any($1::bigint[])
          and post.deleted_at is null
          and exists (
              select from commune.report
              where report.account_id = post.author_id
                and post.id = any(report.post_ids)
          )
        """,
        list(post_ids),
    )
    return {row["id"]: posts.of_row(row) for row in rows}


async def set_suspended(db: Executor, account_id: int, at: datetime | None) -> bool:
    """Suspend an account at that time, or end that with None; return whether it changed."""
    row = await db.fetchrow(
        """
        update commune.account
        set suspended_at = $2
        where id = $1
          and deleted_at is null
          and (suspended_at is null) <> ($2::timestamptz is null)
        returning id
        """,
        account_id,
        at,
    )
    return row is not None
