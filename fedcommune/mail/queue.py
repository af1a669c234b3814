"""Letters on their way: kept with what they tell of, until a server took them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from fedcommune import identifiers
from fedcommune.database import Executor, Transaction
from fedcommune.keyring import Keyring
from fedcommune.mail.letters import Letter

# Whoever takes a letter has so long to send it before another takes it.
LEASE: Final = timedelta(minutes=5)
LONGEST_WAIT: Final = timedelta(hours=6)
PATIENCE: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Queued:
    """A letter that somebody is sending now; ``id`` is that of its row."""

    id: int
    letter: Letter
    attempts: int
    created_at: datetime


async def post(tx: Transaction, letter: Letter) -> None:
    """Send *letter* once the transaction is kept; sealed until then and after (SEC-OPS-01)."""
    letter_id = identifiers.new(tx.now)
    await tx.db.execute(
        """
        insert into commune.letter (id, kind, recipient, body, created_at, due_at, expires_at)
        values ($1, $2, $3, $4, $5, $5, $6)
        """,
        letter_id,
        letter.kind,
        letter.recipient,
        tx.keyring.seal(msgspec.json.encode(letter), _sealed_for(letter_id)),
        tx.now,
        letter.expires_at,
    )
    await tx.db.execute("select pg_notify('mail', '')")


async def take(db: Executor, keyring: Keyring, now: datetime) -> Queued | None:
    """Return the letter that is due first, which nobody else takes for a while."""
    row = await db.fetchrow(
        """
        update commune.letter
        set due_at = $2, attempts = attempts + 1
        where id = (
            select id from commune.letter
            where due_at <= $1 and gave_up_at is null
            order by due_at, id
            limit 1
            for update skip locked
        )
        returning id, body, attempts, created_at
        """,
        now,
        now + LEASE,
    )
    if row is None:
        return None
    plain = keyring.open(row["body"], _sealed_for(row["id"]))
    letter = msgspec.json.decode(plain, type=Letter)
    return Queued(row["id"], letter, row["attempts"], row["created_at"])


async def sent(db: Executor, letter_id: int) -> None:
    """Forget a letter that a server took."""
    await db.execute("delete from commune.letter where id = $1", letter_id)


async def postponed(db: Executor, queued: Queued, problem: str, now: datetime) -> None:
    """Try a letter again later; not after three days, nor when it is worth nothing any more."""
    wait = min(LONGEST_WAIT, timedelta(seconds=30 * 2 ** min(queued.attempts, 12)))
    late = queued.created_at + PATIENCE
    if queued.letter.expires_at is not None:
        late = min(late, queued.letter.expires_at)
    await db.execute(
        """
        update commune.letter
        set due_at = $2, problem = $3,
            gave_up_at = case when $2::timestamptz > $4 then $5::timestamptz end
        where id = $1
        """,
        queued.id,
        now + wait,
        problem[:500],
        late,
        now,
    )


async def given_up(db: Executor, queued: Queued, problem: str, now: datetime) -> None:
    """Keep a letter that no server will take, for the administrators to look at."""
    await db.execute(
        "update commune.letter set problem = $2, gave_up_at = $3 where id = $1",
        queued.id,
        problem[:500],
        now,
    )


async def status(db: Executor) -> dict[str, Any]:
    """Return how many letters wait, how many were given up, and since when the oldest waits."""
    row = await db.fetchrow(
        """
        select count(*) filter (where gave_up_at is null) as waiting,
               count(*) filter (where gave_up_at is not null) as given_up,
               min(created_at) filter (where gave_up_at is null) as oldest,
               max(problem) filter (where problem <> '') as problem
        from commune.letter
        """
    )
    assert row is not None, "an aggregate has a row"
    return dict(row)


async def retry(db: Executor, now: datetime) -> int:
    """Let every letter be tried again now; return how many there are."""
    rows = await db.fetch(
        """
        update commune.letter set due_at = $1, gave_up_at = null, created_at = $1
        where expires_at is null or expires_at > $1
        returning id
        """,
        now,
    )
    await db.execute("select pg_notify('mail', '')")
    return len(rows)


async def forget_given_up(db: Executor, before: datetime) -> None:
    """Forget letters that were given up *before* then."""
    await db.execute("delete from commune.letter where gave_up_at < $1", before)


def _sealed_for(letter_id: int) -> str:
    return f"letter {letter_id}"
