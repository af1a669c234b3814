"""Calendars elsewhere that our actors take their events from."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.events.actions import importing
from fedcommune.domain.events.queries import calendars
from fedcommune.domain.events.queries.calendars import Calendar, Pull
from fedcommune.errors import NotFound


@click.group()
def calendar() -> None:
    """Take the events of an actor from an iCalendar file elsewhere, on a timetable."""


@calendar.command()
@click.argument("actor")
@click.argument("url")
@click.option(
    "--every", type=click.IntRange(1, 720), default=1, show_default=True, help="Hours in between."
)
@command
def add(call: Call, *, actor: str, url: str, every: int) -> None:
    """Let ACTOR take its events from the calendar at URL (https:// or webcal://)."""

    async def run(commune: Commune) -> Calendar:
        account = await lookup.actor(commune, actor)
        async with commune.database.transaction() as tx:
            return await importing.add(tx, account, url, timedelta(hours=every))

    made = call.run(run)
    call.out.record(_described(made), f"Read from now on as number {made.id}: {made.url}")


@calendar.command("list")
@click.argument("actor")
@command
def list_(call: Call, *, actor: str) -> None:
    """List the calendars of ACTOR, and what came of the last reading of each."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        account = await lookup.actor(commune, actor)
        db = commune.database.pool
        found = []
        for each in await calendars.of_account(db, account.id):
            last = await calendars.pulls(db, each.id, limit=1)
            found.append({**_described(each), **_came_of(last[0] if last else None)})
        return found

    columns = ("id", "url", "due_at", "pulled_at", "added", "changed", "cancelled", "problem")
    call.out.rows(call.run(run), columns, "No calendar is read for this actor.")


@calendar.command()
@click.argument("actor")
@click.argument("number", type=int)
@command
def pull(call: Call, *, actor: str, number: int) -> None:
    """Read the calendar NUMBER of ACTOR now."""

    async def run(commune: Commune) -> Pull:
        account = await lookup.actor(commune, actor)
        known = {each.id for each in await calendars.of_account(commune.database.pool, account.id)}
        done = await commune.calendars.pull(number) if number in known else None
        if done is None:
            raise NotFound(f"There is no calendar {number} of this actor, or it is being read.")
        return done

    done = call.run(run)
    sentence = (
        f"{done.added} new, {done.changed} changed, {done.cancelled} called off, "
        f"{done.skipped} as before. {done.problem}"
    )
    call.out.record(_came_of(done), sentence.strip())


@calendar.command()
@click.argument("actor")
@click.argument("number", type=int)
@command
def remove(call: Call, *, actor: str, number: int) -> None:
    """Read the calendar NUMBER of ACTOR no more; its events stay."""

    async def run(commune: Commune) -> None:
        account = await lookup.actor(commune, actor)
        async with commune.database.transaction() as tx:
            await importing.remove(tx, account, number)

    call.run(run)
    call.out.record({"removed": number}, "It is read no more.")


def _described(each: Calendar) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "url": each.url,
        "every_hours": each.every.total_seconds() / 3600,
        "due_at": each.due_at,
        "failures": each.failures,
    }


def _came_of(done: Pull | None) -> dict[str, Any]:
    if done is None:
        return dict.fromkeys(
            ("pulled_at", "added", "changed", "cancelled", "skipped", "problem"), None
        )
    hidden = ("id", "calendar_id")
    return {name: value for name, value in asdict(done).items() if name not in hidden}
