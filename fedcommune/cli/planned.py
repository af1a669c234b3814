"""What waits for its moment: look at it, say it otherwise, move it, cancel it."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.scheduled import actions, queries
from fedcommune.domain.scheduled.model import MAX_WAITING, Scheduled
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid, NotFound
from fedcommune.text import mentions


@click.group()
def planned() -> None:
    """Look at the posts that wait for their moment, change, move and cancel them."""


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
@click.argument("text", required=False)
@click.option("--warning", help='What to say before the text is shown; "" for nothing.')
@click.option("--language", help="The language of the text.")
@click.option(
    "--visibility",
    type=click.Choice([each.value for each in Visibility]),
    help="Who may read it.",
)
@command
def edit(
    call: Call,
    *,
    author: str,
    number: int,
    text: str | None,
    warning: str | None,
    language: str | None,
    visibility: str | None,
) -> None:
    """Let the planned post NUMBER of AUTHOR say TEXT ("-" reads the standard input) instead.

    What is not given stays, and so do pictures, a poll, what it answers and when it appears.
    """
    words = sys.stdin.read() if text == "-" else text

    async def run(commune: Commune) -> Scheduled:
        account = await lookup.actor(commune, author)
        pool = commune.database.pool
        before = await queries.one(pool, account.id, number)
        if before is None:
            raise _none(number)
        draft = before.draft
        if words is None:
            people = tuple((await accounts.by_ids(pool, before.mentioned)).values())
        else:
            people = await lookup.mentioned(commune, mentions.find(words).people)
        said = replace(
            draft,
            text=draft.text if words is None else words,
            mentioned=people,
            summary=draft.summary if warning is None else warning,
            sensitive=draft.sensitive and not draft.summary,
            language=language or draft.language,
            visibility=Visibility(visibility) if visibility else draft.visibility,
        )
        async with commune.database.transaction() as tx:
            try:
                return await actions.rewrite(tx, account, number, said)
            except NotFound:
                raise _none(number) from None

    rewritten = call.run(run)
    call.out.record(described(rewritten), f"It appears at {rewritten.due_at.isoformat()}.")


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
        "language": each.draft.language,
        "poll": None if poll is None else list(poll.options),
        "in_reply_to": None if each.draft.in_reply_to is None else str(each.draft.in_reply_to),
    }


def _none(number: int) -> NotFound:
    return NotFound(f"No planned post {number} is waiting here.")
