"""SQL: what people were told that was done about them: strikes, and follows that were cut."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from fedcommune.database import Executor
from fedcommune.domain.moderation.model import Action, Severance, Strike


def _strike(row: Any) -> Strike:
    return Strike(**{**row, "action": Action(row["action"]), "post_ids": tuple(row["post_ids"])})


async def insert_strike(db: Executor, strike: Strike) -> None:
    await db.execute(
        """
        insert into commune.strike (
            id, account_id, by_id, action, text, report_id, post_ids, created_at
        )
        values ($1, $2, $3, $4, $5, $6, $7::bigint[], $8)
        """,
        strike.id,
        strike.account_id,
        strike.by_id,
        strike.action,
        strike.text,
        strike.report_id,
        list(strike.post_ids),
        strike.created_at,
    )


async def strikes(db: Executor, ids: Collection[int]) -> dict[int, Strike]:
    """Return the strikes of these ids, by id."""
    rows = await db.fetch(
        """
        select id, account_id, by_id, action, text, report_id, post_ids, created_at
        from commune.strike
        where id = any($1::bigint[])
        """,
        list(ids),
    )
    return {row["id"]: _strike(row) for row in rows}


async def strikes_of(db: Executor, account_id: int, *, limit: int = 40) -> list[Strike]:
    """Return what somebody was told, the latest first."""
    rows = await db.fetch(
        """
        select id, account_id, by_id, action, text, report_id, post_ids, created_at
        from commune.strike
        where account_id = $1
        order by id desc
        limit $2
        """,
        account_id,
        limit,
    )
    return [_strike(row) for row in rows]


async def insert_severance(
    db: Executor, severance: Severance, cut: Mapping[int, tuple[int, int]]
) -> None:
    """Keep that follows were cut: of each account, so many followers and so many followed."""
    await db.execute(
        "insert into commune.severance (id, type, target, created_at) values ($1, $2, $3, $4)",
        severance.id,
        severance.type,
        severance.target,
        severance.created_at,
    )
    await db.executemany(
        """
        insert into commune.severed (severance_id, account_id, followers, following)
        values ($1, $2, $3, $4)
        """,
        [
            (severance.id, account_id, followers, following)
            for account_id, (followers, following) in cut.items()
        ],
    )


async def severances(db: Executor, account_id: int, ids: Collection[int]) -> dict[int, Severance]:
    """Return what was cut of an account by the severances of these ids, by id."""
    rows = await db.fetch(
        """
        select severance.id, severance.type, severance.target, severed.followers,
               severed.following, severance.created_at
        from commune.severance
        join commune.severed on severed.severance_id = severance.id
        where severed.account_id = $1
          and severance.id = any($2::bigint[])
        """,
        account_id,
        list(ids),
    )
    return {row["id"]: Severance(**row) for row in rows}
