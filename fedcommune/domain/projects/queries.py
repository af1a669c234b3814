"""SQL on projects."""

from __future__ import annotations

from datetime import datetime

from fedcommune.database import Executor
from fedcommune.domain.projects.model import Project


async def insert(db: Executor, project: Project) -> None:
    await db.execute(
        """
        insert into commune.project (account_id, stage, stage_at, openness,
            starts_at, ends_at, carrier_id, parent_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        project.account_id,
        project.stage,
        project.stage_at,
        project.openness,
        project.starts_at,
        project.ends_at,
        project.carrier_id,
        project.parent_id,
    )


async def by_account(db: Executor, account_id: int) -> Project | None:
    row = await db.fetchrow(
        """
        select account_id, stage, stage_at, openness, starts_at, ends_at, carrier_id, parent_id
        from commune.project where account_id = $1
        """,
        account_id,
    )
    return None if row is None else Project(**row)


async def set_stage(db: Executor, account_id: int, stage: str, now: datetime) -> str | None:
    """Move a project to *stage*; return where it stood, or None when it stands there already."""
    before: str | None = await db.fetchval(
        """
        with before as (
            select stage from commune.project where account_id = $1 for update
        )
        update commune.project set stage = $2, stage_at = $3
        from before
        where account_id = $1 and project.stage <> $2
        returning before.stage
        """,
        account_id,
        stage,
        now,
    )
    return before
