"""Who there is, and who follows whom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.accounts import actions, queries
from fedcommune.domain.accounts.model import Account, Changes, Kind
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.follows import queries as follow_queries
from fedcommune.domain.follows.model import Follow
from fedcommune.domain.media.model import File

_PAGE = 500
_PARTS = {"avatar": "icon", "header": "image"}
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def actor() -> None:
    """Look at the people, organisations, projects and feeds."""


@actor.command("list")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind if kind is not Kind.STRANGER]),
    help="Only these kinds; may be repeated.",
)
@command
def show_all(call: Call, *, kinds: tuple[str, ...]) -> None:
    """List the actors of this commune, the oldest first."""

    async def run(commune: Commune) -> list[Account]:
        wanted = [Kind(kind) for kind in kinds] or list(Kind)
        found: list[Account] = []
        while page := await queries.local_of_kinds(
            commune.database.pool, wanted, after=found[-1].id if found else 0, limit=_PAGE
        ):
            found += page
        return found

    call.out.rows(
        [described(account) for account in call.run(run)],
        ["handle", "name", "kind", "actor_id"],
        "Nobody is here yet.",
    )


@actor.command()
@click.argument("name")
@command
def show(call: Call, *, name: str) -> None:
    """Show one actor: @name, @name@domain or an address.

    Somebody elsewhere who is not known yet is looked up on their own server.
    """

    async def run(commune: Commune) -> dict[str, Any]:
        account = await lookup.actor(commune, name)
        followers, following = await follow_queries.counts(commune.database.pool, account.id)
        return {**described(account), "followers": followers, "following": following}

    call.out.record(call.run(run))


@actor.command()
@click.argument("name")
@click.option("--avatar", type=_FILE, help="The file of its face.")
@click.option("--header", type=_FILE, help="The file of its banner.")
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(["avatar", "header"]),
    help="Take this picture away; may be repeated.",
)
@command
def picture(
    call: Call, *, name: str, avatar: Path | None, header: Path | None, without: tuple[str, ...]
) -> None:
    """Give the actor NAME of ours another face or banner: JPEG, PNG, GIF, WebP or AVIF."""
    if avatar is None and header is None and not without:
        raise click.UsageError("Give --avatar, --header, or --without.")
    face = None if avatar is None else avatar.read_bytes()
    banner = None if header is None else header.read_bytes()

    async def run(commune: Commune) -> Account:
        account = await lookup.actor(commune, name)
        files: dict[str, File | None] = {_PARTS[each]: None for each in without}
        if face is not None:
            files["icon"] = await commune.workshop.sized(face, "face")
        if banner is not None:
            files["image"] = await commune.workshop.sized(banner, "banner")
        async with commune.database.transaction() as tx:
            return await actions.edit(tx, account, Changes(), pictures=files)

    account = call.run(run)
    call.out.record(
        {**described(account), "icon": account.icon, "image": account.image},
        f"@{account.handle} has its pictures.",
    )


@click.command()
@click.argument("follower")
@click.argument("followed")
@command
def follow(call: Call, *, follower: str, followed: str) -> None:
    """Let FOLLOWER, an actor of ours, follow FOLLOWED, here or elsewhere.

    Both are written @name, @name@domain or as an address.
    """

    async def run(commune: Commune) -> tuple[Account, Account, Follow]:
        ours = await lookup.actor(commune, follower)
        theirs = await lookup.actor(commune, followed)
        async with commune.database.transaction() as tx:
            return ours, theirs, await follows.follow(tx, ours, theirs)

    ours, theirs, made = call.run(run)
    call.out.record(
        {
            "follower": ours.actor_id,
            "followed": theirs.actor_id,
            "activity_id": made.activity_id,
            "state": made.state,
        },
        f"@{ours.handle} follows @{theirs.handle}."
        if made.is_accepted
        else f"@{ours.handle} has asked to follow @{theirs.handle}.",
    )


def described(account: Account) -> dict[str, Any]:
    """Return what a command tells of *account*."""
    return {
        "id": str(account.id),
        "handle": account.handle,
        "name": account.name,
        "kind": account.kind.value,
        "type": account.type,
        "actor_id": account.actor_id,
        "url": account.url,
        "inbox": account.inbox,
        "local": account.local,
        "created_at": account.created_at,
        "moved_to": account.moved_to,
        "suspended_at": account.suspended_at,
        "deleted_at": account.deleted_at,
    }
