"""SQL about how people usually write."""

from __future__ import annotations

from fedcommune.database import Executor
from fedcommune.domain.preferences.model import Preferences
from fedcommune.domain.visibility import Visibility


async def of(db: Executor, account_id: int) -> Preferences:
    """Return what an account chose, or else what everybody begins with."""
    row = await db.fetchrow(
        """
        select visibility, sensitive, language, quotes
        from commune.preference
        where account_id = $1
        """,
        account_id,
    )
    if row is None:
        return Preferences()
    return Preferences(**{**row, "visibility": Visibility(row["visibility"])})


async def keep(db: Executor, account_id: int, chosen: Preferences) -> None:
    await db.execute(
        """
        insert into commune.preference (account_id, visibility, sensitive, language, quotes)
        values ($1, $2, $3, $4, $5)
        on conflict (account_id) do update
        set visibility = excluded.visibility,
            sensitive = excluded.sensitive,
            language = excluded.language,
            quotes = excluded.quotes
        """,
        account_id,
        chosen.visibility,
        chosen.sensitive,
        chosen.language,
        chosen.quotes,
    )
