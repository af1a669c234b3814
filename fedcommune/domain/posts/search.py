"""SQL: posts with certain words, for those who may find them (SEC-VIS-06)."""

from __future__ import annotations

from fedcommune.database import Executor
from fedcommune.domain.posts.model import FIRST_PAGE, Page, Post
from fedcommune.domain.posts.queries import COLUMNS, of_row
from fedcommune.domain.visibility import MAY_MEET, MAY_SEE, Viewer


async def search(
    db: Executor,
    viewer: Viewer,
    words: str,
    page: Page = FIRST_PAGE,
    *,
    author_id: int | None = None,
    skip: int = 0,
) -> list[Post]:
    """Return the posts with all of the *words* that *viewer* may find, the newest first.

    One finds what one wrote, what one is named in, liked, boosted or kept; of all others
    only public posts by people who asked to be found. *words* are as for a search engine:
    ``"a phrase"``, ``-not``, ``or``.
    """
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.post
        where commune.words(post.title || ' ' || post.content) @@ commune.wanted($2)
          and post.deleted_at is null
          and post.id < $3
          and post.id > $4
          and ($5::bigint is null or post.author_id = $5)
          and (
              post.author_id = $1::bigint
              or (
                  post.visibility = 'public'
                  and exists (
                      select from commune.account
                      where account.id = post.author_id and account.indexable
                  )
                  and {MAY_MEET}
              )
              or exists (
                  select from commune.mention
                  where mention.post_id = post.id and mention.account_id = $1::bigint
              )
              or exists (
                  select from commune.reaction
                  where reaction.post_id = post.id and reaction.account_id = $1::bigint
              )
              or exists (
                  select from commune.bookmark
                  where bookmark.post_id = post.id and bookmark.account_id = $1::bigint
              )
          )
          and {MAY_SEE}
        order by post.id {page.order}
        limit $6
        offset $7
        """,
        viewer.account_id,
        words,
        page.ceiling,
        page.floor,
        author_id,
        page.limit,
        skip,
    )
    return sorted((of_row(row) for row in rows), key=lambda post: post.id, reverse=True)
