"""Projects, and the stages they go through."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from fedcommune import lookup
from fedcommune.cli.actors import described
from fedcommune.cli.commands import Call, command
from fedcommune.cli.organisations import OPENNESS
from fedcommune.commune import Commune
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.links.model import Openness
from fedcommune.domain.posts.model import Post
from fedcommune.domain.projects import actions, queries
from fedcommune.domain.projects.model import Draft, Edit, Stage, stage_named
from federation import keys

STAGE = click.Choice([each.value for each in Stage])


@click.group()
def project() -> None:
    """Start projects and move them through their stages."""


@project.command()
@click.option("--username", required=True, help="The short name: a-z, 0-9 and _.")
@click.option("--name", required=True, help="The name that others read.")
@click.option("--founder", required=True, help="Its first contributor, such as @marie.")
@click.option("--summary", default="", help="What it is about (Markdown).")
@click.option(
    "--stage", type=STAGE, default=Stage.IDEA.value, show_default=True, help="How far it is."
)
@click.option(
    "--openness",
    type=OPENNESS,
    default=Openness.MODERATED.value,
    show_default=True,
    help="How one enters: at once, after a yes, or when invited.",
)
@click.option("--carrier", help="The organisation that carries it.")
@command
def start(
    call: Call,
    *,
    username: str,
    name: str,
    founder: str,
    summary: str,
    stage: str,
    openness: str,
    carrier: str | None,
) -> None:
    """Start a project; it says so itself."""

    async def run(commune: Commune) -> Account:
        first = await lookup.actor(commune, founder)
        carried_by = await lookup.actor(commune, carrier) if carrier else None
        pair = await asyncio.to_thread(keys.generate)
        draft = Draft(username, name, summary, stage_named(stage), Openness(openness))
        async with commune.database.transaction() as tx:
            return await actions.start(tx, first, draft, pair, carrier=carried_by)

    account = call.run(run)
    call.out.record(described(account), f"@{account.handle} has started: {account.url}")


@project.command()
@click.argument("name")
@click.argument("stage", type=STAGE)
@command
def move(call: Call, *, name: str, stage: str) -> None:
    """Move the project NAME to STAGE; those who follow it, here and elsewhere, are told."""

    async def run(commune: Commune) -> tuple[Account, Post | None]:
        account = await lookup.actor(commune, name)
        async with commune.database.transaction() as tx:
            return account, await actions.move(tx, account, account, stage_named(stage))

    account, post = call.run(run)
    call.out.record(
        {"project": account.actor_id, "stage": stage, "post": post.object_id if post else None},
        f"@{account.handle} is now at the stage {stage}: {post.url}"
        if post
        else f"@{account.handle} stands at the stage {stage} already.",
    )


@project.command("list")
@command
def show_all(call: Call) -> None:
    """List the projects of this commune, the oldest first."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        return [_told(each) for each in await queries.all_ours(commune.database.pool)]

    call.out.rows(call.run(run), ["handle", "name", "stage", "openness"], "No project yet.")


@project.command()
@click.argument("name")
@command
def show(call: Call, *, name: str) -> None:
    """Show the project NAME: its stage, its dates, who carries it, its parts."""

    async def run(commune: Commune) -> dict[str, Any]:
        account = await lookup.actor(commune, name)
        found = await queries.parts(commune.database.pool, account.actor_id)
        return {**_told(account), "parts": [f"@{each.handle}" for each in found]}

    call.out.record(call.run(run))


@project.command()
@click.argument("name")
@click.option("--name", "title", help="The name that others read.")
@click.option("--summary", help="What it is about (Markdown).")
@click.option("--openness", type=OPENNESS, help="How one enters.")
@click.option("--begins", type=click.DateTime(["%Y-%m-%d"]), help="Its first day.")
@click.option("--ends", type=click.DateTime(["%Y-%m-%d"]), help="Its last day.")
@click.option("--carrier", help='The organisation that carries it; "-": nobody.')
@click.option("--parent", help='The project that it is a part of; "-": none.')
@command
def edit(
    call: Call,
    *,
    name: str,
    title: str | None,
    summary: str | None,
    openness: str | None,
    begins: datetime | None,
    ends: datetime | None,
    carrier: str | None,
    parent: str | None,
) -> None:
    """Change the project NAME; what is not mentioned stays."""

    async def run(commune: Commune) -> Account:
        account = await lookup.actor(commune, name)
        details, zone = account.details, ZoneInfo(commune.instance.timezone)

        async def named(text: str | None, before: str | None) -> Account | None:
            wanted = before if text is None else text.strip("-")
            return await lookup.actor(commune, wanted) if wanted else None

        def day(typed: datetime | None, before: datetime | None) -> datetime | None:
            return before if typed is None else typed.replace(tzinfo=zone)

        wanted = Edit(
            name=account.name if title is None else title,
            summary=account.source if summary is None else summary,
            openness=Openness(openness or details.openness or Openness.MODERATED),
            starts_at=day(begins, details.starts_at),
            ends_at=day(ends, details.ends_at),
            carrier=await named(carrier, details.carried_by),
            parent=await named(parent, details.parent),
        )
        async with commune.database.transaction() as tx:
            return await actions.edit(tx, account, account, wanted)

    account = call.run(run)
    call.out.record(_told(account), f"@{account.handle} is now as you said: {account.url}")


def _told(account: Account) -> dict[str, Any]:
    details = account.details
    return {
        **described(account),
        "stage": details.stage,
        "openness": details.openness,
        "starts_at": details.starts_at,
        "ends_at": details.ends_at,
        "carried_by": details.carried_by,
        "parent": details.parent,
    }
