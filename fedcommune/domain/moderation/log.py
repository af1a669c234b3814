"""The log of the moderators: who did what, to whom, why. Nobody changes it afterwards."""

from __future__ import annotations

from fedcommune import identifiers
from fedcommune.database import Executor, Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.moderation.model import Entry, Measure


async def record(
    tx: Transaction,
    kind: Measure,
    *,
    by: Account | None,
    account_id: int | None = None,
    host: str | None = None,
    report_id: int | None = None,
    about: str = "",
    reason: str = "",
) -> None:
    """Keep a trace of what a moderator did; *by* is None for the command line."""
    await tx.db.execute(
        """
        insert into commune.measure (
            id, kind, by_id, account_id, host, report_id, about, reason, created_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        identifiers.new(tx.now),
        kind,
        None if by is None else by.id,
        account_id,
        host,
        report_id,
        about,
        reason,
        tx.now,
    )


async def listed(
    db: Executor, *, account_id: int | None = None, before: int | None = None, limit: int = 40
) -> list[Entry]:
    """Return the log, or what was done to one account, the latest first."""
    rows = await db.fetch(
        """
        select id, kind, by_id, account_id, host, report_id, about, reason, created_at
        from commune.measure
        where ($1::bigint is null or account_id = $1)
          and ($2::bigint is null or id < $2)
        order by id desc
        limit $3
        """,
        account_id,
        before,
        limit,
    )
    return [Entry(**row) for row in rows]
