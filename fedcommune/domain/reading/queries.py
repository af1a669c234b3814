"""SQL: bookmarks, favourites, threads not to hear of, and what stands around posts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

import orjson

from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account, Tally
from fedcommune.domain.accounts.queries import COLUMNS as ACCOUNT
from fedcommune.domain.accounts.queries import NUMBERS, tally_of
from fedcommune.domain.accounts.queries import of_values as account_of
from fedcommune.domain.posts.model import FIRST_PAGE, Attachment, Page, Post
from fedcommune.domain.posts.queries import COLUMNS as POST
from fedcommune.domain.posts.queries import of_row
from fedcommune.domain.posts.queries import of_values as post_of
from fedcommune.domain.quotes.queries import AROUND, AROUND_FROM, around_of
from fedcommune.domain.reading.model import Kept, Named, Surroundings
from fedcommune.domain.visibility import MAY_SEE, Viewer

# What stands around a row of commune.post named ``post``, for the account that is the first
# parameter (bigint, null when anonymous). Its author comes first, to be read by place: some of
# those columns are called like those of a post.
_AROUND: Final = f"""
    {ACCOUNT},
    parent.author_id as answered_id,
    (
        select jsonb_agg(to_jsonb(attachment) order by attachment.position)
        from commune.attachment
        where attachment.post_id = post.id
    ) as attachments,
    (
        select jsonb_agg(
            jsonb_build_array(account.id, account.username, account.domain,
                account.local, coalesce(account.url, account.actor_id))
            order by account.id
        )
        from commune.mention
        join commune.account on account.id = mention.account_id
        where mention.post_id = post.id
          and not mention.silent
    ) as mentions,
    (
        select array_agg(reaction.kind)
        from commune.reaction
        where reaction.post_id = post.id
          and reaction.account_id = $1::bigint
    ) as reactions,
    exists (
        select from commune.bookmark
        where bookmark.post_id = post.id and bookmark.account_id = $1::bigint
    ) as bookmarked,
    exists (
        select from commune.thread_mute
        where thread_mute.account_id = $1::bigint
          and thread_mute.conversation = post.conversation
    ) as muted,
    exists (
        select from commune.featured
        where featured.post_id = post.id and featured.account_id = $1::bigint
    ) as pinned,
    exists (
        select from commune.filter where filter.account_id = $1::bigint
    ) as filters,
    {NUMBERS},
    {AROUND}
"""
_FROM: Final = f"""
    from commune.post
    join commune.account on account.id = post.author_id
    left join commune.tally on tally.account_id = account.id
    left join commune.post parent on parent.id = post.parent_id and parent.deleted_at is null
    {AROUND_FROM}
