"""People who live here."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from fedcommune.cli.actors import described
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.citizens import actions
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.citizens.actions import factors
from fedcommune.domain.citizens.model import Citizen, Invitation, Purpose
from fedcommune.domain.citizens.outgoing import address_of
from fedcommune.domain.citizens.queries import joining
from fedcommune.domain.moderation import actions as moderation
from fedcommune.errors import NotFound
from federation import keys

ROLES = click.Choice([each.value for each in Role])


@click.group()
def citizen() -> None:
    """Open accounts for the people who live here, and look after them."""


@citizen.command()
@click.option("--username", required=True, help="The short name, such as marie: a-z, 0-9 and _.")
@click.option("--email", required=True, help="The e-mail address to sign in with; never shown.")
@click.option("--name", default="", help="The name that others read; the short name without it.")
@click.option("--postal-code", default="", help="The postal code of the home; never shown.")
@click.option("--language", default="", help="The language to write to them in; the commune's.")
@click.option("--role", type=ROLES, default=Role.CITIZEN.value, help="What they are here besides.")
@command
def create(
    call: Call, *, username: str, email: str, name: str, postal_code: str, language: str, role: str
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
            if role != Role.CITIZEN:
                account = await moderation.give_role(tx, account, Role(role))
        return account

    account = call.run(run)
    call.out.record(
        {**described(account), "role": account.role.value},
        f"@{account.handle}: {account.role}, {account.url}",
    )


@citizen.command("role")
@click.argument("username")
@click.argument("role", type=ROLES)
@click.option("--hidden", is_flag=True, help="Do not show the role to everybody as a badge.")
@command
def give_role(call: Call, *, username: str, role: str, hidden: bool) -> None:
    """Let USERNAME be a moderator, an administrator, or a citizen like everybody; at once."""

    async def run(commune: Commune) -> Account:
        account = await _named(commune, username)
        async with commune.database.transaction() as tx:
            return await moderation.give_role(tx, account, Role(role), shown=not hidden)

    account = call.run(run)
    call.out.record(
        {
            "username": account.username,
            "role": account.role.value,
            "permissions": str(int(account.role.permissions)),
            "shown": account.role_shown,
        },
        f"@{account.username}: {account.role}.",
    )


@citizen.command("list")
@click.option("--waiting", is_flag=True, help="Only those who wait to be approved.")
@command
def list_(call: Call, *, waiting: bool) -> None:
    """List the citizens, who confirmed their address and who may enter."""

    async def run(commune: Commune) -> list[tuple[Citizen, Account]]:
        if waiting:
            return await citizens.waiting(commune.database.pool, limit=10_000)
        found: list[tuple[Citizen, Account]] = []
        while page := await citizens.listed(
            commune.database.pool, after=found[-1][1].id if found else 0
        ):
            found += page
        return found

    call.out.rows(
        [
            {
                "username": account.username,
                "email": person.email,
                "postal_code": person.postal_code,
                "friend": person.friend,
                "confirmed_at": person.confirmed_at,
                "approved_at": person.approved_at,
                "second_factor_at": person.second_factor_at,
                "disabled_at": person.disabled_at,
                "role": account.role.value,
                "reason": person.reason,
            }
            for person, account in call.run(run)
        ],
        [
            "username",
            "role",
            "email",
            "postal_code",
            "friend",
            "confirmed_at",
            "approved_at",
            "reason",
        ],
        "Nobody waits." if waiting else "Nobody lives here yet.",
    )


@citizen.command()
@click.argument("username")
@command
def approve(call: Call, *, username: str) -> None:
    """Let in USERNAME, who waits to be approved."""

    async def run(commune: Commune) -> tuple[Citizen, Account]:
        account = await _named(commune, username)
        async with commune.database.transaction() as tx:
            found = await moderation.approve(tx, account)
            await moderation.announce(tx, found[1])
            return found

    person, account = call.run(run)
    waits = "" if person.is_open else ", once their e-mail address is confirmed"
    call.out.record(
        {**described(account), "open": person.is_open}, f"@{account.username} is let in{waits}."
    )


@citizen.command()
@click.argument("username")
@command
def reject(call: Call, *, username: str) -> None:
    """Refuse USERNAME, who is not open yet, and forget what they told us."""

    async def run(commune: Commune) -> None:
        account = await _named(commune, username)
        async with commune.database.transaction() as tx:
            await moderation.reject(tx, account)

    call.run(run)
    call.out.record({"username": username, "rejected": True}, f"@{username} is forgotten.")


@citizen.command()
@click.argument("username")
@command
def confirm(call: Call, *, username: str) -> None:
    """Take the e-mail address of USERNAME for confirmed, without a letter."""

    async def run(commune: Commune) -> tuple[Citizen, Account]:
        account = await _named(commune, username)
        async with commune.database.transaction() as tx:
            found = await actions.confirm_known(tx, account.id)
            await moderation.announce(tx, found[1])
            return found

    person, account = call.run(run)
    waits = "" if person.is_open else " They wait to be approved."
    call.out.record(
        {**described(account), "open": person.is_open},
        f"The address of @{account.username} is confirmed.{waits}",
    )


@citizen.command()
@click.argument("username")
@click.option(
    "--second-step", is_flag=True, help="Take their second step and their passkeys away as well."
)
@command
def reset(call: Call, *, username: str, second_step: bool) -> None:
    """Sign USERNAME out everywhere; send them a letter to choose a new password."""

    async def run(commune: Commune) -> tuple[Account, str]:
        account = await _named(commune, username)
        async with commune.database.transaction() as tx:
            token = await actions.force_reset(tx, account.id)
            person = await citizens.by_account(tx.db, account.id)
            if second_step and person is not None:
                await factors.take_away(tx, person, account.username)
            return account, address_of(tx, Purpose.RESET, token)

    account, link = call.run(run)
    call.out.record(
        {"username": account.username, "link": link},
        f"@{account.username} is signed out everywhere, and gets a letter. The link in it, good "
        f"for two hours, to give by hand if need be: {link}",
    )


@citizen.command()
@click.option("--email", default="", help="Send it there.")
@click.option("--uses", type=click.IntRange(1, 1000), default=1, help="How many it lets in.")
@click.option("--note", default="", help="What it is for; only you read it.")
@command
def invite(call: Call, *, email: str, uses: int, note: str) -> None:
    """Make an invitation, good for thirty days."""

    async def run(commune: Commune) -> tuple[Invitation, str]:
        async with commune.database.transaction() as tx:
            invitation, token = await actions.invite(tx, email=email, note=note, uses=uses)
            return invitation, f"{tx.instance.origin}/sign-up?invitation={token}"

    invitation, link = call.run(run)
    call.out.record({**_shown(invitation), "link": link}, f"An invitation: {link}")


@citizen.command()
@command
def invitations(call: Call) -> None:
    """List the invitations that still let somebody in."""

    async def run(commune: Commune) -> list[Invitation]:
        return await joining.invitations(commune.database.pool, commune.database.clock())

    call.out.rows(
        [_shown(each) for each in call.run(run)],
        ["id", "note", "uses_left", "created_at", "expires_at"],
        "There is no invitation that lets anybody in.",
    )


@citizen.command()
@click.argument("invitation", type=int)
@command
def uninvite(call: Call, *, invitation: int) -> None:
    """Take back the INVITATION of that number."""

    async def run(commune: Commune) -> None:
        async with commune.database.transaction() as tx:
            if not await joining.revoke_invitation(tx.db, invitation):
                raise NotFound("There is no such invitation: 'citizen invitations' lists them.")

    call.run(run)
    call.out.record({"id": str(invitation), "revoked": True}, "The invitation is taken back.")


async def _named(commune: Commune, username: str) -> Account:
    name = username.strip().lstrip("@").lower()
    account = await accounts.local_by_username(commune.database.pool, name)
    if account is None or account.deleted_at is not None:
        raise NotFound(f"Nobody here is called @{name}.")
    return account


def _shown(invitation: Invitation) -> dict[str, Any]:
    return {
        "id": str(invitation.id),
        "note": invitation.note,
        "uses_left": invitation.uses_left,
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
    }
