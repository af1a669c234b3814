"""SQL: direct posts by thread, for one of their people."""

from __future__ import annotations

from typing import Literal

from fedcommune.database import Executor
from fedcommune.domain.conversations.model import Conversation
from fedcommune.domain.posts.model import Page, Post
from fedcommune.domain.posts.queries import COLUMNS, of_row
from fedcommune.domain.visibility import MAY_SEE


async def listed(
    db: Executor,
    account_id: int,
    *,
    name: str | None = None,
    ceiling: int = 2**63 - 1,
    floor: int = 0,
    order: Literal["asc", "desc"] = "desc",
    limit: int = 40,
) -> list[Conversation]:
    """Return conversations whose latest post lies between *floor* and *ceiling*, that first."""
    rows = await db.fetch(
        f"""
        with mine as (
            select post_id as id from commune.mention where account_id = $1
            union
            select id from commune.post where author_id = $1 and visibility = 'direct'
        ),
        thread as (
            select coalesce(post.conversation, post.object_id) as name,
                   min(post.id) as id,
                   max(post.id) as last_id,
                   array_agg(post.id) as post_ids,
                   (array_agg(post.author_id order by post.id desc))[1] as last_author_id
            from mine
            join commune.post on post.id = mine.id
            where post.visibility = 'direct'
              and ($2::text is null or coalesce(post.conversation, post.object_id) = $2)
              and {MAY_SEE}
            group by coalesce(post.conversation, post.object_id)
        )
        select thread.id, thread.name, thread.last_id,
               thread.last_author_id <> $1
                   and thread.last_id > coalesce(state.read_up_to, 0) as unread,
               array(
                   select author_id from commune.post
                   where id = any(thread.post_ids) and author_id <> $1
                   union
                   select account_id from commune.mention
                   where post_id = any(thread.post_ids) and account_id <> $1 and not blind
                   order by 1
               ) as people
        from thread
        left join commune.conversation_state state
          on state.account_id = $1 and state.conversation = thread.name
        where thread.last_id > coalesce(state.hidden_up_to, 0)
          and thread.last_id < $3
          and thread.last_id > $4
        order by thread.last_id {order}
        limit $5
        """,
        account_id,
        name,
        ceiling,
        floor,
        limit,
    )
    found = [Conversation(**{**row, "people": tuple(row["people"])}) for row in rows]
    return sorted(found, key=lambda each: each.last_id, reverse=True)


async def unread(db: Executor, account_id: int) -> int:
    """Return in how many conversations somebody said something that an account did not read."""
    found = await db.fetchval(
        f"""
        select count(distinct coalesce(post.conversation, post.object_id))
        from commune.mention
        join commune.post on post.id = mention.post_id
        left join commune.conversation_state state
          on state.account_id = $1
         and state.conversation = coalesce(post.conversation, post.object_id)
        where mention.account_id = $1
          and post.visibility = 'direct'
          and post.author_id <> $1
          and post.id > greatest(state.read_up_to, state.hidden_up_to, 0)
          and {MAY_SEE}
        """,
        account_id,
    )
    return int(found)


async def direct(db: Executor, account_id: int, part: Page) -> list[Post]:
    """Return the direct posts to or by an account, newest first."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.post
        where post.visibility = 'direct'
          and (
              post.author_id = $1
              or exists (
                  select from commune.mention
                  where mention.post_id = post.id
                    and mention.account_id = $1
              )
          )
          and post.id < $2
          and post.id > $3
          and {MAY_SEE}
        order by post.id {part.order}
        limit $4
        """,
        account_id,
        part.ceiling,
        part.floor,
        part.limit,
    )
    return sorted((of_row(row) for row in rows), key=lambda each: each.id, reverse=True)


async def one(db: Executor, account_id: int, id_: int) -> Conversation | None:
    """Return the conversation of which *id_* is a post, when *account_id* is one of its people."""
    name = await name_of(db, id_)
    found = [] if name is None else await listed(db, account_id, name=name)
    return next((each for each in found if each.id == id_), None)


async def name_of(db: Executor, post_id: int) -> str | None:
    """Return the name of the thread that a post belongs to."""
    found: str | None = await db.fetchval(
        "select coalesce(conversation, object_id) from commune.post where id = $1", post_id
    )
    return found


async def read(db: Executor, account_id: int, found: Conversation) -> None:
    """Remember that an account read all of a conversation."""
    await db.execute(
        """
        insert into commune.conversation_state (account_id, conversation, read_up_to)
        values ($1, $2, $3)
        on conflict (account_id, conversation) do update
        set read_up_to = excluded.read_up_to
        """,
        account_id,
        found.name,
        found.last_id,
    )


async def hide(db: Executor, account_id: int, found: Conversation) -> None:
    """Show a conversation to an account no more, until somebody says something."""
    await db.execute(
        """
        insert into commune.conversation_state (account_id, conversation, hidden_up_to)
        values ($1, $2, $3)
        on conflict (account_id, conversation) do update
        set hidden_up_to = excluded.hidden_up_to
        """,
        account_id,
        found.name,
        found.last_id,
    )
