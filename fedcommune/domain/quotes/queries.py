"""SQL about quotes. What is quoted is shown by who shows posts, to who may see it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts.model import FIRST_PAGE, Approval, Page, Post, QuoteState
from fedcommune.domain.posts.queries import COLUMNS as POST
from fedcommune.domain.posts.queries import of_row
from fedcommune.domain.quotes.model import NOBODY, Around, Leave, Quoting, leave
from fedcommune.domain.visibility import MAY_SEE, Viewer, Visibility

_COLUMNS: Final = """
    quote.post_id, quote.target, quote.target_id, quote.state, quote.legacy, quote.stamp,
    quote.request, quote.due_at, quote.attempts
"""


def _of_row(row: Any) -> Quoting | None:
    return None if row is None else Quoting(**row)


async def of_post(db: Executor, post_id: int) -> Quoting | None:
    """Return what a post quotes, its row locked."""
    return _of_row(
        await db.fetchrow(
            f"select {_COLUMNS} from commune.quote where quote.post_id = $1 for update", post_id
        )
    )


async def by_request(db: Executor, request: str) -> Quoting | None:
    """Return the quote of a post of ours for which leave was asked by this activity."""
    return _of_row(
        await db.fetchrow(
            f"""
            select {_COLUMNS}
            from commune.quote
            join commune.post on post.id = quote.post_id
            where quote.request = $1
              and post.local
            for update of quote
            """,
            request,
        )
    )


async def by_stamp(db: Executor, stamp: str, author_id: int) -> list[Quoting]:
    """Return what is quoted under this stamp of what *author_id* wrote.

    Whoever else names the same stamp does not hinder anybody (W-QUO-02).
    """
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.quote
        join commune.post target on target.id = quote.target_id
        where quote.stamp = $1
          and target.author_id = $2
        order by quote.post_id
        for update of quote
        """,
        stamp,
        author_id,
    )
    return [Quoting(**row) for row in rows]


async def due(db: Executor, now: datetime) -> Quoting | None:
    """Return the quote that has waited longest to be looked into, and lease it for five minutes.

    Two processes never look into the same.
    """
    return _of_row(
        await db.fetchrow(
            f"""
            update commune.quote
            set due_at = $1::timestamptz + interval '5 minutes'
            where post_id = (
                select post_id
                from commune.quote
                where due_at <= $1
                order by due_at
                limit 1
                for update skip locked
            )
            returning {_COLUMNS}
            """,
            now,
        )
    )


async def settle(
    db: Executor,
    post_id: int,
    state: QuoteState,
    *,
    stamp: str | None,
    due_at: datetime | None = None,
    attempts: int = 0,
) -> None:
    """Write down how a quote stands now, and when to look into it again."""
    await db.execute(
        """
        update commune.quote
        set state = $2, stamp = $3, due_at = $4, attempts = $5
        where post_id = $1
        """,
        post_id,
        state,
        stamp,
        due_at,
        attempts,
    )


async def asked(db: Executor, post_id: int, request: str) -> None:
    """Write down by which activity leave is asked."""
    await db.execute("update commune.quote set request = $2 where post_id = $1", post_id, request)


# What is shown of quotes beside a row of commune.post named ``post``, to the account that is the
# first parameter (bigint, null when anonymous). It goes with ``AROUND_FROM``.
AROUND: Final = """
    post.author_id, post.visibility, quote.state, quote.legacy, quote.target_id,
    target.deleted_at is not null as gone, quote_policy.automatic, quote_policy.manual,
    (
        select count(*)
        from commune.quote other
        join commune.post quoting on quoting.id = other.post_id
        where other.target_id = post.id
          and other.state = 'accepted'
          and quoting.deleted_at is null
          and quoting.visibility in ('public', 'unlisted')
    ) as count,
    reader.actor_id as reader_actor_id,
    exists (
        select from commune.follow
        where follower_id = $1::bigint
          and followed_id = post.author_id
          and state = 'accepted'
        offset 0
    ) as follows,
    exists (
        select from commune.follow
        where follower_id = post.author_id
          and followed_id = $1::bigint
          and state = 'accepted'
        offset 0
    ) as followed,
    exists (
        select from commune.mute
        where mute.muter_id = $1::bigint
          and mute.muted_id = target.author_id
          and (mute.expires_at is null or mute.expires_at > now())
    ) as mutes_author,
    target.id is not null and exists (
        select from commune.host_mute
        join commune.account unheard on unheard.id = target.author_id
        where host_mute.account_id = $1::bigint
          and commune.is_of_host(unheard.domain, host_mute.host)
    ) as mutes_host
"""
AROUND_FROM: Final = """
    left join commune.quote on quote.post_id = post.id
    left join commune.post target on target.id = quote.target_id
    left join commune.quote_policy on quote_policy.post_id = post.id
    left join commune.account reader on reader.id = $1::bigint
"""


async def around(db: Executor, viewer: Viewer, post_ids: Collection[int]) -> dict[int, Around]:
    """Return what is shown of quotes beside posts that were already found visible, by post."""
    rows = await db.fetch(
        f"""
        select post.id, {AROUND}
        from commune.post
        {AROUND_FROM}
        where post.id = any($2::bigint[])
        """,
        viewer.account_id,
        list(post_ids),
    )
    return {row["id"]: around_of(row, viewer) for row in rows}


def around_of(row: Any, viewer: Viewer) -> Around:
    """Make an :class:`Around` of a row that has all of ``AROUND``."""
    automatic, manual = row["automatic"], row["manual"]
    approval = (
        Approval(tuple(automatic or ()), tuple(manual or ())) if automatic or manual else NOBODY
    )
    # What asks nobody, and what nobody answered for, is shown as the link that it is (W-QUO-04).
    shown = row["state"] is not None and not (row["legacy"] and row["state"] != "accepted")
    return Around(
        state=row["state"] if shown else None,
        target_id=row["target_id"] if shown else None,
        gone=bool(row["gone"]),
        unheard="muted_account"
        if row["mutes_author"]
        else "blocked_domain"
        if row["mutes_host"]
        else None,
        count=row["count"],
        approval=approval,
        leave=_leave(row, approval, is_author=row["author_id"] == viewer.account_id),
    )


def _leave(row: Any, approval: Approval, *, is_author: bool) -> Leave:
    if row["reader_actor_id"] is None:
        return "denied"
    standing = [row["reader_actor_id"]]
    standing += ["followers"] if row["follows"] else []
    standing += ["following"] if row["followed"] else []
    return leave(
        approval,
        is_author=is_author,
        is_open=Visibility(row["visibility"]).is_open,
        standing=standing,
    )


async def leave_of(db: Executor, post: Post, account: Account) -> Leave:
    """Tell how *account* stands to quoting *post*, which it was found to see."""
    found = await around(db, Viewer(account.id), [post.id])
    return found[post.id].leave


async def listed(
    db: Executor, viewer: Viewer, target_id: int, page: Page = FIRST_PAGE
) -> list[Post]:
    """Return the posts that quote a post with its author's leave, as far as *viewer* may see
    them, newest first.
    """
    rows = await db.fetch(
        f"""
        select {POST}
        from commune.quote
        join commune.post on post.id = quote.post_id
        where quote.target_id = $2
          and quote.state = 'accepted'
          and post.id < $3
          and post.id > $4
          and {MAY_SEE}
        order by post.id {page.order}
        limit $5
        """,
        viewer.account_id,
        target_id,
        page.ceiling,
        page.floor,
        page.limit,
    )
    return sorted((of_row(row) for row in rows), key=lambda post: post.id, reverse=True)
