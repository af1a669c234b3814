"""SQL: what hangs on a post: earlier versions, hashtags, files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.posts.model import MAX_LINKS, Attachment, Post, Revision
from fedcommune.domain.visibility import MAY_SEE, Viewer

# Of a post that is changed all day long, the latest versions are enough.
MAX_REVISIONS: Final = 100
# Longer addresses do not fit into an index.
MAX_LINK: Final = 2_000


async def add_revision(db: Executor, post: Post) -> None:
    """Keep what *post* says now, before it is rewritten."""
    await db.execute(
        """
        insert into commune.revision (post_id, number, content, source, summary, sensitive,
            written_at, options)
        select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6,
            (select options from commune.poll where post_id = $1)
        from commune.revision
        where post_id = $1
        """,
        post.id,
        post.content,
        post.source,
        post.summary,
        post.sensitive,
        post.edited_at or post.published_at,
    )
    await db.execute(
        """
        delete from commune.revision
        where post_id = $1
          and number <= (select max(number) from commune.revision where post_id = $1) - $2
        """,
        post.id,
        MAX_REVISIONS,
    )


async def revisions(db: Executor, viewer: Viewer, post_id: int) -> list[Revision]:
    """Return what a post said before, oldest first, if *viewer* may see the post."""
    rows = await db.fetch(
        f"""
        select revision.post_id, revision.number, revision.content, revision.source,
            revision.summary, revision.sensitive, revision.written_at, revision.options
        from commune.revision
        join commune.post on post.id = revision.post_id
        where revision.post_id = $2
          and {MAY_SEE}
        order by revision.number
        """,
        viewer.account_id,
        post_id,
    )
    return [
        Revision(**{**row, "options": None if row["options"] is None else tuple(row["options"])})
        for row in rows
    ]


async def set_hashtags(db: Executor, post_id: int, names: Iterable[str]) -> None:
    """Let a post carry exactly these hashtags (as ``model.hashtags`` writes them)."""
    kept = list(names)
    await db.execute(
        "delete from commune.hashtag where post_id = $1 and name <> all($2::text[])", post_id, kept
    )
    await db.execute(
        """
        insert into commune.hashtag (post_id, name)
        select $1, unnest($2::text[])
        on conflict do nothing
        """,
        post_id,
        kept,
    )


async def set_links(db: Executor, post_id: int, urls: Iterable[str]) -> None:
    """Let a post lead to exactly these addresses, of which the first ``MAX_LINKS`` are kept."""
    kept = list(dict.fromkeys(url for url in urls if len(url) <= MAX_LINK))[:MAX_LINKS]
    await db.execute(
        """
        with gone as (
            delete from commune.post_link
            where post_id = $1
              and url <> all($2::text[])
        )
        insert into commune.post_link (post_id, url)
        select $1, unnest($2::text[])
        on conflict do nothing
        """,
        post_id,
        kept,
    )


async def set_attachments(db: Executor, post_id: int, attachments: Iterable[Attachment]) -> None:
    """Let a post carry exactly these attachments, in this order."""
    await db.execute("delete from commune.attachment where post_id = $1", post_id)
    await db.executemany(
        """
        insert into commune.attachment (post_id, position, media_type, url, description, width,
            height, blurhash, media_id, preview_url, preview_width, preview_height, focus_x,
            focus_y, duration)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        """,
        [
            (
                post_id,
                position,
                each.media_type,
                each.url,
                each.description,
                each.width,
                each.height,
                each.blurhash,
                each.media_id,
                each.preview_url,
                each.preview_width,
                each.preview_height,
                each.focus_x,
                each.focus_y,
                each.duration,
            )
            for position, each in enumerate(attachments)
        ],
    )


async def attachments(db: Executor, post_ids: Collection[int]) -> dict[int, list[Attachment]]:
    """Return the attachments of posts that were already found visible, by post."""
    rows = await db.fetch(
        """
        select post_id, media_type, url, description, width, height, blurhash, media_id,
            preview_url, preview_width, preview_height, focus_x, focus_y, duration
        from commune.attachment
        where post_id = any($1::bigint[])
        order by post_id, position
        """,
        list(post_ids),
    )
    found: dict[int, list[Attachment]] = {}
    for row in rows:
        values = dict(row)
        found.setdefault(values.pop("post_id"), []).append(Attachment(**values))
    return found
