"""Projects, and the stages they go through."""

from __future__ import annotations

import asyncio

import click

from fedcommune import lookup
from fedcommune.cli.actors import described
from fedcommune.cli.commands import Call, command
from fedcommune.cli.organisations import OPENNESS
from fedcommune.commune import Commune
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.links.model import Openness
from fedcommune.domain.posts.model import Post
from fedcommune.domain.projects import actions
from fedcommune.domain.projects.model import Draft, Stage, stage_named
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
