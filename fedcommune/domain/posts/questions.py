"""SQL: the poll that hangs on a post. Who voted is the business of the polls."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.posts.choices import GRACE, Poll

COLUMNS: Final = """
    poll.post_id, poll.options, poll.votes, poll.voters, poll.multiple, poll.hides_totals,
    poll.ends_at
"""


def of_row(row: Any) -> Poll:
    """Make a :class:`Poll` of a row that has all of ``COLUMNS``, and perhaps more."""
    values = {name: row[name] for name in Poll.__slots__}
    return Poll(**{**values, "options": tuple(row["options"]), "votes": tuple(row["votes"])})


async def of_posts(db: Executor, post_ids: Collection[int]) -> dict[int, Poll]:
    """Return the polls of posts that were already found visible, by post."""
    rows = await db.fetch(
        f"select {COLUMNS} from commune.poll where poll.post_id = any($1::bigint[])",
        list(post_ids),
    )
    return {row["post_id"]: of_row(row) for row in rows}


async def of_post(db: Executor, post_id: int) -> Poll | None:
    """Return the poll of a post that was already found visible."""
    return (await of_posts(db, [post_id])).get(post_id)


async def locked(db: Executor, post_id: int) -> Poll | None:
    """Return the poll of a post, its row locked: who counts does so one after the other.

    The post is held before it, as whoever counts needs it afterwards: those who lock both, to
    edit or to tell, would wait for each other otherwise.
    """
    await db.execute("select from commune.post where id = $1 for key share", post_id)
    row = await db.fetchrow(
        f"select {COLUMNS} from commune.poll where poll.post_id = $1 for update", post_id
    )
    return None if row is None else of_row(row)


async def ask(db: Executor, poll: Poll, *, local: bool) -> None:
    """Let the post ask exactly this. The end of one of ours will be told when it comes."""
    await db.execute(
        """
        insert into commune.poll (post_id, options, votes, voters, multiple, hides_totals,
            ends_at, settle_at)
        values ($1, $2, $3, $4, $5, $6, $7, case when $8 then $7::timestamptz end)
        on conflict (post_id) do update
        set options = excluded.options,
            votes = excluded.votes,
            voters = excluded.voters,
            multiple = excluded.multiple,
            hides_totals = excluded.hides_totals,
            ends_at = excluded.ends_at,
            settle_at = excluded.settle_at,
            tell_at = null
        """,
        poll.post_id,
        list(poll.options),
        list(poll.votes),
        poll.voters,
        poll.multiple,
        poll.hides_totals,
        poll.ends_at,
        local,
    )


async def refresh(db: Executor, poll: Poll) -> None:
    """Write how a stranger's poll stands, as its own server told (W-POLL-04).

    The votes of our people may have moved its end: it is still told to them, once.
    """
    await db.execute(
        """
        update commune.poll
        set votes = $2,
            voters = $3,
            ends_at = $4,
            settle_at = case when settle_at is not null then $4::timestamptz + $5::interval end
        where post_id = $1
        """,
        poll.post_id,
        list(poll.votes),
        poll.voters,
        poll.ends_at,
        GRACE,
    )


async def drop(db: Executor, post_id: int) -> None:
    """Let the post ask nothing any more; the votes go with the poll."""
    await db.execute("delete from commune.poll where post_id = $1", post_id)


async def forget_votes(db: Executor, post_id: int) -> None:
    """Forget who voted, and who was told how it ended: it is another poll now."""
    await db.execute("delete from commune.vote where post_id = $1", post_id)
    await db.execute(
        "delete from commune.notification where post_id = $1 and kind = 'poll'", post_id
    )
