"""Letters that people want."""

from __future__ import annotations

from typing import Any

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.letters import actions, queries
from fedcommune.domain.letters.model import Pace, Subject


@click.group()
def letter() -> None:
    """Letters that people want: about what they were told, and the week of the commune."""


@letter.command()
@click.argument("name")
@command
def wishes(call: Call, *, name: str) -> None:
    """Show about what the citizen NAME gets letters, and how soon."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        account = await lookup.actor(commune, name)
        found = await queries.wishes(commune.database.pool, account.id)
        return [{"subject": subject.value, "pace": pace.value} for subject, pace in found.items()]

    call.out.rows(call.run(run), ("subject", "pace"), "Nothing.")


@letter.command()
@click.argument("name")
@click.argument("subject", type=click.Choice([each.value for each in Subject]))
@click.argument("pace", type=click.Choice([each.value for each in Pace]))
@command
def wish(call: Call, *, name: str, subject: str, pace: str) -> None:
    """Let the citizen NAME get letters about SUBJECT so soon: at_once, daily, weekly or never."""

    async def run(commune: Commune) -> None:
        account = await lookup.actor(commune, name)
        async with commune.database.transaction() as tx:
            await actions.choose(tx, account, {subject: pace})

    call.run(run)
    call.out.record({"name": name, "subject": subject, "pace": pace}, "Kept.")
