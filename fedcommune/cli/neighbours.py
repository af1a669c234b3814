"""The communes around: who they are, whom to follow."""

from __future__ import annotations

from typing import Any

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.neighbours import queries
from fedcommune.domain.neighbours.model import Neighbour

_COLUMNS = ["domain", "name", "follow", "follows_us", "same_grouping", "actors", "places", "posts"]


@click.group()
def neighbour() -> None:
    """Follow the communes around: what they tell of arrives here."""


@neighbour.command("list")
@command
def show_followed(call: Call) -> None:
    """List the communes that this one follows, and what arrived from each."""
    rows = [_described(each) for each in call.run(_around) if each.follow is not None]
    call.out.rows(rows, _COLUMNS, "This commune follows no other yet.")


@neighbour.command()
@command
def suggest(call: Call) -> None:
    """List the communes that it might follow: those of its grouping (EPCI) first."""
    rows = [_described(each) for each in call.run(_around) if each.follow is None]
    call.out.rows(rows, _COLUMNS, "No other commune is known here: follow one by its domain.")


@neighbour.command()
@click.argument("domain")
@command
def follow(call: Call, *, domain: str) -> None:
    """Let this commune follow the one whose server is DOMAIN."""

    async def run(commune: Commune) -> tuple[Account, str]:
        ours, theirs = await lookup.actor(commune, "commune"), await lookup.commune(commune, domain)
        async with commune.database.transaction() as tx:
            made = await follows.follow(tx, ours, theirs)
        return theirs, made.state

    theirs, state = call.run(run)
    call.out.record(
        {"domain": theirs.domain, "name": theirs.name, "state": state},
        f"{theirs.display_name}: {state}.",
    )


@neighbour.command()
@click.argument("domain")
@command
def unfollow(call: Call, *, domain: str) -> None:
    """Let this commune no longer follow the one whose server is DOMAIN."""

    async def run(commune: Commune) -> Account:
        ours, theirs = await lookup.actor(commune, "commune"), await lookup.commune(commune, domain)
        async with commune.database.transaction() as tx:
            await follows.stop(tx, ours, theirs)
        return theirs

    theirs = call.run(run)
    call.out.record(
        {"domain": theirs.domain, "state": None}, f"{theirs.display_name} is not followed now."
    )


async def _around(commune: Commune) -> list[Neighbour]:
    ours = await lookup.actor(commune, "commune")
    return await queries.around(commune.database.pool, ours.id, commune.instance.epci)


def _described(each: Neighbour) -> dict[str, Any]:
    return {
        "domain": each.account.domain,
        "name": each.account.name,
        "actor_id": each.account.actor_id,
        "follow": each.follow,
        "follows_us": each.follows_us,
        "same_grouping": each.same_grouping,
        "actors": each.actors,
        "places": each.places,
        "posts": each.posts,
        "latest_at": each.latest_at,
    }
