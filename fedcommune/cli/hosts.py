"""Other servers: who is kept away, or shown less, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.hosts import queries
from fedcommune.domain.hosts.model import Allowance, Host, Rules
from fedcommune.domain.moderation import actions

_PAGE = 500


@click.group()
def host() -> None:
    """Keep other servers away, show less of them, or let them in again."""


def _rules(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command what may be decided about a server besides."""
    for option in (
        click.option("--obfuscate", is_flag=True, help="Hide part of its name from everybody."),
        click.option("--public-comment", default="", help="Why; everybody reads it."),
        click.option("--reject-reports", is_flag=True, help="Do not hear its reports."),
        click.option("--reject-media", is_flag=True, help="Take no pictures, sounds, films of it."),
        click.option("--reason", default="", help="Why; for those who come after you."),
    ):
        function = option(function)
    return function


@host.command()
@click.argument("name")
@_rules
@command
def block(
    call: Call,
    *,
    name: str,
    reason: str,
    reject_media: bool,
    reject_reports: bool,
    public_comment: str,
    obfuscate: bool,
) -> None:
    """Keep the server NAME and its sub-domains away: no word in, none out, all follows cut."""
    _decide(
        call,
        actions.block_host,
        name,
        reason,
        Rules(reject_media, reject_reports, public_comment, obfuscate),
    )


@host.command()
@click.argument("name")
@_rules
@command
def limit(
    call: Call,
    *,
    name: str,
    reason: str,
    reject_media: bool,
    reject_reports: bool,
    public_comment: str,
    obfuscate: bool,
) -> None:
    """Show the people of the server NAME only to those who follow them or look for them."""
    _decide(
        call,
        actions.limit_host,
        name,
        reason,
        Rules(reject_media, reject_reports, public_comment, obfuscate),
    )


@host.command()
@click.argument("name")
@_rules
@command
def restrain(
    call: Call,
    *,
    name: str,
    reason: str,
    reject_media: bool,
    reject_reports: bool,
    public_comment: str,
    obfuscate: bool,
) -> None:
    """Hear the server NAME as any other, but for what you reject of it."""
    _decide(
        call,
        actions.restrain_host,
        name,
        reason,
        Rules(reject_media, reject_reports, public_comment, obfuscate),
    )


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

    call.out.rows(
        [_described(each) for each in call.run(run)],
        ["name", "policy", "reject_media", "reject_reports", "reason", "first_seen_at"],
        "No server yet.",
    )


@host.command()
@click.argument("name")
@command
def note(call: Call, *, name: str) -> None:
    """Note the server NAME down as welcome; all are heard that are not kept away."""

    async def run(commune: Commune) -> Allowance:
        async with commune.database.transaction() as tx:
            return await actions.note_host(tx, name)

    made = call.run(run)
    call.out.record({"id": str(made.id), "name": made.host}, f"{made.host} is noted down.")


@host.command()
@command
def noted(call: Call) -> None:
    """List the servers that are noted down as welcome."""

    async def run(commune: Commune) -> list[Allowance]:
        return await queries.allowances(
            commune.database.pool, ceiling=2**63 - 1, floor=0, order="desc", limit=10_000
        )

    call.out.rows(
        [
            {"id": str(each.id), "name": each.host, "created_at": each.created_at}
            for each in call.run(run)
        ],
        ["id", "name", "created_at"],
        "No server is noted down.",
    )


@host.command()
@click.argument("number", type=int)
@command
def strike(call: Call, *, number: int) -> None:
    """Strike out the server that is noted down under this NUMBER."""

    async def run(commune: Commune) -> Allowance:
        async with commune.database.transaction() as tx:
            return await actions.strike_host(tx, number)

    gone = call.run(run)
    call.out.record({"id": str(gone.id), "name": gone.host}, f"{gone.host} is struck out.")


def _decide(call: Call, decision: Callable[..., Any], name: str, reason: str, rules: Rules) -> None:
    async def run(commune: Commune) -> Host:
        async with commune.database.transaction() as tx:
            found = await decision(tx, name, reason=reason, rules=rules)
        assert isinstance(found, Host), "a decision about a host returns it"
        return found

    _tell(call, call.run(run))


def _tell(call: Call, found: Host) -> None:
    call.out.record(_described(found), f"{found.name}: {found.policy.value}.")


def _described(found: Host) -> dict[str, Any]:
    return {
        "name": found.name,
        "policy": found.policy.value,
        "reason": found.reason,
        "public_comment": found.rules.public_comment,
        "reject_media": found.rules.reject_media,
        "reject_reports": found.rules.reject_reports,
        "obfuscate": found.rules.obfuscate,
        "decision_id": None if found.decision_id is None else str(found.decision_id),
        "first_seen_at": found.first_seen_at,
        "policy_at": found.policy_at,
    }
