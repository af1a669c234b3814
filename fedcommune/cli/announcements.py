"""What the commune announces to everybody here."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.announcements import actions, queries
from fedcommune.domain.announcements.model import Announcement, span
from fedcommune.domain.posts.actions import mentioned_in

COLUMNS = ("id", "state", "text", "starts", "ends", "shown_from")


@click.group()
def announcement() -> None:
    """Announce something to everybody here: on the front page and in their apps."""


@announcement.command()
@click.argument("text")
@click.option("--from", "begins", default="", help="When it begins: 2026-10-05, 2026-10-05T14:30.")
@click.option("--until", "ends", default="", help="When it ends, and stops showing.")
@click.option("--show-from", "shown_from", default="", help="When it begins to show (now).")
@command
def add(call: Call, *, text: str, begins: str, ends: str, shown_from: str) -> None:
    """Announce TEXT (Markdown). Times are those of the commune; days alone are whole days."""

    async def run(commune: Commune) -> dict[str, Any]:
        zone = commune.instance.timezone
        when, shows = span(begins, ends, zone), span(shown_from, "", zone)
        people = await lookup.mentioned(commune, mentioned_in(text, commune.instance.domain))
        async with commune.database.transaction() as tx:
            made = await actions.announce(
                tx, text, when, mentioned=people, published_at=shows.starts_at
            )
            return _described(made, zone, tx.now)

    said = call.run(run)
    call.out.record(said, f"Announced as number {said['id']}, shown from {said['shown_from']} on.")


@announcement.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are over, or to come.")
@command
def list_(call: Call, *, everything: bool) -> None:
    """List what is announced now."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        db, now = commune.database.pool, commune.database.clock()
        found = await (queries.every(db) if everything else queries.current(db, now))
        return [_described(each, commune.instance.timezone, now) for each in found]

    call.out.rows(call.run(run), COLUMNS, "Nothing is announced.")


@announcement.command()
@click.argument("number", type=int)
@command
def end(call: Call, *, number: int) -> None:
    """Take the announcement NUMBER off; it stays in the list of all."""

    async def run(commune: Commune) -> None:
        async with commune.database.transaction() as tx:
            await actions.end(tx, number)

    call.run(run)
    call.out.record({"id": str(number), "ended": True}, "It shows no longer.")


@announcement.command()
@click.argument("number", type=int)
@command
def remove(call: Call, *, number: int) -> None:
    """Delete the announcement NUMBER, with who read it and reacted."""

    async def run(commune: Commune) -> None:
        async with commune.database.transaction() as tx:
            await actions.remove(tx, number)

    call.run(run)
    call.out.record({"id": str(number), "removed": True}, "It is gone.")


def _described(found: Announcement, zone: str, now: datetime) -> dict[str, Any]:
    """Return an announcement as the command line tells it, in the time of the commune."""

    def there(moment: datetime | None) -> str | None:
        if moment is None:
            return None
        local = moment.astimezone(ZoneInfo(zone))
        return local.date().isoformat() if found.all_day else local.isoformat(timespec="minutes")

    state = "shown" if found.is_current(now) else "coming" if found.published_at > now else "over"
    shown_from = found.published_at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")
    return {
        "id": str(found.id),
        "state": state,
        "text": found.text,
        "starts": there(found.starts_at),
        "ends": there(found.ends_at),
        "all_day": found.all_day,
        "shown_from": shown_from,
    }
