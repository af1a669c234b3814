"""SQL: votes, and polls of which something is to be told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.polls.model import ASK_AGAIN, Seen, Vote
from fedcommune.domain.posts import questions
from fedcommune.domain.posts.choices import GRACE, Poll
from fedcommune.domain.visibility import Viewer

# How many polls are looked at in one go.
BATCH: Final = 20


async def seen(db: Executor, viewer: Viewer, post_ids: Collection[int]) -> dict[int, Seen]:
    """Return the polls of posts that were already found visible, as *viewer* sees them."""
    if not post_ids:
        return {}
    rows = await db.fetch(
        f"""
        select {questions.COLUMNS},
               array(
                   select vote.choice
                   from commune.vote
                   where vote.post_id = poll.post_id
                     and vote.voter_id = $2::bigint
                   order by vote.choice
               ) as own
        from commune.poll
        where poll.post_id = any($1::bigint[])
        """,
        list(post_ids),
        viewer.account_id,
    )
    return {row["post_id"]: Seen(questions.of_row(row), tuple(row["own"])) for row in rows}


async def taken(db: Executor, post_id: int, voter_id: int) -> set[int]:
    """Return what somebody chose."""
    rows = await db.fetch(
        "select choice from commune.vote where post_id = $1 and voter_id = $2", post_id, voter_id
    )
    return {row["choice"] for row in rows}


async def insert(
    db: Executor, poll: Poll, voter_id: int, votes: Sequence[Vote], now: datetime
) -> int:
    """Keep the votes of one voter; return how many of them are new."""
    rows = await db.fetch(
        """
        insert into commune.vote (id, post_id, voter_id, choice, sole, created_at)
        select vote.id, $1, $2, vote.choice, $5, $6
        from unnest($3::bigint[], $4::smallint[]) as vote (id, choice)
        on conflict do nothing
        returning id
        """,
        poll.post_id,
        voter_id,
        [vote.id for vote in votes],
        [vote.choice for vote in votes],
        not poll.multiple,
        now,
    )
    return len(rows)


async def count(db: Executor, poll: Poll) -> None:
    """Write the totals of a poll whose row is locked."""
    await db.execute(
        "update commune.poll set votes = $2, voters = $3 where post_id = $1",
        poll.post_id,
        list(poll.votes),
        poll.voters,
    )


async def tell_at(db: Executor, post_id: int, moment: datetime) -> None:
    """Let the totals be told at *moment*, unless they are to be told already."""
    await db.execute(
        "update commune.poll set tell_at = coalesce(tell_at, $2) where post_id = $1",
        post_id,
        moment,
    )


async def await_end(db: Executor, poll: Poll) -> None:
    """Let our people who vote in a stranger's poll be told how it ends."""
    await db.execute(
        "update commune.poll set settle_at = $2::timestamptz + $3::interval where post_id = $1",
        poll.post_id,
        poll.ends_at,
        GRACE,
    )


async def due_to_tell(db: Executor, now: datetime) -> list[int]:
    """Return polls whose new totals are to be told now, the longest waiting first."""
    rows = await db.fetch(
        """
        select post_id
        from commune.poll
        where tell_at <= $1
        order by tell_at
        limit $2
        """,
        now,
        BATCH,
    )
    return [row["post_id"] for row in rows]


async def due_to_settle(db: Executor, now: datetime) -> list[int]:
    """Return polls whose end is to be told now, the longest waiting first."""
    rows = await db.fetch(
        """
        select post_id
        from commune.poll
        where settle_at <= $1
        order by settle_at
        limit $2
        """,
        now,
        BATCH,
    )
    return [row["post_id"] for row in rows]


async def due(db: Executor, post_id: int, now: datetime) -> bool | None:
    """Lock a post and then its poll; tell whether its end is to be told, or only its totals.

    None when there is nothing to tell (any more), or when somebody else is at it.
    """
    free = await db.fetchval(
        "select id from commune.post where id = $1 for update skip locked", post_id
    )
    if free is None:
        return None
    row = await db.fetchrow(
        """
        select coalesce(settle_at <= $2, false) as ends, coalesce(tell_at <= $2, false) as changed
        from commune.poll
        where post_id = $1
        for update
        """,
        post_id,
        now,
    )
    if row is None or not (row["ends"] or row["changed"]):
        return None
    return bool(row["ends"])


async def told(db: Executor, post_id: int, *, ended: bool) -> None:
    """Remember that the totals were told, and the end when that was told, too."""
    await db.execute(
        """
        update commune.poll
        set tell_at = null,
            settle_at = case when $2 then null else settle_at end
        where post_id = $1
        """,
        post_id,
        ended,
    )


async def postpone(db: Executor, post_id: int, until: datetime) -> None:
    """Look at a poll again later: telling of it failed (SEC-DOS-09)."""
    await db.execute(
        """
        update commune.poll
        set tell_at = case when tell_at is not null then greatest(tell_at, $2) end,
            settle_at = case when settle_at is not null then greatest(settle_at, $2) end
        where post_id = $1
        """,
        post_id,
        until,
    )


async def local_voters(db: Executor, post_id: int) -> list[int]:
    """Return our accounts that voted, each once."""
    rows = await db.fetch(
        """
        select distinct vote.voter_id
        from commune.vote
        join commune.account on account.id = vote.voter_id
        where vote.post_id = $1
          and account.local
        order by vote.voter_id
        """,
        post_id,
    )
    return [row["voter_id"] for row in rows]


async def claim(db: Executor, post_id: int, now: datetime) -> bool:
    """Let the caller, and nobody else for a while, ask how a stranger's poll stands.

    Once it is over, it is asked once.
    """
    row = await db.fetchrow(
        """
        update commune.poll
        set asked_at = $2
        where post_id = $1
          and (
              asked_at is null
              or asked_at < $2::timestamptz - $3::interval
              and (ends_at is null or asked_at < ends_at + $4::interval)
          )
        returning post_id
        """,
        post_id,
        now,
        ASK_AGAIN,
        GRACE,
    )
    return row is not None
