"""People who live here."""

from __future__ import annotations

import asyncio

import click

from fedcommune.cli.actors import described
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import actions
from federation import keys


@click.group()
def citizen() -> None:
    """Open accounts for the people who live here."""


@citizen.command()
@click.option("--username", required=True, help="The short name, such as marie: a-z, 0-9 and _.")
@click.option("--email", required=True, help="The e-mail address to sign in with; never shown.")
@click.option("--name", default="", help="The name that others read; the short name without it.")
@click.option("--postal-code", default="", help="The postal code of the home; never shown.")
@click.option("--language", default="", help="The language to write to them in; the commune's.")
@command
def create(
    call: Call, *, username: str, email: str, name: str, postal_code: str, language: str
) -> None:
    """Open the account of one citizen."""

    async def run(commune: Commune) -> Account:
        pair = await asyncio.to_thread(keys.generate)
        async with commune.database.transaction() as tx:
            _, account = await actions.create(
                tx,
                email=email,
                username=username,
                name=name or username,
                pair=pair,
                postal_code=postal_code,
                language=language,
            )
        return account

    account = call.run(run)
    call.out.record(described(account), f"@{account.handle} is a citizen: {account.url}")
