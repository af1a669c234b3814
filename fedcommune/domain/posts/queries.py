"""SQL: one post, and what hangs on it.

Whatever is shown to somebody goes through a :class:`Viewer`; ``stored`` is for the wire,
which has its own rules of ownership.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

import orjson

from fedcommune.database import Executor
from fedcommune.domain.posts.model import FIRST_PAGE, Page, Post
from fedcommune.domain.visibility import MAY_SEE, Viewer, Visibility

COLUMNS: Final = """
    post.id, post.object_id, post.url, post.local, post.author_id, post.type, post.visibility,
    post.title, post.content, post.source, post.summary, post.sensitive, post.language,
    post.in_reply_to, post.parent_id, post.conversation, post.tags, post.replies_count,
    post.likes_count, post.shares_count, post.published_at, post.edited_at, post.received_at,
    post.deleted_at, post.application, post.application_website
"""
_NAMES: Final = Post.__struct_fields__
_TAGS, _VISIBILITY = _NAMES.index("tags"), _NAMES.index("visibility")
_VISIBILITIES: Final = {each.value: each for each in Visibility}


def of_row(row: Any) -> Post:
    """Make a :class:`Post` of a row that has all of ``COLUMNS``, and perhaps more."""
    return of_values([row[name] for name in _NAMES])


def of_values(values: Iterable[Any]) -> Post:
    """Make a :class:`Post` of the values of ``COLUMNS``, in their order: pages have many."""
    columns = list(values)
    tags = columns[_TAGS]
    columns[_TAGS] = () if tags == "[]" else tuple(orjson.loads(tags))
    columns[_VISIBILITY] = _VISIBILITIES[columns[_VISIBILITY]]
    return Post(*columns)


async def hold(db: Executor, *object_ids: str | None) -> None:
    """Let nobody else touch what has one of these ids before this transaction ends.

    An id that is not stored yet can be held too: a Delete and a fetch of the same
    stranger's post then come one after the other (SEC-ORI-10). Taken in one order.
    """
    for object_id in sorted({object_id for object_id in object_ids if object_id}):
        await db.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", object_id)


async def insert(db: Executor, post: Post) -> bool:
    """Store *post* unless its object id is there already; return whether it is new."""
    row = await db.fetchrow(
        """
        insert into commune.post (id, object_id, url, local, author_id, type, visibility, title,
            content, source, summary, sensitive, language, in_reply_to, parent_id, conversation,
            tags, published_at, edited_at, received_at, application, application_website)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22)
        on conflict (object_id) do nothing
        returning id
        """,
        post.id,
        post.object_id,
        post.url,
        post.local,
        post.author_id,
        post.type,
        post.visibility,
        post.title,
        post.content,
        post.source,
        post.summary,
        post.sensitive,
        post.language,
        post.in_reply_to,
        post.parent_id,
        post.conversation,
        orjson.dumps(post.tags).decode(),
        post.published_at,
        post.edited_at,
        post.received_at,
        post.application,
        post.application_website,
    )
    return row is not None


async def rewrite(db: Executor, post: Post) -> None:
    """Write everything of *post* that an edit may change."""
    await db.execute(
        """
        update commune.post
        set url = $2, type = $3, visibility = $4, title = $5, content = $6, source = $7,
            summary = $8, sensitive = $9, language = $10, tags = $11, edited_at = $12
        where id = $1
        """,
        post.id,
        post.url,
        post.type,
        post.visibility,
        post.title,
        post.content,
        post.source,
        post.summary,
        post.sensitive,
        post.language,
        orjson.dumps(post.tags).decode(),
        post.edited_at,
    )


async def empty(db: Executor, post_id: int, now: datetime) -> None:
    """Forget what a post said, what hangs on it, and what people were told of it.

    The row stays, so that the replies around it keep their place in the thread.
    """
    await db.execute(
        """
        update commune.post
        set title = '', content = '', source = '', summary = '', tags = '[]', language = null,
            application = null, application_website = null, likes_count = 0,
            shares_count = 0, deleted_at = $2
        where id = $1
        """,
        post_id,
        now,
    )
    await db.execute("delete from commune.revision where post_id = $1", post_id)
    await db.execute("delete from commune.mention where post_id = $1", post_id)
    await db.execute("delete from commune.hashtag where post_id = $1", post_id)
    await db.execute("delete from commune.post_link where post_id = $1", post_id)
    await db.execute("delete from commune.attachment where post_id = $1", post_id)
    await db.execute("delete from commune.poll where post_id = $1", post_id)
    await db.execute("delete from commune.notice where post_id = $1", post_id)
    await db.execute("delete from commune.announcement where about_id = $1", post_id)
    await db.execute("delete from commune.event where post_id = $1", post_id)
    await db.execute("delete from commune.offer where post_id = $1", post_id)
    await db.execute("delete from commune.bookmark where post_id = $1", post_id)
    await db.execute("delete from commune.reaction where post_id = $1", post_id)
    await db.execute("delete from commune.featured where post_id = $1", post_id)
    await db.execute("delete from commune.notification where post_id = $1", post_id)
    await db.execute("delete from commune.quote where post_id = $1", post_id)
    await db.execute("delete from commune.quote_policy where post_id = $1", post_id)
    await db.execute("delete from commune.translation where post_id = $1", post_id)


async def forget_boosts(db: Executor, post_id: int) -> None:
    """Forget who boosted a post that is no longer for everybody (SEC-VIS-09)."""
    await db.execute("delete from commune.reaction where post_id = $1 and kind = 'boost'", post_id)
    await db.execute("update commune.post set shares_count = 0 where id = $1", post_id)


async def by_id(db: Executor, viewer: Viewer, post_id: int) -> Post | None:
    """Return the post, if *viewer* may see it."""
    row = await db.fetchrow(
        f"select {COLUMNS} from commune.post where post.id = $2 and {MAY_SEE}",
        viewer.account_id,
        post_id,
    )
    return None if row is None else of_row(row)


async def by_object_id(db: Executor, viewer: Viewer, object_id: str) -> Post | None:
    """Return the post of this ActivityPub id, if *viewer* may see it."""
    row = await db.fetchrow(
        f"select {COLUMNS} from commune.post where post.object_id = $2 and {MAY_SEE}",
        viewer.account_id,
        object_id,
    )
    return None if row is None else of_row(row)


async def by_address(db: Executor, viewer: Viewer, address: str) -> Post | None:
    """Return the post of this id or page, if *viewer* may see it."""
    row = await db.fetchrow(
        f"""
        select {COLUMNS}
        from commune.post
        where (post.object_id = $2 or post.url = $2)
          and {MAY_SEE}
        order by post.object_id = $2 desc, post.id
        limit 1
        """,
        viewer.account_id,
        address,
    )
    return None if row is None else of_row(row)


async def by_ids(db: Executor, viewer: Viewer, post_ids: Collection[int]) -> dict[int, Post]:
    """Return those of the posts that *viewer* may see, by id."""
    rows = await db.fetch(
        f"select {COLUMNS} from commune.post where post.id = any($2::bigint[]) and {MAY_SEE}",
        viewer.account_id,
        list(post_ids),
    )
    return {row["id"]: of_row(row) for row in rows}


async def stored(db: Executor, object_id: str) -> Post | None:
    """Return the post of this ActivityPub id whoever may see it, deleted or not, row locked.

    Never show what it returns: it answers "whose is it?" for what arrives from the wire.
    """
    row = await db.fetchrow(
        f"select {COLUMNS} from commune.post where post.object_id = $1 for update", object_id
    )
    return None if row is None else of_row(row)


async def locked(db: Executor, post_id: int) -> Post | None:
    """Return the post of this id whoever may see it, deleted or not, row locked."""
    row = await db.fetchrow(
        f"select {COLUMNS} from commune.post where post.id = $1 for update", post_id
    )
    return None if row is None else of_row(row)


async def known_by_id(db: Executor, post_id: int) -> Post | None:
    """Return the post of this id whoever may see it, deleted or not; never show it."""
    row = await db.fetchrow(f"select {COLUMNS} from commune.post where post.id = $1", post_id)
    return None if row is None else of_row(row)


async def answers(db: Executor, object_id: str) -> str | None:
    """Return the id of what a stored post answers."""
    found: str | None = await db.fetchval(
        "select in_reply_to from commune.post where object_id = $1", object_id
    )
    return found


async def page_of(db: Executor, object_id: str) -> str:
    """Return where a person reads a post; its id when nothing else is known."""
    found: str | None = await db.fetchval(
        "select url from commune.post where object_id = $1", object_id
    )
    return found or object_id


async def known(db: Executor, object_ids: Collection[str]) -> set[str]:
    """Return those of the ids that need no fetching: stored, or gone for good."""
    rows = await db.fetch(
        """
        select object_id from commune.post where object_id = any($1::text[])
        union
        select object_id from commune.tombstone where object_id = any($1::text[])
        """,
        list(object_ids),
    )
    return {row["object_id"] for row in rows}


async def of_account(
    db: Executor, viewer: Viewer, account_id: int, page: Page = FIRST_PAGE
) -> list[Post]:
    """Return what an account wrote, as far as *viewer* may see it, newest first."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.post
        where post.author_id = $2
          and ($3::bigint is null or post.id < $3)
          and ($4::bigint is null or post.id > $4)
          and {MAY_SEE}
        order by post.id {page.order}
        limit $5
        """,
        viewer.account_id,
        account_id,
        page.below,
        page.above,
        page.limit,
    )
    return sorted((of_row(row) for row in rows), key=lambda post: post.id, reverse=True)


async def count_of_account(db: Executor, account_id: int) -> int:
    """Return how many open posts an account wrote."""
    count = await db.fetchval(
        """
        select count(*)
        from commune.post
        where author_id = $1
          and visibility in ('public', 'unlisted')
          and deleted_at is null
        """,
        account_id,
    )
    return int(count)


async def count_local(db: Executor) -> int:
    """Return how many open posts were written here (NodeInfo: localPosts)."""
    count = await db.fetchval(
        """
        select count(*)
        from commune.post
        where local
          and visibility in ('public', 'unlisted')
          and deleted_at is null
        """
    )
    return int(count)


async def tombstone(db: Executor, object_id: str) -> tuple[str, datetime] | None:
    """Return (former type, when) of a deleted post of ours whose existence may be told.

    One that only some could read leaves no tombstone: for the others it never existed
    (W-DOC-12, OBJ-05).
    """
    row = await db.fetchrow(
        """
        select former_type, deleted_at
        from commune.tombstone
        where object_id = $1
          and local
        """,
        object_id,
    )
    return None if row is None else (row["former_type"], row["deleted_at"])


async def is_ours(db: Executor, object_ids: Collection[str]) -> bool:
    """Tell whether one of these is a living post written here."""
    return bool(
        await db.fetchval(
            """
            select exists (
                select from commune.post
                where object_id = any($1::text[])
                  and local
                  and deleted_at is null
            )
            """,
            list(object_ids),
        )
    )


async def is_answer_to_ours(db: Executor, post_id: int, *, levels: int) -> bool:
    """Tell whether a post written here stands at most *levels* above this one (S2S-17)."""
    return bool(
        await db.fetchval(
            """
            with recursive above (id, parent_id, local, height) as (
                select id, parent_id, false, 0
                from commune.post
                where id = $1
                union all
                select parent.id, parent.parent_id, parent.local, above.height + 1
                from above
                join commune.post parent on parent.id = above.parent_id
                where above.height < $2
            )
            select exists (select from above where local)
            """,
            post_id,
            levels,
        )
    )
