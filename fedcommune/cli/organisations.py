"""Associations, businesses, authorities and informal groups."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import click

from fedcommune import geocoding, lookup
from fedcommune.cli.actors import described
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections.queries import three
from fedcommune.domain.links.model import Openness
from fedcommune.domain.organisations import actions, model
from fedcommune.domain.organisations.model import TYPES, Draft, Revision
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


@organisation.command()
@click.argument("name")
@click.option("--title", help="The name that others read.")
@click.option("--text", help="What it is about (Markdown).")
@click.option("--openness", type=OPENNESS, help="How one enters.")
@click.option("--tag", "tags", multiple=True, help="A word to be found by; may be repeated.")
@click.option("--street", help="Number and street.")
@click.option("--postal-code", help="Five digits.")
@click.option("--locality", help="The town.")
@click.option("--hours", "opening_hours", help="When it is open, in one line.")
@click.option(
    "--accessibility", type=click.Choice(["yes", "limited", "no", ""]), help="By wheelchair."
)
@click.option("--website", help="An address that begins with https://.")
@click.option("--email", help="For everybody to read.")
@click.option("--phone", help="For everybody to read.")
@click.option("--siret", help="The SIRET number; empty takes it away.")
@click.option("--rna", help="The number in the register of associations; empty takes it away.")
@command
def edit(call: Call, /, *, name: str, tags: tuple[str, ...], **said: str | None) -> None:
    """Say anew what NAME, an organisation or a project of ours, is; the rest stays."""

    async def run(commune: Commune) -> Account:
        account = await lookup.actor(commune, name)
        revision = _revised(account, said, tags)
        revision.check()
        if revision.facts.address and revision.facts.address != model.facts_of(account).address:
            found = await geocoding.located(commune, revision.facts.address)
            point = (found[0].latitude, found[0].longitude) if found else (None, None)
            revision = replace(revision, latitude=point[0], longitude=point[1])
        async with commune.database.transaction() as tx:
            return await actions.edit(tx, account, account.id, revision)

    account = call.run(run)
    call.out.record(_told(account), f"@{account.handle} is told anew: {account.url}")


@organisation.command()
@click.argument("name")
@click.option("--yes", is_flag=True, required=True, help="It is for good: say that you mean it.")
@command
def close(call: Call, *, name: str, yes: bool) -> None:
    """Delete NAME, an organisation or a project of ours, for good."""

    async def run(commune: Commune) -> Account:
        account = await lookup.actor(commune, name)
        async with commune.database.transaction() as tx:
            await actions.close(tx, account, account.id, account.username)
        return account

    account = call.run(run)
    call.out.record(described(account), f"@{account.handle} is no more.")


@organisation.command()
@click.argument("name")
@click.option("--no-longer", is_flag=True, help="Take the word of the commune back.")
@command
def vouch(call: Call, *, name: str, no_longer: bool) -> None:
    """Say that NAME, a local authority, is who it says to be: its website and SIRET prove it."""

    async def run(commune: Commune) -> Account:
        account = await lookup.actor(commune, name)
        async with commune.database.transaction() as tx:
            return await actions.vouch(tx, account.id, since=not no_longer)

    account = call.run(run)
    words = "is verified" if account.details.vouched_at else "is not verified"
    call.out.record(_told(account), f"@{account.handle} {words}.")


@organisation.command()
@click.argument("name")
@command
def show(call: Call, *, name: str) -> None:
    """Show what is told of NAME, an organisation or a project, here or elsewhere."""

    async def run(commune: Commune) -> dict[str, Any]:
        account = await lookup.actor(commune, name)
        likes = await three.count_appreciations(commune.database.pool, account.id)
        return {**_told(account), "appreciations": likes}

    call.out.record(call.run(run))


def _revised(account: Account, said: Mapping[str, str | None], tags: tuple[str, ...]) -> Revision:
    """Return how *account* is told with what was *said*; what was not said stays."""
    new = {name: value for name, value in said.items() if value is not None}
    facts = model.facts_of(account)
    words: dict[str, Any] = {name: new[name] for name in model.WORDS if name in new}
    facts = replace(facts, tags=tags or facts.tags, **words)
    details = account.details
    return Revision(
        name=new.get("title", account.name),
        text=new.get("text", account.source),
        openness=Openness(new.get("openness") or details.openness or Openness.MODERATED),
        siret=new.get("siret", details.siret) or None,
        rna=new.get("rna", details.rna) or None,
        latitude=account.latitude,
        longitude=account.longitude,
        facts=facts,
    )


def _told(account: Account) -> dict[str, Any]:
    details = account.details
    return {
        **described(account),
        **asdict(model.facts_of(account)),
        "siret": details.siret,
        "rna": details.rna,
        "openness": details.openness,
        "latitude": account.latitude,
        "longitude": account.longitude,
        "vouched_at": details.vouched_at,
        "verified": [{"url": url, "since": since} for url, since in details.verified],
    }
