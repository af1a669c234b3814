"""Associations, businesses, authorities and informal groups."""

from __future__ import annotations

import asyncio

import click

from fedcommune import lookup
from fedcommune.cli.actors import described
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.links.model import Openness
from fedcommune.domain.organisations import actions
from fedcommune.domain.organisations.model import TYPES, Draft
from federation import keys

OPENNESS = click.Choice([each.value for each in Openness])


@click.group()
def organisation() -> None:
    """Found associations, businesses, authorities and groups."""


@organisation.command()
@click.option("--kind", required=True, type=click.Choice(list(TYPES)), help="What it is.")
@click.option("--username", required=True, help="The short name: a-z, 0-9 and _.")
@click.option("--name", required=True, help="The name that others read.")
@click.option("--founder", required=True, help="Its first administrator, such as @marie.")
@click.option("--summary", default="", help="What it is about (Markdown).")
@click.option(
    "--openness",
    type=OPENNESS,
    default=Openness.MODERATED.value,
    show_default=True,
    help="How one enters: at once, after a yes, or when invited.",
)
@click.option("--siret", help="The SIRET number, 14 digits.")
@click.option("--rna", help="The number in the register of associations.")
@command
def found(
    call: Call,
    *,
    kind: str,
    username: str,
    name: str,
    founder: str,
    summary: str,
    openness: str,
    siret: str | None,
    rna: str | None,
) -> None:
    """Found an organisation."""

    async def run(commune: Commune) -> Account:
        first = await lookup.actor(commune, founder)
        pair = await asyncio.to_thread(keys.generate)
        draft = Draft(kind, username, name, summary, Openness(openness), siret=siret, rna=rna)
        async with commune.database.transaction() as tx:
            return await actions.found(tx, first, draft, pair)

    account = call.run(run)
    call.out.record(described(account), f"@{account.handle} is founded: {account.url}")
