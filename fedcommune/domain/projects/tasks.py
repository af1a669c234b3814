"""What there is to do in a project: those who take part write it down, take it, do it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.projects import queries
from fedcommune.domain.projects.model import MAX_TASKS, Task, title_of
from fedcommune.errors import Invalid, NotAllowed, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def add(
    tx: Transaction,
    by: Account,
    project: Account,
    title: str,
    *,
    doer: Account | None = None,
    due_on: date | None = None,
) -> Task:
    """Let *by*, who takes part in *project*, write down what there is to do.

    Raises NotFound when it is no living project of ours, NotAllowed for who does not take
    part, Invalid for what needs a correction or when there is too much to do already.
    """
    if await queries.locked(tx.db, project.id) is None:
        raise NotFound
    await _must_contribute(tx, by, project.id)
    made = Task(
        id=identifiers.new(tx.now),
        project_id=project.id,
        title=title_of(title),
        doer_id=await _doer(tx, doer, project.id),
        due_on=due_on,
        done_at=None,
        created_by=by.id,
        created_at=tx.now,
    )
    if await queries.count_tasks(tx.db, project.id) >= MAX_TASKS:
        raise Invalid(
            "title", _("A project has at most {limit} tasks: take some away."), limit=MAX_TASKS
        )
    await queries.insert_task(tx.db, made)
    return made


async def take(tx: Transaction, by: Account, task_id: int, doer: Account | None) -> Task:
    """Let *by* say who does a task; None: nobody yet. Raises as :func:`add`."""
    task = await _own(tx, by, task_id)
    return await _rewrite(tx, replace(task, doer_id=await _doer(tx, doer, task.project_id)))


async def finish(tx: Transaction, by: Account, task_id: int) -> Task:
    """Let *by* say that a task is done; once more changes nothing. Raises as :func:`add`."""
    task = await _own(tx, by, task_id)
    return await _rewrite(tx, replace(task, done_at=task.done_at or tx.now))


async def reopen(tx: Transaction, by: Account, task_id: int) -> Task:
    """Let *by* say that a task is not done after all. Raises as :func:`add`."""
    return await _rewrite(tx, replace(await _own(tx, by, task_id), done_at=None))


async def remove(tx: Transaction, by: Account, task_id: int) -> None:
    """Let *by* take a task away. Raises as :func:`add`."""
    await queries.remove_task(tx.db, (await _own(tx, by, task_id)).id)


async def _own(tx: Transaction, by: Account, task_id: int) -> Task:
    task = await queries.task(tx.db, task_id)
    if task is None:
        raise NotFound
    await _must_contribute(tx, by, task.project_id)
    return task


async def _must_contribute(tx: Transaction, by: Account, project_id: int) -> None:
    if not by.is_active or not await queries.contributes(tx.db, by.id, project_id):
        raise NotAllowed(_("Only who takes part in this project can do that."))


async def _doer(tx: Transaction, doer: Account | None, project_id: int) -> int | None:
    if doer is None:
        return None
    if not await queries.contributes(tx.db, doer.id, project_id):
        raise Invalid("doer", _("Only who takes part in the project can take this on."))
    return doer.id


async def _rewrite(tx: Transaction, task: Task) -> Task:
    await queries.rewrite_task(tx.db, task.id, task.title, task.doer_id, task.due_on, task.done_at)
    return task
