"""SQL: what a post answers, and what answers it."""

from __future__ import annotations

from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.posts.model import FIRST_PAGE, Page, Post
from fedcommune.domain.posts.queries import COLUMNS, of_row
from fedcommune.domain.visibility import MAY_MEET, MAY_SEE, Viewer

# A thread is read as far as anybody reads one, and no further (SEC-DOS-03).
MAX_ANCESTORS: Final = 40
MAX_DESCENDANTS: Final = 500
MAX_DEPTH: Final = 40
MAX_CONVERSATION: Final = 500


async def ancestors(db: Executor, viewer: Viewer, post_id: int) -> list[Post]:
    """Return what the post answers and what that answers, root first, as far as *viewer* may see.

    The way up goes through posts that the viewer may not see: they are only left out.
    """
    rows = await db.fetch(
        f"""
        with recursive above (id, parent_id, height) as (
            select id, parent_id, 0
            from commune.post
            where id = $2
            union all
            select parent.id, parent.parent_id, above.height + 1
            from above
            join commune.post parent on parent.id = above.parent_id
            where above.height < $3
        )
        cycle id set is_cycle using path
        select {COLUMNS}
        from above
        join commune.post on post.id = above.id
        where above.height > 0
          and not above.is_cycle
          and {MAY_SEE}
        order by above.height desc
        """,
        viewer.account_id,
        post_id,
        MAX_ANCESTORS,
    )
    return [of_row(row) for row in rows]


async def descendants(db: Executor, viewer: Viewer, post_id: int) -> list[Post]:
    """Return what answers the post, and what answers that, oldest first, each once.

    Only the first ``MAX_DESCENDANTS`` are looked at, ``MAX_DEPTH`` answers deep.
    """
    rows = await db.fetch(
        f"""
        with recursive below (id, depth) as (
            select id, 0
            from commune.post
            where id = $2
            union all
            select child.id, below.depth + 1
            from below
            join commune.post child on child.parent_id = below.id
            where below.depth < $3
        )
        cycle id set is_cycle using path
        select {COLUMNS}
        from (
            select id
            from below
            where depth > 0
              and not is_cycle
            limit $4
        ) found
        join commune.post on post.id = found.id
        where {MAY_SEE}
          and {MAY_MEET}
        order by post.id
        """,
        viewer.account_id,
        post_id,
        MAX_DEPTH,
        MAX_DESCENDANTS,
    )
    return [of_row(row) for row in rows]


async def replies(
    db: Executor, post_id: int, *, after: int = 0, limit: int = 20, by_author: bool | None = None
) -> list[Post]:
    """Return the open answers to a post, oldest first, those behind the id *after* (W-THR-02).

    *by_author* keeps only those of the post's own author, or only those of others.
    """
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.post
        join commune.post parent on parent.id = post.parent_id
        where post.parent_id = $2
          and post.id > $3
          and post.visibility in ('public', 'unlisted')
          and ($5::boolean is null or (post.author_id = parent.author_id) = $5)
          and {MAY_SEE}
        order by post.id
        limit $4
        """,
        None,
        post_id,
        after,
        limit,
        by_author,
    )
    return [of_row(row) for row in rows]


async def conversation(
    db: Executor, viewer: Viewer, conversation_id: str, page: Page = FIRST_PAGE
) -> list[Post]:
    """Return the open posts of a thread, oldest first, those behind ``page.above`` (W-THR-01)."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.post
        where post.conversation = $2
          and post.visibility in ('public', 'unlisted')
          and ($3::bigint is null or post.id > $3)
          and {MAY_SEE}
        order by post.id
        limit $4
        """,
        viewer.account_id,
        conversation_id,
        page.above,
        page.limit,
    )
    return [of_row(row) for row in rows]


async def count_of_conversation(db: Executor, conversation_id: str) -> int:
    """Return how many open posts a thread has."""
    count = await db.fetchval(
        """
        select count(*)
        from commune.post
        where conversation = $1
          and visibility in ('public', 'unlisted')
          and deleted_at is null
        """,
        conversation_id,
    )
    return int(count)


async def adopt(db: Executor, post: Post) -> None:
    """Let *post*, that has just been stored, find the answers that came before it."""
    await db.execute(
        """
        update commune.post
        set parent_id = $1
        where in_reply_to = $2
          and parent_id is null
          and id <> $1
        """,
        post.id,
        post.object_id,
    )
    await count_replies(db, post.id)


async def count_replies(db: Executor, post_id: int | None) -> None:
    """Count the open answers to a post anew; private ones are nobody's business (SEC-VIS-07).

    Whoever adds or removes an answer holds its parent (``queries.hold``), so that two
    who count do it one after the other.
    """
    if post_id is None:
        return
    await db.execute(
        """
        update commune.post
        set replies_count = (
            select count(*)
            from commune.post reply
            where reply.parent_id = $1
              and reply.visibility in ('public', 'unlisted')
              and reply.deleted_at is null
        )
        where id = $1
        """,
        post_id,
    )
