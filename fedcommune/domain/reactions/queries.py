"""SQL on likes, boosts and pins. Counters move with the rows, in the same statement."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.queries import COLUMNS, of_row
from fedcommune.domain.reactions.model import Kind, Reaction
from fedcommune.domain.visibility import MAY_SEE, Viewer, Visibility


def _reaction(row: Any) -> Reaction | None:
    if row is None:
        return None
    values = dict(row)
    values["kind"] = Kind(values["kind"])
    values["visibility"] = Visibility(values["visibility"])
    return Reaction(**values)


async def insert(db: Executor, reaction: Reaction) -> bool:
    """Store a reaction and count it; return whether it is new.

    Nothing happens when this account reacted so before, when the activity is known
    already, or when the post is deleted.
    """
    row = await db.fetchrow(
        """
        with made as (
            insert into commune.reaction (id, kind, account_id, post_id, activity_id, visibility,
                created_at)
            select $1, $2, $3, id, $5, $6, $7
            from commune.post
            where id = $4
              and deleted_at is null
            on conflict do nothing
            returning kind, post_id
        )
        update commune.post
        set likes_count = likes_count + case when made.kind = 'like' then 1 else 0 end,
            shares_count = shares_count + case when made.kind = 'boost' then 1 else 0 end
        from made
        where post.id = made.post_id
        returning post.id
        """,
        reaction.id,
        reaction.kind,
        reaction.account_id,
        reaction.post_id,
        reaction.activity_id,
        reaction.visibility,
        reaction.created_at,
    )
    return row is not None


async def delete(db: Executor, reaction_id: int) -> bool:
    """Remove a reaction and its count; return whether it was there."""
    row = await db.fetchrow(
        """
        with gone as (
            delete from commune.reaction
            where id = $1
            returning kind, post_id
        )
        update commune.post
        set likes_count = likes_count - case when gone.kind = 'like' then 1 else 0 end,
            shares_count = shares_count - case when gone.kind = 'boost' then 1 else 0 end
        from gone
        where post.id = gone.post_id
        returning post.id
        """,
        reaction_id,
    )
    return row is not None


async def between(db: Executor, kind: Kind, account_id: int, post_id: int) -> Reaction | None:
    """Return this account's reaction of this kind to the post."""
    return _reaction(
        await db.fetchrow(
            """
            select id, kind, account_id, post_id, activity_id, visibility, created_at
            from commune.reaction
            where kind = $1
              and account_id = $2
              and post_id = $3
            """,
            kind,
            account_id,
            post_id,
        )
    )


async def by_activity(db: Executor, activity_id: str) -> Reaction | None:
    """Return the reaction that this Like or Announce made."""
    return _reaction(
        await db.fetchrow(
            """
            select id, kind, account_id, post_id, activity_id, visibility, created_at
            from commune.reaction
            where activity_id = $1
            """,
            activity_id,
        )
    )


async def done_by(
    db: Executor, account_id: int, post_ids: Collection[int]
) -> dict[int, frozenset[Kind]]:
    """Return, for each of the posts, what this account did with it."""
    rows = await db.fetch(
        """
        select post_id, array_agg(kind) as kinds
        from commune.reaction
        where account_id = $1
          and post_id = any($2::bigint[])
        group by post_id
        """,
        account_id,
        list(post_ids),
    )
    return {row["post_id"]: frozenset(Kind(kind) for kind in row["kinds"]) for row in rows}


async def accounts_of(
    db: Executor,
    viewer: Viewer,
    post_id: int,
    kind: Kind,
    *,
    below: int | None = None,
    above: int | None = None,
    limit: int = 40,
) -> list[tuple[int, Account]]:
    """Return (reaction id, account) of those who reacted so, newest first.

    Nobody when *viewer* may not see the post; boosts that were told to followers only
    are left out.
    """
    rows = await db.fetch(
        f"""
        select reaction.id as reaction_id, {accounts.COLUMNS}
        from commune.reaction
        join commune.post on post.id = reaction.post_id
        join commune.account on account.id = reaction.account_id
        where reaction.post_id = $2
          and reaction.kind = $3
          and ($4::bigint is null or reaction.id < $4)
          and ($6::bigint is null or reaction.id > $6)
          and reaction.visibility in ('public', 'unlisted')
          and account.suspended_at is null
          and account.deleted_at is null
          and {MAY_SEE}
        order by reaction.id desc
        limit $5
        """,
        viewer.account_id,
        post_id,
        kind,
        below,
        limit,
        above,
    )
    return [(row["reaction_id"], accounts.of_row(row)) for row in rows]


async def count(db: Executor, post_id: int, kind: Kind) -> int:
    """Return how many reacted so, counted from the rows."""
    found = await db.fetchval(
        "select count(*) from commune.reaction where post_id = $1 and kind = $2", post_id, kind
    )
    return int(found)


async def pin(db: Executor, account_id: int, post_id: int, now: datetime) -> bool:
    """Put a post among those that its author shows first; return whether it is new there."""
    row = await db.fetchrow(
        """
        insert into commune.featured (account_id, post_id, created_at)
        values ($1, $2, $3)
        on conflict do nothing
        returning post_id
        """,
        account_id,
        post_id,
        now,
    )
    return row is not None


async def unpin(db: Executor, account_id: int, post_id: int) -> bool:
    """Take a post from there; return whether it was there."""
    row = await db.fetchrow(
        """
        delete from commune.featured
        where account_id = $1
          and post_id = $2
        returning post_id
        """,
        account_id,
        post_id,
    )
    return row is not None


async def count_pinned(db: Executor, account_id: int) -> int:
    """Return how many posts an account pinned, its row locked until the end."""
    await db.execute("select from commune.account where id = $1 for update", account_id)
    found = await db.fetchval(
        "select count(*) from commune.featured where account_id = $1", account_id
    )
    return int(found)


async def pinned(db: Executor, viewer: Viewer, account_id: int) -> list[Post]:
    """Return what an account pinned, as far as *viewer* may see it, the latest first."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.featured
        join commune.post on post.id = featured.post_id
        where featured.account_id = $2
          and {MAY_SEE}
        order by featured.created_at desc, post.id desc
        """,
        viewer.account_id,
        account_id,
    )
    return [of_row(row) for row in rows]
