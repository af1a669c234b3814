"""SQL about what no longer exists, and what must not come late."""

from __future__ import annotations

from datetime import datetime

from fedcommune.database import Executor


async def is_dead(db: Executor, object_id: str) -> bool:
    """Tell whether this id was deleted for good (SEC-ORI-10)."""
    found = await db.fetchval(
        "select exists (select from commune.tombstone where object_id = $1)", object_id
    )
    return bool(found)


async def bury(
    db: Executor, object_id: str, *, former_type: str, local: bool, now: datetime
) -> None:
    """Keep a tombstone for *object_id*, for ever."""
    await db.execute(
        """
        insert into commune.tombstone (object_id, former_type, local, deleted_at)
        values ($1, $2, $3, $4)
        on conflict (object_id) do nothing
        """,
        object_id,
        former_type,
        local,
        now,
    )


async def forestall(db: Executor, activity_id: str, until: datetime) -> None:
    """Remember that this activity was undone before it arrived."""
    await db.execute(
        """
        insert into commune.forestalled (activity_id, until)
        values ($1, $2)
        on conflict (activity_id) do update
        set until = greatest(forestalled.until, excluded.until)
        """,
        activity_id,
        until,
    )


async def is_forestalled(db: Executor, activity_id: str, now: datetime) -> bool:
    """Tell whether this activity was undone before it arrived."""
    found = await db.fetchval(
        """
        select exists (
            select from commune.forestalled
            where activity_id = $1
              and until > $2
        )
        """,
        activity_id,
        now,
    )
    return bool(found)


async def forget_forestalled(db: Executor, now: datetime) -> None:
    """Forget what need not be waited for any more."""
    await db.execute("delete from commune.forestalled where until <= $1", now)


async def is_a_post(db: Executor, object_id: str) -> bool:
    """Tell whether this id is that of a post: the class of an id never changes (SEC-ORI-07)."""
    found = await db.fetchval(
        "select exists (select from commune.post where object_id = $1)", object_id
    )
    return bool(found)


async def purge(db: Executor, account_id: int) -> None:
    """Delete what an actor wrote, liked, followed, blocked and was told; the actor stays."""
    await db.execute(
        """
        update commune.post
        set likes_count = greatest(likes_count - 1, 0)
        from commune.reaction
        where reaction.post_id = post.id
          and reaction.account_id = $1
          and reaction.kind = 'like'
        """,
        account_id,
    )
    await db.execute(
        """
        update commune.post
        set shares_count = greatest(shares_count - 1, 0)
        from commune.reaction
        where reaction.post_id = post.id
          and reaction.account_id = $1
          and reaction.kind = 'boost'
        """,
        account_id,
    )
    await db.execute(
        """
        update commune.post
        set replies_count = greatest(replies_count - gone.replies, 0)
        from (
            select parent_id, count(*) as replies
            from commune.post
            where author_id = $1
              and parent_id is not null
              and visibility in ('public', 'unlisted')
              and deleted_at is null
            group by parent_id
        ) gone
        where post.id = gone.parent_id
        """,
        account_id,
    )
    await db.execute("delete from commune.media where account_id = $1", account_id)
    await db.execute("delete from commune.portrait where account_id = $1", account_id)
    await db.execute("delete from commune.post where author_id = $1", account_id)
    await db.execute("delete from commune.reaction where account_id = $1", account_id)
    await db.execute("delete from commune.mention where account_id = $1", account_id)
    # The totals stay: how it stood is not theirs alone.
    await db.execute("delete from commune.vote where voter_id = $1", account_id)
    await db.execute("delete from commune.help where helper_id = $1", account_id)
    await db.execute("update commune.task set doer_id = null where doer_id = $1", account_id)
    await db.execute("delete from commune.task where project_id = $1", account_id)
    await db.execute("delete from commune.scheduled_post where account_id = $1", account_id)
    await db.execute(
        "delete from commune.notification where account_id = $1 or from_id = $1", account_id
    )
    await db.execute(
        "delete from commune.follow where follower_id = $1 or followed_id = $1", account_id
    )
    await db.execute(
        "delete from commune.block where blocker_id = $1 or blocked_id = $1", account_id
    )
    await db.execute("delete from commune.link where subject_id = $1 or target_id = $1", account_id)
    await db.execute("delete from commune.organisation where account_id = $1", account_id)
    await db.execute("delete from commune.personal_fact where account_id = $1", account_id)
    await db.execute("delete from commune.website_proof where account_id = $1", account_id)
    await db.execute("delete from commune.done where account_id = $1", account_id)
    await db.execute("delete from commune.collection where account_id = $1", account_id)
    await db.execute("delete from commune.collection_item where account_id = $1", account_id)
    await db.execute("delete from commune.citizen where account_id = $1", account_id)


async def bury_posts(db: Executor, account_id: int, now: datetime) -> list[str]:
    """Keep a tombstone for each open post of a local actor, whose address then answers 410.

    One that only some could read never existed for the others (SEC-VIS-03). Returns the ids
    of all the posts.
    """
    await db.execute(
        """
        insert into commune.tombstone (object_id, former_type, local, deleted_at)
        select object_id, type, true, $2
        from commune.post
        where author_id = $1
          and visibility in ('public', 'unlisted')
        on conflict (object_id) do nothing
        """,
        account_id,
        now,
    )
    rows = await db.fetch(
        "select object_id from commune.post where author_id = $1 order by id", account_id
    )
    return [row["object_id"] for row in rows]


async def retire_name(db: Executor, username: str, now: datetime) -> None:
    """Never give this name again."""
    await db.execute(
        """
        insert into commune.retired_name (username, retired_at)
        values (lower($1), $2)
        on conflict (username) do nothing
        """,
        username,
        now,
    )


async def mark_deleted(db: Executor, account_id: int, now: datetime) -> None:
    """Empty a local actor and mark it as gone; id, name and addresses stay taken."""
    await db.execute(
        """
        update commune.account
        set deleted_at = $2,
            updated_at = $2,
            name = '',
            summary = '',
            source = '',
            icon = null,
            image = null,
            fields = '[]',
            details = '{}',
            latitude = null,
            longitude = null,
            also_known_as = '{}',
            role = 'citizen'
        where id = $1
        """,
        account_id,
        now,
    )


async def remove(db: Executor, account_id: int) -> None:
    """Delete a stranger's row and everything that hangs on it."""
    await db.execute("delete from commune.account where id = $1 and not local", account_id)
