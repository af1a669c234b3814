"""What there is to do in projects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.projects import queries
from fedcommune.domain.projects import tasks as actions
from fedcommune.domain.projects.model import Task
from fedcommune.errors import NotFound

_NUMBER = click.argument("number", type=int)


@click.group()
def task() -> None:
    """Say what there is to do in a project, who does it, and what is done."""


@task.command()
@click.argument("project")
@click.argument("title")
@click.option("--who", default="", help="Who does it: somebody who takes part, such as @marie.")
@click.option("--by", type=click.DateTime(["%Y-%m-%d"]), help="By which day.")
@command
def add(call: Call, *, project: str, title: str, who: str, by: datetime | None) -> None:
    """Write down TITLE among what there is to do in PROJECT."""

    async def run(commune: Commune) -> Task:
        account = await lookup.actor(commune, project)
        doer = await lookup.actor(commune, who) if who else None
        due_on = None if by is None else by.date()
        async with commune.database.transaction() as tx:
            return await actions.add(tx, account, account, title, doer=doer, due_on=due_on)

    made = call.run(run)
    call.out.record(_described(made), f"Written down: {made.title} (number {made.id})")


@task.command("list")
@click.argument("project")
@command
def show_all(call: Call, *, project: str) -> None:
    """List what there is to do in PROJECT, what is done at the end."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        db = commune.database.pool
        account = await lookup.actor(commune, project)
        found = await queries.tasks(db, account.id)
        people = await accounts.by_ids(db, {each.doer_id for each in found if each.doer_id})
        handles = {each.id: f"@{each.handle}" for each in people.values()}
        return [{**_described(each), "who": handles.get(each.doer_id or 0)} for each in found]

    call.out.rows(call.run(run), ["id", "title", "who", "due_on", "done_at"], "Nothing to do.")


@task.command()
@_NUMBER
@command
def done(call: Call, *, number: int) -> None:
    """Say that the task NUMBER is done."""

    async def run(commune: Commune) -> Task:
        async with commune.database.transaction() as tx:
            return await actions.finish(tx, await _project(tx.db, number), number)

    made = call.run(run)
    call.out.record(_described(made), f"Done: {made.title}")


@task.command()
@_NUMBER
@command
def reopen(call: Call, *, number: int) -> None:
    """Say that the task NUMBER is not done after all."""

    async def run(commune: Commune) -> Task:
        async with commune.database.transaction() as tx:
            return await actions.reopen(tx, await _project(tx.db, number), number)

    made = call.run(run)
    call.out.record(_described(made), f"To do again: {made.title}")


@task.command()
@_NUMBER
@click.argument("who")
@command
def give(call: Call, *, number: int, who: str) -> None:
    """Let WHO, who takes part in the project, do the task NUMBER."""

    async def run(commune: Commune) -> Task:
        doer = await lookup.actor(commune, who)
        async with commune.database.transaction() as tx:
            return await actions.take(tx, await _project(tx.db, number), number, doer)

    made = call.run(run)
    call.out.record(_described(made), f"{who} does: {made.title}")


@task.command()
@_NUMBER
@command
def remove(call: Call, *, number: int) -> None:
    """Take the task NUMBER away."""

    async def run(commune: Commune) -> None:
        async with commune.database.transaction() as tx:
            await actions.remove(tx, await _project(tx.db, number), number)

    call.run(run)
    call.out.record({"id": str(number), "removed": True}, "It is gone.")


async def _project(db: Executor, number: int) -> Account:
    """Return the project of a task, which does by itself what an administrator asks."""
    found = await queries.task(db, number)
    project = None if found is None else await accounts.by_id(db, found.project_id)
    if project is None:
        raise NotFound(f"There is no task with the number {number}.")
    return project


def _described(made: Task) -> dict[str, Any]:
    return {
        "id": str(made.id),
        "title": made.title,
        "due_on": made.due_on,
        "done_at": made.done_at,
        "created_at": made.created_at,
    }
