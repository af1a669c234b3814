"""From where nobody signs up: e-mail domains, single addresses, networks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.citizens import barriers
from fedcommune.domain.citizens.barriers import SEVERITIES, Severity
from fedcommune.domain.moderation import actions


@click.group()
def barrier() -> None:
    """Keep people from signing up by their e-mail domain, e-mail address or network."""


@barrier.command("list")
@command
def show_all(call: Call) -> None:
    """List what is kept away; an e-mail address is known by its digest alone."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        db = commune.database.pool
        domains = await barriers.email_domains(db, limit=10_000)
        emails = await barriers.emails(db, limit=10_000)
        networks = await barriers.addresses(db, limit=10_000)
        return [
            *(
                _row("email-domain", each.id, each.domain, waits=each.allow_with_approval)
                for each in domains
            ),
            *(_row("email", each.id, each.email_hash) for each in emails),
            *(
                {
                    **_row("network", each.id, each.network),
                    "severity": each.severity,
                    "comment": each.comment,
                    "expires_at": each.expires_at,
                }
                for each in networks
            ),
        ]

    columns = ["kind", "id", "what", "severity", "comment", "expires_at"]
    call.out.rows(call.run(run), columns, "Nobody is kept away.")


def _row(kind: str, id_: int, what: str, *, waits: bool = False) -> dict[str, Any]:
    severity = "sign_up_requires_approval" if waits else "sign_up_block"
    return {
        "kind": kind,
        "id": str(id_),
        "what": what,
        "severity": severity,
        "comment": "",
        "expires_at": None,
    }


@barrier.command("email-domain")
@click.argument("domain")
@click.option("--with-approval", is_flag=True, help="They may sign up, and wait for a moderator.")
@command
def email_domain(call: Call, *, domain: str, with_approval: bool) -> None:
    """Take no e-mail address of DOMAIN, nor of a domain below it."""

    async def run(commune: Commune) -> dict[str, Any]:
        async with commune.database.transaction() as tx:
            made = await actions.block_email_domain(tx, domain, allow_with_approval=with_approval)
        return _row("email-domain", made.id, made.domain, waits=made.allow_with_approval)

    call.out.record(call.run(run))


@barrier.command()
@click.argument("address")
@command
def email(call: Call, *, address: str) -> None:
    """Take the e-mail ADDRESS of nobody, however they write it."""

    async def run(commune: Commune) -> dict[str, Any]:
        async with commune.database.transaction() as tx:
            made = await actions.block_email(tx, email=address)
        return _row("email", made.id, made.email_hash)

    call.out.record(call.run(run))


@barrier.command()
@click.argument("network")
@click.option(
    "--severity", type=click.Choice(SEVERITIES), default="sign_up_block", help="How much."
)
@click.option("--comment", default="", help="Why; for those who come after you.")
@click.option("--days", type=click.IntRange(1, 3_650), help="End it after so many days; never.")
@command
def network(
    call: Call, *, network: str, severity: Severity, comment: str, days: int | None
) -> None:
    """Keep the people of a NETWORK, or of one IP address, from signing up or in."""

    async def run(commune: Commune) -> dict[str, Any]:
        async with commune.database.transaction() as tx:
            made = await actions.block_address(
                tx,
                network,
                severity,
                comment=comment,
                expires_at=tx.now + timedelta(days=days) if days else None,
            )
        return {**_row("network", made.id, made.network), "severity": made.severity}

    call.out.record(call.run(run))


_REMOVING = {
    "email-domain": actions.unblock_email_domain,
    "email": actions.unblock_email,
    "network": actions.unblock_address,
}


@barrier.command()
@click.argument("kind", type=click.Choice(list(_REMOVING)))
@click.argument("number", type=int)
@command
def remove(call: Call, *, kind: str, number: int) -> None:
    """Let in again whom the barrier of this KIND and NUMBER kept away."""

    async def run(commune: Commune) -> None:
        async with commune.database.transaction() as tx:
            await _REMOVING[kind](tx, number)

    call.run(run)
    call.out.record({"kind": kind, "id": str(number), "removed": True}, "The barrier is gone.")
