"""The three lists of citizens, and words of recommendation."""

from __future__ import annotations

from typing import Any

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections import queries, three
from fedcommune.domain.collections.model import Kind
from fedcommune.domain.collections.queries import three as stored
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.places import queries as places
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import NotFound


@click.group("list")
def list_() -> None:
    """What citizens appreciate, take part in and bring to life."""


@list_.command()
@click.argument("owner")
@click.argument("name")
@command
def add(call: Call, *, owner: str, name: str) -> None:
    """Put NAME into the list of OWNER, one of ours, where it belongs; a number is a place."""
    _change(call, owner, name, adding=True)


@list_.command()
@click.argument("owner")
@click.argument("name")
@command
def remove(call: Call, *, owner: str, name: str) -> None:
    """Take NAME, an actor or the number of a place, out of the list of OWNER."""
    _change(call, owner, name, adding=False)


@list_.command()
@click.argument("owner")
@command
def show(call: Call, *, owner: str) -> None:
    """Show what stands in the three lists of OWNER, one of ours."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        account = await lookup.actor(commune, owner)
        return await _rows(commune, account)

    call.out.rows(call.run(run), ["list", "name", "state"], "Nothing is listed yet.")


@list_.command()
@click.argument("owner")
@click.option("--kept", is_flag=True, help="Keep them to themselves.")
@command
def publish(call: Call, *, owner: str, kept: bool) -> None:
    """Show the three lists of OWNER on their profile, or no longer."""

    async def run(commune: Commune) -> Account:
        account = await lookup.actor(commune, owner)
        async with commune.database.transaction() as tx:
            await three.show(tx, account, shown=not kept)
        return account

    account = call.run(run)
    words = "keeps the lists to themselves" if kept else "shows the lists"
    call.out.record(
        {"owner": f"@{account.handle}", "shown": not kept}, f"@{account.handle} {words}."
    )


@click.command()
@click.argument("author")
@click.argument("name")
@click.argument("words")
@command
def recommend(call: Call, *, author: str, name: str, words: str) -> None:
    """Let AUTHOR, one of ours, recommend NAME, here or elsewhere, in WORDS."""

    async def run(commune: Commune) -> Post:
        by, subject = await lookup.actor(commune, author), await lookup.actor(commune, name)
        draft = Draft(
            f"@{subject.handle} {words}",
            language=commune.instance.language,
            mentioned=(subject,),
            recommends=subject,
        )
        async with commune.database.transaction() as tx:
            return await feeds.publish(tx, by, draft)

    post = call.run(run)
    call.out.record({"id": str(post.id), "url": post.url}, f"Said: {post.url}")


def _change(call: Call, owner: str, name: str, *, adding: bool) -> None:
    async def run(commune: Commune) -> Account:
        account = await lookup.actor(commune, owner)
        place = int(name) if name.isascii() and name.isdigit() and len(name) <= 18 else None
        listed = None if place is not None else await lookup.actor(commune, name)
        async with commune.database.transaction() as tx:
            if place is not None and await places.by_id(tx.db, place) is None:
                raise NotFound("There is no such place.")
            if place is not None:
                await (three.put_place if adding else three.take_place)(tx, account, place)
            elif listed is not None and adding:
                await three.put(tx, account, listed)
            elif listed is not None:
                await three.take_out(tx, account, listed)
        return account

    account = call.run(run)
    done = "lists" if adding else "no longer lists"
    call.out.record(
        {"owner": f"@{account.handle}", "name": name, "listed": adding},
        f"@{account.handle} {done} {name}.",
    )


async def _rows(commune: Commune, owner: Account) -> list[dict[str, Any]]:
    db = commune.database.pool
    found: list[dict[str, Any]] = []
    for kind in Kind:
        list_id = await stored.list_of(db, owner.id, kind)
        if list_id is None:
            continue
        items = (await queries.items(db, Viewer(owner.id), [list_id]))[list_id]
        people = await accounts.by_ids(db, [each.account_id for each in items])
        found += [
            {"list": kind.value, "name": f"@{people[each.account_id].handle}", "state": each.state}
            for each in items
        ]
        for place_id in await stored.place_ids(db, list_id):
            place = await places.by_id(db, place_id)
            if place is not None:
                found.append({"list": kind.value, "name": place.name, "state": "accepted"})
    return found
