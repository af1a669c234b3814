"""SQL about reports and measures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from fedcommune.database import Executor
from fedcommune.domain.moderation.model import Measure, Report
from fedcommune.domain.visibility import MAY_SEE


def _report(row: Any) -> Report:
    return Report(**{**row, "post_ids": tuple(row["post_ids"])})


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
) -> Report | None:
    """Store a report; None when the same person's same report is still open (SEC-MOD-04)."""
    row = await db.fetchrow(
        """
        insert into commune.report (
            id, activity_id, reporter_id, account_id, post_ids, content, created_at
        )
        select $1, $2, $3, $4, $5::bigint[], $6, $7
        where not exists (
            select from commune.report
            where reporter_id = $3
              and account_id = $4
              and post_ids = $5::bigint[]
              and closed_at is null
        )
        on conflict (activity_id) do nothing
        returning id, activity_id, reporter_id, account_id, post_ids, content, created_at, closed_at
        """,
        id_,
        activity_id,
        reporter_id,
        account_id,
        sorted(post_ids),
        content,
        now,
    )
    return None if row is None else _report(row)


async def by_id(db: Executor, report_id: int) -> Report | None:
    row = await db.fetchrow(
        """
        select id, activity_id, reporter_id, account_id, post_ids, content, created_at, closed_at
        from commune.report
        where id = $1
        """,
        report_id,
    )
    return None if row is None else _report(row)


async def open_reports(db: Executor, *, before: int | None = None, limit: int = 40) -> list[Report]:
    """Return the reports nobody has closed, newest first, those older than *before*."""
    rows = await db.fetch(
        """
        select id, activity_id, reporter_id, account_id, post_ids, content, created_at, closed_at
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


async def close(db: Executor, report_id: int, now: datetime) -> bool:
    """Close a report; return whether it was open."""
    row = await db.fetchrow(
        """
        update commune.report
        set closed_at = $2
        where id = $1
          and closed_at is null
        returning id
        """,
        report_id,
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


async def record(
    db: Executor,
    *,
    id_: int,
    kind: Measure,
    by_id: int | None,
    account_id: int | None,
    host: str | None,
    reason: str,
    now: datetime,
) -> None:
    """Keep a trace of what a moderator did."""
    await db.execute(
        """
        insert into commune.measure (id, kind, by_id, account_id, host, reason, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        id_,
        kind,
        by_id,
        account_id,
        host,
        reason,
        now,
    )
