"""SQL: the public posts, all of them, with a tag, or leading somewhere."""

from __future__ import annotations

from collections.abc import Sequence

from fedcommune.database import Executor
from fedcommune.domain.posts.model import FIRST_PAGE, Page
from fedcommune.domain.posts.queries import COLUMNS
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.timelines.queries.rows import HAS_MEDIA, HEARD, NO_BOOST, newest_first
from fedcommune.domain.visibility import MAY_MEET, MAY_SEE, Viewer


async def public(
    db: Executor,
    viewer: Viewer,
    page: Page = FIRST_PAGE,
    *,
    local: bool | None = None,
    only_media: bool = False,
) -> list[Entry]:
    """Return the public posts: everything known here, only ours, or only those of others.

    Answers to other people stay in their threads, and whom *viewer* muted stays away.
    """
    # Said outright, not as a parameter: each has its own index.
    where = {None: "true", True: "post.local", False: "not post.local"}[local]
    rows = await db.fetch(
        f"""
        select {COLUMNS}, {NO_BOOST}
        from commune.post
        left join commune.post parent on parent.id = post.parent_id
        where post.visibility = 'public'
          and post.deleted_at is null
          and post.id < $2
          and post.id > $3
          and {where}
          and (post.in_reply_to is null or parent.author_id = post.author_id)
          and (not $5 or {HAS_MEDIA})
          and {HEARD}
          and {MAY_MEET}
          and {MAY_SEE}
        order by post.id {page.order}
        limit $4
        """,
        viewer.account_id,
        page.ceiling,
        page.floor,
        page.limit,
        only_media,
    )
    return newest_first(rows)


async def tag(
    db: Executor,
    viewer: Viewer,
    name: str,
    page: Page = FIRST_PAGE,
    *,
    local: bool | None = None,
    only_media: bool = False,
    any_of: Sequence[str] = (),
    all_of: Sequence[str] = (),
    none_of: Sequence[str] = (),
) -> list[Entry]:
    """Return the public posts that carry the hashtag *name*, or one of *any_of*.

    They carry all of *all_of* and nothing of *none_of* besides. Names are as stored: lower
    case, no sharp sign.
    """
    rows = await db.fetch(
        f"""
        select distinct on (post.id) {COLUMNS}, {NO_BOOST}
        from commune.hashtag
        join commune.post on post.id = hashtag.post_id
        where hashtag.name = any($5::text[])
          and post.visibility = 'public'
          and hashtag.post_id < $2
          and hashtag.post_id > $3
          and ($6::boolean is null or post.local = $6)
          and (not $7 or {HAS_MEDIA})
          and (
              select count(*) from commune.hashtag other
              where other.post_id = post.id and other.name = any($8::text[])
          ) = cardinality($8::text[])
          and not exists (
              select from commune.hashtag other
              where other.post_id = post.id and other.name = any($9::text[])
          )
          and {HEARD}
          and {MAY_MEET}
          and {MAY_SEE}
        order by post.id {page.order}
        limit $4
        """,
        viewer.account_id,
        page.ceiling,
        page.floor,
        page.limit,
        list({name, *any_of}),
        local,
        only_media,
        list(set(all_of)),
        list(none_of),
    )
    return newest_first(rows)


async def link(db: Executor, viewer: Viewer, url: str, page: Page = FIRST_PAGE) -> list[Entry]:
    """Return the public posts that lead to the address *url*."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}, {NO_BOOST}
        from commune.post_link
        join commune.post on post.id = post_link.post_id
        where post_link.url = $5
          and post.visibility = 'public'
          and post_link.post_id < $2
          and post_link.post_id > $3
          and {HEARD}
          and {MAY_MEET}
          and {MAY_SEE}
        order by post.id {page.order}
        limit $4
        """,
        viewer.account_id,
        page.ceiling,
        page.floor,
        page.limit,
        url,
    )
    return newest_first(rows)
