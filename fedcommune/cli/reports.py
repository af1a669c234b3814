"""Reports that wait for somebody, and the log of what moderators did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import click

from fedcommune.cli.accounts import named
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.database import Executor, Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.moderation import actions, queries
from fedcommune.domain.moderation import log as measures
from fedcommune.domain.moderation.categories import CATEGORIES, Category
from fedcommune.domain.moderation.model import Report
from fedcommune.errors import NotFound


@click.group()
def report() -> None:
    """Look into what people report, and close it."""


@report.command("list")
@click.option("--closed", is_flag=True, help="Those that were closed, instead of the open ones.")
@click.option("--about", default="", help="Only those about @name or @name@domain.")
@command
def show_all(call: Call, *, closed: bool, about: str) -> None:
    """List the reports, the latest first."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        db = commune.database.pool
        account_id = (await named(db, about)).id if about else None
        found = await queries.listed(db, closed=closed, account_id=account_id, limit=1_000)
        return await _described(db, found)

    call.out.rows(
        call.run(run),
        ["id", "about", "by", "category", "content", "posts", "assigned", "created_at"],
        "There is no such report.",
    )


@report.command()
@click.argument("number", type=int)
@command
def show(call: Call, *, number: int) -> None:
    """Show the report of this NUMBER."""
    _tell(call, number)


@report.command()
@click.argument("number", type=int)
@click.argument("name")
@command
def assign(call: Call, *, number: int, name: str) -> None:
    """Let the moderator NAME look into the report of this NUMBER."""

    async def do(tx: Transaction) -> None:
        await actions.assign_report(tx, number, await named(tx.db, name))

    _tell(call, number, do)


@report.command()
@click.argument("number", type=int)
@command
def unassign(call: Call, *, number: int) -> None:
    """Let nobody in particular look into the report of this NUMBER."""

    async def do(tx: Transaction) -> None:
        await actions.assign_report(tx, number, None)

    _tell(call, number, do)


@report.command()
@click.argument("number", type=int)
@command
def resolve(call: Call, *, number: int) -> None:
    """Close the report of this NUMBER."""

    async def do(tx: Transaction) -> None:
        await actions.close_report(tx, number)

    _tell(call, number, do)


@report.command()
@click.argument("number", type=int)
@command
def reopen(call: Call, *, number: int) -> None:
    """Open the report of this NUMBER again."""

    async def do(tx: Transaction) -> None:
        await actions.reopen_report(tx, number)

    _tell(call, number, do)


@report.command()
@click.argument("number", type=int)
@click.argument("category", type=click.Choice(CATEGORIES))
@click.option("--rule", "rules", type=int, multiple=True, help="A rule that was broken.")
@command
def change(call: Call, *, number: int, category: Category, rules: tuple[int, ...]) -> None:
    """Say what the report of this NUMBER is about."""

    async def do(tx: Transaction) -> None:
        await actions.change_report(tx, number, category, rules)

    _tell(call, number, do)


@click.command()
@click.option("--account", "about", default="", help="Only what was done to @name or @name@domain.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, help="How many lines.")
@command
def log(call: Call, *, about: str, limit: int) -> None:
    """Show what moderators did, to whom and why, the latest first."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        db = commune.database.pool
        account_id = (await named(db, about)).id if about else None
        found = await measures.listed(db, account_id=account_id, limit=limit)
        handles = await _handles(
            db, {id_ for each in found for id_ in (each.by_id, each.account_id) if id_ is not None}
        )
        return [
            {
                "at": each.created_at,
                "by": handles.get(each.by_id or 0, ""),
                "measure": each.kind,
                "to": handles.get(each.account_id or 0) or each.host or "",
                "report": None if each.report_id is None else str(each.report_id),
                "about": each.about,
                "reason": each.reason,
            }
            for each in found
        ]

    columns = ["at", "by", "measure", "to", "report", "about", "reason"]
    call.out.rows(call.run(run), columns, "Nothing was done yet.")


def _tell(
    call: Call, number: int, do: Callable[[Transaction], Awaitable[None]] | None = None
) -> None:
    """Do something about a report, and show how it stands then."""

    async def run(commune: Commune) -> dict[str, Any]:
        async with commune.database.transaction() as tx:
            if do is not None:
                await do(tx)
            found = await queries.by_id(tx.db, number)
            if found is None:
                raise NotFound(f"There is no report {number}: 'report list' shows them.")
            (shown,) = await _described(tx.db, [found])
            return shown

    call.out.record(call.run(run))


async def _described(db: Executor, found: list[Report]) -> list[dict[str, Any]]:
    handles = await _handles(
        db,
        {
            id_
            for each in found
            for id_ in (each.account_id, each.reporter_id, each.assigned_id, each.closed_by_id)
            if id_ is not None
        },
    )
    return [
        {
            "id": str(each.id),
            "about": handles.get(each.account_id, ""),
            "by": handles.get(each.reporter_id, ""),
            "category": each.category,
            "rules": list(each.rule_ids),
            "content": each.content,
            "posts": [str(post_id) for post_id in each.post_ids],
            "forwarded": each.forwarded,
            "assigned": handles.get(each.assigned_id or 0, ""),
            "closed_by": handles.get(each.closed_by_id or 0, ""),
            "created_at": each.created_at,
            "closed_at": each.closed_at,
        }
        for each in found
    ]


async def _handles(db: Executor, ids: set[int]) -> dict[int, str]:
    found = await accounts.by_ids(db, ids)
    return {each.id: f"@{each.handle}" for each in found.values()}
