"""Measures about accounts, ours and those of other servers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import click

from fedcommune.cli.actors import described
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.database import Executor, Transaction
from fedcommune.domain.accounts import queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.moderation import actions, people, told
from fedcommune.domain.moderation.model import Action, Strike
from fedcommune.domain.moderation.people import STATUSES, Person, Status, Wanted
from fedcommune.errors import NotFound

_PAGE = 500
_TEXT = "What to tell them; the log of the moderators keeps it, too."


@click.group()
def account() -> None:
    """Limit accounts, shut them out, suspend them, and give everything back.

    They are written @name or @name@domain.
    """


@account.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only those of this status.")
@click.option("--origin", type=click.Choice(["local", "remote"]), help="Only ours, or only others.")
@click.option("--domain", default="", help="Only those of this server.")
@click.option("--staff", is_flag=True, help="Only those who moderate.")
@command
def show_all(
    call: Call, *, status: Status | None, origin: str | None, domain: str, staff: bool
) -> None:
    """List the accounts we know, the latest first, with what was decided about them."""

    async def run(commune: Commune) -> list[Person]:
        wanted = Wanted(
            local=None if origin is None else origin == "local",
            status=status,
            roles=[role for role in Role if role.moderates] if staff else None,
            domain=domain,
        )
        found: list[Person] = []
        while page := await people.listed(
            commune.database.pool,
            wanted,
            ceiling=found[-1].account.id if found else 2**63 - 1,
            limit=_PAGE,
        ):
            found += page
        return found

    call.out.rows(
        [_shown(each) for each in call.run(run)],
        ["handle", "role", "email", "silenced", "suspended", "sensitive", "disabled"],
        "There is no such account.",
    )


@account.command()
@click.argument("name")
@command
def show(call: Call, *, name: str) -> None:
    """Show what was decided about NAME, and what they were told."""

    async def run(commune: Commune) -> dict[str, Any]:
        db = commune.database.pool
        found = await people.by_id(db, (await named(db, name)).id)
        assert found is not None, "an account that was just found exists"
        strikes = await told.strikes_of(db, found.account.id)
        return {
            **_shown(found),
            "addresses": [each.ip for each in found.addresses],
            "strikes": [f"{each.created_at:%Y-%m-%d} {each.action}" for each in strikes],
        }

    call.out.record(call.run(run))


def _measure(word: str, action: Action, meaning: str, done: str) -> None:
    """Add the command *word*, which takes a measure and tells whom it concerns."""

    def take(call: Call, *, name: str, text: str, report_id: int | None, silently: bool) -> None:
        async def run(commune: Commune) -> tuple[Account, Strike]:
            async with commune.database.transaction() as tx:
                found = await named(tx.db, name)
                made = await actions.act(
                    tx, found, action, text=text, report_id=report_id, letter=not silently
                )
            return found, made

        found, made = call.run(run)
        call.out.record(
            {**described(found), "action": made.action.value, "strike": str(made.id)},
            done.format(name=f"@{found.handle}"),
        )

    take.__doc__ = meaning
    run = command(take)
    run = click.option("--silently", is_flag=True, help="Send them no letter.")(run)
    run = click.option("--report", "report_id", type=int, help="Close this report.")(run)
    run = click.option("--text", default="", help=_TEXT)(run)
    account.command(word)(click.argument("name")(run))


_measure("warn", Action.NONE, "Tell NAME something, and do nothing else.", "{name} is warned.")
_measure(
    "limit",
    Action.SILENCE,
    "Show NAME only to those who follow or look for them.",
    "{name} is limited.",
)
_measure(
    "sensitive",
    Action.SENSITIVE,
    "Put all that NAME attaches behind a warning.",
    "What {name} attaches is sensitive.",
)
_measure("disable", Action.DISABLE, "Shut the citizen NAME out.", "{name} is shut out.")
_measure(
    "suspend", Action.SUSPEND, "Hide NAME, and no longer listen to them.", "{name} is suspended."
)

Undo = Callable[[Transaction, Account], Awaitable[None]]


def _restoring(word: str, undo: Undo, meaning: str, done: str) -> None:
    """Add the command *word*, which gives something back."""

    def give_back(call: Call, *, name: str) -> None:
        async def run(commune: Commune) -> Account:
            async with commune.database.transaction() as tx:
                found = await named(tx.db, name)
                await undo(tx, found)
            return found

        found = call.run(run)
        call.out.record({**described(found), "done": word}, done.format(name=f"@{found.handle}"))

    give_back.__doc__ = meaning
    account.command(word)(click.argument("name")(command(give_back)))


_restoring("restore", actions.unsuspend, "End the suspension of NAME.", "{name} is back.")
_restoring("unlimit", actions.unsilence, "Show NAME to everybody again.", "{name} is shown again.")
_restoring(
    "unsensitive",
    actions.desensitise,
    "Leave to NAME again what is sensitive.",
    "{name} decides again what is sensitive.",
)
_restoring("enable", actions.enable, "Let the citizen NAME in again.", "{name} may sign in again.")
_restoring(
    "delete-data",
    actions.delete_data,
    "Delete for good all that NAME, who is suspended, left here.",
    "The data of {name} are deleted.",
)


@account.command("delete-posts")
@click.argument("name")
@click.argument("posts", type=int, nargs=-1, required=True)
@click.option("--text", default="", help=_TEXT)
@click.option("--report", "report_id", type=int, help="The report that they stand in.")
@command
def delete_posts(
    call: Call, *, name: str, posts: tuple[int, ...], text: str, report_id: int | None
) -> None:
    """Delete these POSTS of NAME: ours everywhere, those of strangers here."""
    _about_posts(call, actions.delete_posts, name, posts, text, report_id)


@account.command("mark-posts")
@click.argument("name")
@click.argument("posts", type=int, nargs=-1, required=True)
@click.option("--text", default="", help=_TEXT)
@click.option("--report", "report_id", type=int, help="The report that they stand in.")
@command
def mark_posts(
    call: Call, *, name: str, posts: tuple[int, ...], text: str, report_id: int | None
) -> None:
    """Put these POSTS of NAME behind a warning."""
    _about_posts(call, actions.mark_posts, name, posts, text, report_id)


def _about_posts(
    call: Call,
    measure: Callable[..., Awaitable[Strike]],
    name: str,
    posts: tuple[int, ...],
    text: str,
    report_id: int | None,
) -> None:
    async def run(commune: Commune) -> Strike:
        async with commune.database.transaction() as tx:
            found = await named(tx.db, name)
            return await measure(tx, found, posts, text=text, report_id=report_id)

    made = call.run(run)
    call.out.record(
        {"action": made.action.value, "posts": [str(each) for each in made.post_ids]},
        f"{len(made.post_ids)} posts: {made.action}.",
    )


async def named(db: Executor, name: str) -> Account:
    """Return whom we know by that name, suspended or not. Raises NotFound."""
    username, _, domain = name.strip().removeprefix("@").partition("@")
    found = (
        await queries.by_handle(db, username, domain.lower())
        if domain
        else await queries.local_by_username(db, username)
    )
    if found is None or found.deleted_at is not None:
        raise NotFound(f"Nobody whom we know is called @{username}{'@' * bool(domain)}{domain}.")
    return found


def _shown(person: Person) -> dict[str, Any]:
    citizen = person.citizen
    return {
        **described(person.account),
        "role": person.account.role.value,
        "email": None if citizen is None else citizen.email,
        "silenced": person.account.silenced_at is not None,
        "suspended": person.suspended,
        "sensitive": person.account.sensitised_at is not None,
        "disabled": citizen is not None and citizen.disabled_at is not None,
    }
