"""SQL: bookmarks, favourites, threads not to hear of, and what stands around posts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import orjson

from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account, Tally
from fedcommune.domain.accounts.queries import COLUMNS as ACCOUNT
from fedcommune.domain.accounts.queries import NUMBERS, tally_of
from fedcommune.domain.accounts.queries import of_row as account_of
from fedcommune.domain.posts.model import FIRST_PAGE, Attachment, Page
from fedcommune.domain.posts.queries import COLUMNS, of_row
from fedcommune.domain.quotes.queries import AROUND, AROUND_FROM, around_of
from fedcommune.domain.reading.model import Kept, Named, Surroundings
from fedcommune.domain.visibility import MAY_SEE, Viewer


async def around(
    db: Executor, viewer: Viewer, post_ids: Collection[int]
) -> dict[int, Surroundings]:
    """Return what is shown with posts that were already found visible, by post."""
    rows = await db.fetch(
        f"""
        select post.id as post_id,
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
                     and reaction.account_id = $2::bigint
               ) as reactions,
               exists (
                   select from commune.bookmark
                   where bookmark.post_id = post.id and bookmark.account_id = $2::bigint
               ) as bookmarked,
               exists (
                   select from commune.thread_mute
                   where thread_mute.account_id = $2::bigint
                     and thread_mute.conversation = post.conversation
               ) as muted,
               exists (
                   select from commune.featured
                   where featured.post_id = post.id and featured.account_id = $2::bigint
               ) as pinned,
               exists (
                   select from commune.filter where filter.account_id = $2::bigint
               ) as filters,
               {ACCOUNT},
               {NUMBERS},
               {AROUND}
        from commune.post
        join commune.account on account.id = post.author_id
        left join commune.tally on tally.account_id = account.id
        left join commune.post parent on parent.id = post.parent_id and parent.deleted_at is null
        {AROUND_FROM}
        where post.id = any($1::bigint[])
        """,
        list(post_ids),
        viewer.account_id,
    )
    authors: dict[int, tuple[Account, Tally]] = {}
    for row in rows:
        if row["id"] not in authors:
            authors[row["id"]] = account_of(row), tally_of(row)
    return {row["post_id"]: _surroundings(row, viewer, authors[row["id"]]) for row in rows}


def _surroundings(row: Any, viewer: Viewer, author: tuple[Account, Tally]) -> Surroundings:
    reactions, attachments, mentions = row["reactions"], row["attachments"], row["mentions"]
    return Surroundings(
        author=author,
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
        select bookmark.id as cursor, {COLUMNS}
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
        select reaction.id as cursor, {COLUMNS}
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
