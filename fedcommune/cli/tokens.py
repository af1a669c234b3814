"""Tokens for scripts: what they may do, and in whose name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.grants import actions, queries
from fedcommune.domain.grants.model import Scopes
from fedcommune.domain.links import queries as links
from fedcommune.errors import NotAllowed, NotFound


@dataclass(frozen=True, slots=True)
class Row:
    """One token in the list; times are UTC."""

    id: int
    application: str
    account: str
    scopes: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None


@click.group()
def token() -> None:
    """Give tokens to scripts that call the API, list and revoke them."""


@token.command()
@click.option("--citizen", required=True, help="The user name of the citizen whose token it is.")
@click.option("--scopes", required=True, help='What it allows, such as "read write:statuses".')
@click.option("--app", default="", help="How the script is called in the citizen's settings.")
@click.option("--as", "acting", default="", help="Act as an actor that the citizen administers.")
@click.option("--value", default=None, help="A fixed value of 20 characters or more; random.")
@click.option("--days", type=click.IntRange(1, 36_500), help="End it after so many days; never.")
@command
def create(
    call: Call,
    *,
    citizen: str,
    scopes: str,
    app: str,
    acting: str,
    value: str | None,
    days: int | None,
) -> None:
    """Make a token; it is shown once and kept as a digest."""

    async def run(commune: Commune) -> tuple[str, Account]:
        asked = Scopes.parse(scopes)
        async with commune.database.transaction() as tx:
            person = await _citizen(tx.db, citizen)
            actor = await _acting(tx.db, person, acting)
            given = await actions.issue(
                tx,
                citizen_id=person.id,
                account_id=actor.id,
                scopes=asked,
                application=app or actions.SCRIPTS,
                value=value,
                expires_at=tx.now + timedelta(days=days) if days else None,
            )
        return given, actor

    given, actor = call.run(run)
    call.out.record({"token": given, "account": actor.handle, "scopes": scopes.split()}, given)


@token.command(name="list")
@click.option("--citizen", required=True, help="The user name of the citizen whose tokens to list.")
@command
def listed(call: Call, *, citizen: str) -> None:
    """List the tokens of a citizen that are good now, newest first."""

    async def run(commune: Commune) -> list[Row]:
        db = commune.database.pool
        person = await _citizen(db, citizen)
        return [
            Row(
                grant.token.id,
                grant.application.name,
                grant.account.handle if grant.account else "",
                str(grant.scopes),
                grant.token.created_at,
                grant.token.used_at,
                grant.token.expires_at,
            )
            for grant in await queries.of_citizen(db, person.id, commune.database.clock())
        ]

    columns = ("id", "application", "account", "scopes", "created_at", "used_at", "expires_at")
    call.out.rows(call.run(run), columns, f"{citizen} gave no token to anybody.")


@token.command()
@click.argument("token_id", type=int)
@click.option("--citizen", required=True, help="The user name of the citizen whose token it is.")
@command
def revoke(call: Call, *, token_id: int, citizen: str) -> None:
    """End the token TOKEN_ID of a citizen at once."""

    async def run(commune: Commune) -> None:
        async with commune.database.transaction() as tx:
            person = await _citizen(tx.db, citizen)
            if not await actions.revoke_own(tx, person.id, token_id):
                raise NotFound(f"{citizen} has no living token {token_id}: list them first.")

    call.run(run)
    call.out.record({"revoked": token_id}, f"The token {token_id} is worth nothing any more.")


async def _citizen(db: Executor, username: str) -> Account:
    account = await accounts.local_by_username(db, username.lstrip("@"))
    if account is None or not account.is_active or not await citizens.by_account(db, account.id):
        raise NotFound(f"There is no citizen {username} here.")
    return account


async def _acting(db: Executor, person: Account, username: str) -> Account:
    if not username:
        return person
    account = await accounts.local_by_username(db, username.lstrip("@"))
    if account is None or not account.is_active:
        raise NotFound(f"There is no actor {username} here.")
    if account.id != person.id and not await links.is_admin(db, person.id, account.id):
        raise NotAllowed(f"{person.username} does not administer {username}.")
    return account