"""
_POST_WIDTH: Final = len(Post.__struct_fields__)
_ACCOUNT_WIDTH: Final = len(Account.__struct_fields__)


async def around(
    db: Executor, viewer: Viewer, post_ids: Collection[int]
) -> dict[int, Surroundings]:
    """Return what is shown with posts that were already found visible, by post."""
    rows = await db.fetch(
        f"select {_AROUND}, post.id as post_id {_FROM} where post.id = any($2::bigint[])",
        viewer.account_id,
        list(post_ids),
    )
    authors = _authors(rows, 0)
    return {row["post_id"]: _surroundings(row, viewer, authors) for row in rows}


async def seen(
    db: Executor, viewer: Viewer, post_ids: Collection[int]
) -> dict[int, tuple[Post, Surroundings]]:
    """Return those of the posts that *viewer* may see, with what is shown with them, by id."""
    rows = await db.fetch(
        f"""
        select {POST}, {_AROUND}
        {_FROM}
        where post.id = any($2::bigint[])
          and {MAY_SEE}
        """,
        viewer.account_id,
        list(post_ids),
    )
    authors = _authors(rows, _POST_WIDTH)
    found = [(post_of(row[:_POST_WIDTH]), _surroundings(row, viewer, authors)) for row in rows]
    return {post.id: (post, around) for post, around in found}


_Authors: TypeAlias = Mapping[int, tuple[Account, Tally]]


def _authors(rows: Iterable[Any], place: int) -> _Authors:
    """Return who wrote the posts of these rows, whose columns begin at *place*, each once."""
    authors: dict[int, tuple[Account, Tally]] = {}
    for row in rows:
        if row["author_id"] not in authors:
            account = account_of(row[place : place + _ACCOUNT_WIDTH])
            authors[account.id] = account, tally_of(row)
    return authors


def _surroundings(row: Any, viewer: Viewer, authors: _Authors) -> Surroundings:
    reactions, attachments, mentions = row["reactions"], row["attachments"], row["mentions"]
    return Surroundings(
        author=authors[row["author_id"]],
        attachments=tuple(
            Attachment(**{name: each[name] for name in Attachment.__slots__})
            for each in orjson.loads(attachments)
        )
        if attachments
        else (),
        mentions=tuple(Named(*each) for each in orjson.loads(mentions)) if mentions else (),
        answered_id=row["answered_id"],
        liked=reactions is not None and "like" in reactions,
        boosted=reactions is not None and "boost" in reactions,
        bookmarked=row["bookmarked"],
        muted=row["muted"],
        pinned=row["pinned"],
        filters=row["filters"],
        quotes=around_of(row, viewer),
    )


async def bookmark(db: Executor, id_: int, account_id: int, post_id: int, now: datetime) -> None:
    """Keep a post for later; keeping it twice is keeping it once."""
    await db.execute(
        """
        insert into commune.bookmark (id, account_id, post_id, created_at)
        values ($1, $2, $3, $4)
        on conflict (account_id, post_id) do nothing
        """,
        id_,
        account_id,
        post_id,
        now,
    )


async def unbookmark(db: Executor, account_id: int, post_id: int) -> None:
    await db.execute(
        "delete from commune.bookmark where account_id = $1 and post_id = $2", account_id, post_id
    )


async def bookmarks(db: Executor, account_id: int, page: Page = FIRST_PAGE) -> list[Kept]:
    """Return what an account keeps for later and may still see, the latest kept first."""
    rows = await db.fetch(
        f"""
        select bookmark.id as cursor, {POST}
        from commune.bookmark
        join commune.post on post.id = bookmark.post_id
        where bookmark.account_id = $1
          and bookmark.id < $2
          and bookmark.id > $3
          and {MAY_SEE}
        order by bookmark.id {page.order}
        limit $4
        """,
        account_id,
        page.ceiling,
        page.floor,
        page.limit,
    )
    return _kept(rows)


async def favourites(db: Executor, account_id: int, page: Page = FIRST_PAGE) -> list[Kept]:
    """Return what an account likes and may still see, the latest liked first."""
    rows = await db.fetch(
        f"""
        select reaction.id as cursor, {POST}
        from commune.reaction
        join commune.post on post.id = reaction.post_id
        where reaction.account_id = $1
          and reaction.kind = 'like'
          and reaction.id < $2
          and reaction.id > $3
          and {MAY_SEE}
        order by reaction.id {page.order}
        limit $4
        """,
        account_id,
        page.ceiling,
        page.floor,
        page.limit,
    )
    return _kept(rows)


def _kept(rows: Collection[Any]) -> list[Kept]:
    found = [Kept(row["cursor"], of_row(row)) for row in rows]
    return sorted(found, key=lambda each: each.cursor, reverse=True)


async def mute_thread(db: Executor, account_id: int, conversation: str, now: datetime) -> None:
    """Tell an account nothing more of a thread."""
    await db.execute(
        """
        insert into commune.thread_mute (account_id, conversation, created_at)
        values ($1, $2, $3)
        on conflict do nothing
        """,
        account_id,
        conversation,
        now,
    )


async def unmute_thread(db: Executor, account_id: int, conversation: str) -> None:
    await db.execute(
        "delete from commune.thread_mute where account_id = $1 and conversation = $2",
        account_id,
        conversation,
    )
