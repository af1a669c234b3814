"""How often something delicate may be tried (SEC-DOS-11); all processes count together.

Whoever handles a route counts: no spelling of the address gets around that. What is counted
by is kept as a digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fedcommune.database import Executor, Transaction
from fedcommune.errors import TooMany


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times in a span that begins with the first."""

    what: str
    times: int
    span: timedelta


SIGN_UP: Final = Limit("sign_up", 5, timedelta(minutes=30))
# The first of the two steps asks about postal codes: one may mistype.
SIGN_UP_STEP: Final = Limit("sign_up_step", 25, timedelta(minutes=5))
SIGN_IN_ADDRESS: Final = Limit("sign_in", 25, timedelta(minutes=5))
SIGN_IN_EMAIL: Final = Limit("sign_in_email", 25, timedelta(hours=1))
SECOND_FACTOR: Final = Limit("second_factor", 5, timedelta(minutes=5))
LETTER_ADDRESS: Final = Limit("letter", 25, timedelta(minutes=5))
LETTER_EMAIL: Final = Limit("letter_email", 5, timedelta(minutes=30))
PASSWORD: Final = Limit("password", 10, timedelta(minutes=10))
TICKET: Final = Limit("ticket", 25, timedelta(minutes=5))
INVITE: Final = Limit("invite", 20, timedelta(hours=1))
# What people do on pages: write, like, follow; and look around on other servers.
DEED: Final = Limit("deed", 300, timedelta(minutes=5))
LOOK: Final = Limit("look", 60, timedelta(minutes=5))

# After so many wrong passwords for one e-mail from one address, the next try must wait: a
# second, then twice as long each time.
FREE_MISTAKES: Final = 4
LONGEST_WAIT: Final = timedelta(minutes=15)
_MISTAKES: Final = "mistakes"
_FORGOTTEN: Final = timedelta(hours=24)


async def count(tx: Transaction, limit: Limit, who: str) -> None:
    """Count one more try of *who*. Raises TooMany, and counts no further, beyond the limit."""
    row = await tx.db.fetchrow(
        """
        insert into commune.attempt as attempt (what, who, count, since, latest)
        values ($1, $2, 1, $3, $3)
        on conflict (what, who) do update
        set count = case when attempt.since <= $4 then 1 else attempt.count + 1 end,
            since = case when attempt.since <= $4 then $3 else attempt.since end,
            latest = $3
        returning count, since
        """,
        limit.what,
        _digest(who),
        tx.now,
        tx.now - limit.span,
    )
    assert row is not None, "an upsert returns its row"
    if row["count"] > limit.times:
        wait = row["since"] + limit.span - tx.now
        raise TooMany(
            _("That is a lot of tries: wait a few minutes, then try again."),
            retry_after=max(1.0, wait.total_seconds()),
        )


async def check_mistakes(tx: Transaction, who: str) -> None:
    """Raise TooMany while *who* must wait after wrong passwords (SEC-AUT-01)."""
    row = await tx.db.fetchrow(
        "select count, latest from commune.attempt where what = $1 and who = $2",
        _MISTAKES,
        _digest(who),
    )
    if row is None:
        return
    wait = row["latest"] + delay_after(row["count"]) - tx.now
    if wait > timedelta(0):
        raise TooMany(
            _("The password was wrong several times: wait a moment, then try again."),
            retry_after=wait.total_seconds(),
        )


def delay_after(mistakes: int) -> timedelta:
    """Return how long to wait after so many *mistakes* in a row."""
    if mistakes <= FREE_MISTAKES:
        return timedelta(0)
    return min(LONGEST_WAIT, timedelta(seconds=2 ** min(mistakes - FREE_MISTAKES, 20)))


async def add_mistake(tx: Transaction, who: str) -> None:
    """Count a wrong password; a day without any, and all are forgotten."""
    await tx.db.execute(
        """
        insert into commune.attempt as attempt (what, who, count, since, latest)
        values ($1, $2, 1, $3, $3)
        on conflict (what, who) do update
        set count = case when attempt.latest <= $4 then 1 else attempt.count + 1 end,
            latest = $3
        """,
        _MISTAKES,
        _digest(who),
        tx.now,
        tx.now - _FORGOTTEN,
    )


async def forgive(tx: Transaction, who: str) -> None:
    """Forget the mistakes of *who*, who knew the password in the end."""
    await tx.db.execute(
        "delete from commune.attempt where what = $1 and who = $2", _MISTAKES, _digest(who)
    )


async def forget_old(db: Executor, now: datetime) -> None:
    """Forget what was counted long ago."""
    await db.execute("delete from commune.attempt where latest < $1", now - _FORGOTTEN)


def _digest(who: str) -> bytes:
    return hashlib.sha256(who.strip().lower().encode("utf-8", "replace")).digest()


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message
