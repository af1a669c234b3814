"""SQL on projects."""

from __future__ import annotations

from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.queries.people import COLUMNS, of_row


async def locked(db: Executor, account_id: int) -> Account | None:
    """Return a living project of ours as it is now, its row locked until the end."""
    row = await db.fetchrow(
        f"""
        select {COLUMNS}
        from commune.account
        where id = $1
          and local
          and kind = 'project'
          and deleted_at is null
        for update
        """,
        account_id,
    )
    return None if row is None else of_row(row)
