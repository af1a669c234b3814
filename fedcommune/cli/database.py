"""Bring the database up to date."""

from __future__ import annotations

import asyncio

import click

from fedcommune import migrate as migrations
from fedcommune.cli.commands import Call, command, database_url


@click.command("migrate")
@click.option("--check", is_flag=True, help="Only tell what would be applied.")
@command
def migrate(call: Call, *, check: bool) -> None:
    """Apply the migrations that the database lacks.

    "serve", "work" and every other command do the same when they begin.
    """

    async def run() -> list[str]:
        async with database_url(call.config()) as url:
            return await (migrations.pending(url) if check else migrations.migrate(url))

    names = asyncio.run(run())
    word = "Missing" if check else "Applied"
    call.out.record(
        {"pending" if check else "applied": names},
        "\n".join(f"{word}: {name}" for name in names) or "The database is up to date.",
    )
