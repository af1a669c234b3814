"""SQL on projects."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.queries.people import COLUMNS, of_row
from fedcommune.domain.projects.model import MAX_TASKS, Task

_TASK: Final = """task.id, task.project_id, task.title, task.doer_id, task.due_on, task.done_at,
    task.created_by, task.created_at"""


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


async def parts(db: Executor, actor_id: str) -> list[Account]:
    """Return the living projects known here that say they are a part of this one."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.account
        where kind = 'project'
          and details ->> 'parent' = $1
          and deleted_at is null
          and suspended_at is null
        order by id
        limit 100
        """,
        actor_id,
    )
    return [of_row(row) for row in rows]


async def all_ours(db: Executor) -> list[Account]:
    """Return every living project of ours, the oldest first."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.account
        where kind = 'project'
          and local
          and deleted_at is null
        order by id
        """
    )
    return [of_row(row) for row in rows]


async def contributes(db: Executor, account_id: int, project_id: int) -> bool:
    """Tell whether somebody takes part in a project, or is it."""
    return account_id == project_id or bool(
        await db.fetchval(
            """
            select exists (
                select from commune.link
                where subject_id = $1
                  and target_id = $2
                  and state = 'active'
            )
            """,
            account_id,
            project_id,
        )
    )


async def tasks(db: Executor, project_id: int) -> list[Task]:
    """Return what there is to do: what is open first, by the day it is due."""
    rows = await db.fetch(
        f"""
        select {_TASK}
        from commune.task
        where project_id = $1
        order by done_at nulls first, due_on nulls last, id
        limit {MAX_TASKS}
        """,
        project_id,
    )
    return [Task(**row) for row in rows]


async def task(db: Executor, task_id: int) -> Task | None:
    """Return one task, its row locked until the end."""
    row = await db.fetchrow(f"select {_TASK} from commune.task where id = $1 for update", task_id)
    return None if row is None else Task(**row)


async def count_tasks(db: Executor, project_id: int) -> int:
    found = await db.fetchval("select count(*) from commune.task where project_id = $1", project_id)
    return int(found)


async def insert_task(db: Executor, made: Task) -> None:
    await db.execute(
        """
        insert into commune.task (id, project_id, title, doer_id, due_on, done_at, created_by,
            created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        made.id,
        made.project_id,
        made.title,
        made.doer_id,
        made.due_on,
        made.done_at,
        made.created_by,
        made.created_at,
    )


async def rewrite_task(
    db: Executor,
    task_id: int,
    title: str,
    doer_id: int | None,
    due_on: date | None,
    done_at: datetime | None,
) -> None:
    """Replace what is said of a task."""
    await db.execute(
        "update commune.task set title = $2, doer_id = $3, due_on = $4, done_at = $5 where id = $1",
        task_id,
        title,
        doer_id,
        due_on,
        done_at,
    )


async def remove_task(db: Executor, task_id: int) -> None:
    await db.execute("delete from commune.task where id = $1", task_id)
