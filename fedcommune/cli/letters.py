"""Letters on their way."""

from __future__ import annotations

from typing import Any

import click

from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.mail import queue


@click.group()
def mail() -> None:
    """Look after the letters that the commune sends."""


@mail.command()
@command
def status(call: Call) -> None:
    """Show how many letters wait, how many were given up, and what the server last said."""

    async def run(commune: Commune) -> dict[str, Any]:
        return await queue.status(commune.database.pool)

    call.out.record(call.run(run))


@mail.command()
@command
def retry(call: Call) -> None:
    """Try every letter again now, those that were given up too."""

    async def run(commune: Commune) -> int:
        async with commune.database.transaction() as tx:
            return await queue.retry(tx.db, tx.now)

    count = call.run(run)
    call.out.record({"letters": count}, f"{count} letters are tried again.")
