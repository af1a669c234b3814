"""Who takes part in what: ask, invite, say yes or no, leave, remove."""

from __future__ import annotations

from typing import Any

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.links import actions, queries, showing
from fedcommune.domain.links.model import Link, State, Wish, relationship_with
from fedcommune.errors import Invalid, NotFound

_ROLE = click.option("--role", "roles", multiple=True, help="As what; may be repeated.")
_ADMIN = click.option("--admin", is_flag=True, help="With the rights of an administrator.")
_MESSAGE = click.option("--message", default="", help="A word to those who decide.")

Sides = tuple[Account, Account]


@click.group()
def link() -> None:
    """Take part in organisations and projects, here and elsewhere."""


@link.command()
@click.argument("subject")
@click.argument("target")
@_ROLE
@_ADMIN
@_MESSAGE
@command
def join(
    call: Call, *, subject: str, target: str, roles: tuple[str, ...], admin: bool, message: str
) -> None:
    """Let SUBJECT, an actor of ours, ask to take part in TARGET."""

    async def run(commune: Commune) -> tuple[Link, Sides]:
        sides = await _sides(commune, subject, target)
        _must_be_ours(sides[0], "subject")
        async with commune.database.transaction() as tx:
            return await actions.ask(tx, *sides, Wish(roles, admin, message)), sides

    _tell(call, *call.run(run))


@link.command()
@click.argument("target")
@click.argument("subject")
@_ROLE
@_ADMIN
@_MESSAGE
@command
def invite(
    call: Call, *, subject: str, target: str, roles: tuple[str, ...], admin: bool, message: str
) -> None:
    """Let TARGET, an organisation or a project of ours, invite SUBJECT."""

    async def run(commune: Commune) -> tuple[Link, Sides]:
        them, us = await _sides(commune, subject, target)
        _must_be_ours(us, "target")
        async with commune.database.transaction() as tx:
            return await actions.invite(tx, us, us, them, Wish(roles, admin, message)), (them, us)

    _tell(call, *call.run(run))


@link.command()
@click.argument("subject")
@click.argument("target")
@_ADMIN
@command
def accept(call: Call, *, subject: str, target: str, admin: bool) -> None:
    """Say yes: to a request to take part in TARGET of ours, or to an invitation of SUBJECT."""

    async def run(commune: Commune) -> tuple[Link, Sides]:
        sides = await _sides(commune, subject, target)
        async with commune.database.transaction() as tx:
            found = await _link(tx.db, sides)
            if found.state == State.INVITED:
                _must_be_ours(sides[0], "subject")
                return await actions.accept_invitation(tx, found, sides), sides
            grant = admin or None
            return await actions.approve(tx, sides[1], found, sides, as_admin=grant), sides

    _tell(call, *call.run(run))


@link.command()
@click.argument("subject")
@click.argument("target")
@command
def refuse(call: Call, *, subject: str, target: str) -> None:
    """Say no: to a request to take part in TARGET of ours, or to an invitation of SUBJECT."""

    async def run(commune: Commune) -> tuple[Link, Sides]:
        sides = await _sides(commune, subject, target)
        async with commune.database.transaction() as tx:
            found = await _link(tx.db, sides)
            if found.state == State.INVITED:
                _must_be_ours(sides[0], "subject")
                return await actions.decline_invitation(tx, found, sides), sides
            return await actions.refuse(tx, sides[1], found, sides), sides

    _tell(call, *call.run(run))


@link.command()
@click.argument("subject")
@click.argument("target")
@command
def end(call: Call, *, subject: str, target: str) -> None:
    """End it: SUBJECT of ours leaves TARGET, or is removed from TARGET of ours."""

    async def run(commune: Commune) -> tuple[Link, Sides]:
        sides = await _sides(commune, subject, target)
        async with commune.database.transaction() as tx:
            found = await _link(tx.db, sides)
            if sides[0].local:
                return await actions.leave(tx, found, sides), sides
            return await actions.remove(tx, sides[1], found, sides), sides

    _tell(call, *call.run(run))


@link.command()
@click.argument("subject")
@click.argument("target")
@click.option("--role", "roles", multiple=True, help="As what; may be repeated. None: as it is.")
@click.option("--admin/--no-admin", default=None, help="With or without the rights.")
@command
def change(
    call: Call, *, subject: str, target: str, roles: tuple[str, ...], admin: bool | None
) -> None:
    """Change as what, and with which rights, SUBJECT takes part in TARGET of ours."""

    async def run(commune: Commune) -> tuple[Link, Sides]:
        sides = await _sides(commune, subject, target)
        async with commune.database.transaction() as tx:
            found = await _link(tx.db, sides)
            wanted = roles or None
            return await actions.change(
                tx, sides[1], found, sides, roles=wanted, is_admin=admin
            ), sides

    _tell(call, *call.run(run))


@link.command()
@click.argument("subject")
@click.argument("target")
@click.option("--show", is_flag=True, help="Show it again.")
@command
def hide(call: Call, *, subject: str, target: str, show: bool) -> None:
    """Let SUBJECT, an actor of ours, keep to themselves that they take part in TARGET."""

    async def run(commune: Commune) -> tuple[Link, Sides]:
        sides = await _sides(commune, subject, target)
        async with commune.database.transaction() as tx:
            found = await _link(tx.db, sides)
            return await showing.hide(tx, sides[0], found.id, hidden=not show), sides

    _tell(call, *call.run(run))


@link.command("list")
@click.argument("name")
@click.option(
    "--state",
    type=click.Choice([each.value for each in State]),
    default=State.ACTIVE.value,
    show_default=True,
    help="Which ones.",
)
@command
def show_all(call: Call, *, name: str, state: str) -> None:
    """List who takes part in NAME, and what NAME takes part in."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        account = await lookup.actor(commune, name)
        db = commune.database.pool
        found = await queries.of_target(db, account.id, state=state, limit=1000)
        found += await queries.of_subject(db, account.id, state=state, limit=1000)
        ids = {each.subject_id for each in found} | {each.target_id for each in found}
        people = await accounts.by_ids(db, ids)
        return [_described(each, people[each.subject_id], people[each.target_id]) for each in found]

    columns = ["subject", "target", "relationship", "state", "admin", "roles"]
    call.out.rows(call.run(run), columns, "There is no such link.")


async def _sides(commune: Commune, subject: str, target: str) -> Sides:
    return await lookup.actor(commune, subject), await lookup.actor(commune, target)


async def _link(db: Any, sides: Sides) -> Link:
    subject, target = sides
    found = await queries.between(db, subject.id, target.id, relationship_with(target.kind))
    if found is None:
        raise NotFound(
            f"@{subject.handle} and @{target.handle} have nothing to do with each other."
        )
    return found


def _must_be_ours(account: Account, field: str) -> None:
    if not account.local:
        raise Invalid(field, f"@{account.handle} is not of this commune: ask theirs.")


def _tell(call: Call, made: Link, sides: Sides) -> None:
    subject, target = sides
    call.out.record(
        _described(made, subject, target),
        f"@{subject.handle} and @{target.handle}: {made.state}.",
    )


def _described(made: Link, subject: Account, target: Account) -> dict[str, Any]:
    return {
        "subject": f"@{subject.handle}",
        "target": f"@{target.handle}",
        "relationship": made.relationship,
        "state": made.state,
        "admin": made.is_admin,
        "roles": made.roles,
        "hidden": made.hidden,
        "message": made.message,
        "relationship_id": made.relationship_id,
        "changed_at": made.changed_at,
    }
