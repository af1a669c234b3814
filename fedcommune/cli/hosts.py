"""Other servers: who is kept away, and why."""

from __future__ import annotations

import click

from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.hosts import queries
from fedcommune.domain.hosts.model import Host
from fedcommune.domain.moderation import actions

_PAGE = 500


@click.group()
def host() -> None:
    """Keep other servers away, or let them in again."""


@host.command()
@click.argument("name")
@click.option("--reason", default="", help="Why; for those who come after you.")
@command
def block(call: Call, *, name: str, reason: str) -> None:
    """Keep the server NAME and its sub-domains away: no word in, none out, all follows cut."""

    async def run(commune: Commune) -> Host:
        async with commune.database.transaction() as tx:
            return await actions.block_host(tx, name, reason=reason)

    _tell(call, call.run(run))


@host.command()
@click.argument("name")
@command
def allow(call: Call, *, name: str) -> None:
    """Let the server NAME in again. Follows that were cut stay cut."""

    async def run(commune: Commune) -> Host:
        async with commune.database.transaction() as tx:
            return await actions.allow_host(tx, name)

    _tell(call, call.run(run))


@host.command("list")
@command
def show_all(call: Call) -> None:
    """List the servers we met, and what is let through."""

    async def run(commune: Commune) -> list[Host]:
        found: list[Host] = []
        while page := await queries.listed(
            commune.database.pool, after=found[-1].name if found else "", limit=_PAGE
        ):
            found += page
        return found

    call.out.rows(call.run(run), ["name", "policy", "reason", "first_seen_at"], "No server yet.")


def _tell(call: Call, found: Host) -> None:
    call.out.record(
        {"name": found.name, "policy": found.policy.value, "reason": found.reason},
        f"{found.name}: {found.policy.value}.",
    )
