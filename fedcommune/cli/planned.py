"""What waits for its moment: look at it, move it, cancel it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.scheduled import actions, queries
from fedcommune.domain.scheduled.model import MAX_WAITING, Scheduled
from fedcommune.errors import Invalid, NotFound


@click.group()
def planned() -> None:
    """Look at the posts that wait for their moment, move and cancel them."""


@planned.command("list")
@click.argument("author")
@command
def list_(call: Call, *, author: str) -> None:
    """List what AUTHOR has planned, the next first."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        account = await lookup.actor(commune, author)
        found = await queries.soonest(commune.database.pool, account.id, limit=MAX_WAITING)
        return [described(each) for each in found]

    call.out.rows(call.run(run), ("id", "due_at", "visibility", "text"), "Nothing is planned.")


@planned.command()
@click.argument("author")
@click.argument("number", type=int)
@click.argument("at")
@command
def move(call: Call, *, author: str, number: int, at: str) -> None:
    """Publish the planned post NUMBER of AUTHOR at another moment (2026-12-12T18:00)."""

    async def run(commune: Commune) -> Scheduled:
        account = await lookup.actor(commune, author)
        due_at = moment(at, commune.instance.timezone)
        async with commune.database.transaction() as tx:
            try:
                return await actions.move(tx, account, number, due_at)
            except NotFound:
                raise _none(number) from None

    moved = call.run(run)
    call.out.record(described(moved), f"Planned for {moved.due_at.isoformat()}.")


@planned.command()
@click.argument("author")
@click.argument("number", type=int)
@command
def cancel(call: Call, *, author: str, number: int) -> None:
    """Do not publish the planned post NUMBER of AUTHOR."""

    async def run(commune: Commune) -> None:
        account = await lookup.actor(commune, author)
        async with commune.database.transaction() as tx:
            try:
                await actions.cancel(tx, account, number)
            except NotFound:
                raise _none(number) from None

    call.run(run)
    call.out.record({"cancelled": str(number)}, "It is not published.")


def moment(text: str, timezone: str) -> datetime:
    """Return the moment that *text* is, on the clock of *timezone*. Raises Invalid."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("at", "Write a moment like 2026-12-12T18:00.") from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(timezone))


def described(each: Scheduled) -> dict[str, Any]:
    """Return what is told of a planned post."""
    poll = each.draft.poll
    return {
        "id": str(each.id),
        "due_at": each.due_at,
        "visibility": each.draft.visibility.value,
        "text": each.draft.text,
        "warning": each.draft.summary,
        "poll": None if poll is None else list(poll.options),
        "in_reply_to": None if each.draft.in_reply_to is None else str(each.draft.in_reply_to),
    }


def _none(number: int) -> NotFound:
    return NotFound(f"No planned post {number} is waiting here.")
