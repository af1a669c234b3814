"""Let a post be an official notice, ours or a neighbour's, and look at it as one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from fedcommune.database import Executor, Transaction
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.official import Given, Notice, Severity
from fedcommune.domain.visibility import Visibility
from federation.vocabulary.notices import NoticeView

COLUMNS: Final = "notice.post_id, notice.severity, notice.ends_at, notice.lifted_at"


def of_row(row: Any) -> Notice:
    """Make a :class:`Notice` of a row that has all of ``COLUMNS``, and perhaps more."""
    values = {name: row[name] for name in Notice.__slots__}
    return Notice(**{**values, "severity": Severity(row["severity"])})


async def of_posts(db: Executor, post_ids: Collection[int]) -> dict[int, Notice]:
    """Return what is official about posts that were already found visible, by post."""
    rows = await db.fetch(
        f"select {COLUMNS} from commune.notice where notice.post_id = any($1::bigint[])",
        list(post_ids),
    )
    return {row["post_id"]: of_row(row) for row in rows}


async def of_post(db: Executor, post_id: int) -> Notice | None:
    """Return what is official about a post that was already found visible."""
    return (await of_posts(db, [post_id])).get(post_id)


async def hang(tx: Transaction, post: Post, given: Given) -> None:
    """Let our new *post* be a notice, of which everybody here is to be told."""
    await tx.db.execute(
        """
        insert into commune.notice (post_id, severity, ends_at, told_up_to)
        values ($1, $2, $3, 0)
        """,
        post.id,
        given.severity,
        given.ends_at,
    )


async def learn(tx: Transaction, post: Post, author: Account, view: NoticeView | None) -> None:
    """Let a stranger's *post* be the notice that *view* says, or none.

    Only a local authority gives notices, to everybody; nobody here is told of a neighbour's.
    """
    if (
        view is None
        or author.local
        or author.kind is not Kind.AUTHORITY
        or post.visibility is not Visibility.PUBLIC
    ):
        await tx.db.execute("delete from commune.notice where post_id = $1", post.id)
        return
    await tx.db.execute(
        """
        insert into commune.notice (post_id, severity, ends_at)
        values ($1, $2, $3)
        on conflict (post_id) do update
        set severity = excluded.severity, ends_at = excluded.ends_at
        """,
        post.id,
        view.severity,
        view.ends_at,
    )


async def refresh(tx: Transaction, post: Post, author: Account, view: NoticeView | None) -> bool:
    """Take from *view*, which comes from its author, until when a stranger's notice lasts.

    Returns whether that is new: a notice is lifted without an edit of its words.
    """
    known = await of_post(tx.db, post.id)
    if known is None or view is None or post.local or known.ends_at == view.ends_at:
        return False
    await learn(tx, post, author, view)
    return True
