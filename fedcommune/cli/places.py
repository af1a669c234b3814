"""Places: tell of one, correct it, take it away; decide who may speak for an entry."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import click

from fedcommune import geocoding, lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.claims import actions as claims
from fedcommune.domain.claims import queries as claim_queries
from fedcommune.domain.directory import queries as directory
from fedcommune.domain.directory.model import MAX_PAGE, Listing, Subject, Wanted
from fedcommune.domain.places import actions, queries, telling
from fedcommune.domain.places.model import CATEGORIES, Draft, Place
from fedcommune.errors import Invalid, NotFound
from federation import keys
from federation.vocabulary.points import ACCESSIBILITIES, KINDS

_BY = click.option("--by", default="commune", show_default=True, help="Who tells of it, or @name.")


def _said(function: Any) -> Any:
    """Add the options that say what a place is like."""
    for option in reversed(
        (
            click.option("--name", help="What it is called."),
            click.option("--kind", type=click.Choice(list(KINDS)), help="What it is."),
            click.option("--category", type=click.Choice(list(CATEGORIES)), help="Of a poi."),
            click.option("--summary", help="In a sentence."),
            click.option("--text", help="In more words (Markdown)."),
            click.option("--latitude", type=float, help="In degrees."),
            click.option("--longitude", type=float, help="In degrees."),
            click.option("--street", help="Its address; enough when there is no point."),
            click.option("--postal-code", help="Its postal code."),
            click.option("--locality", help="Its commune."),
            click.option("--opening-hours", help="As OpenStreetMap writes them."),
            click.option(
                "--accessibility",
                type=click.Choice(list(ACCESSIBILITIES)),
                help="In a wheelchair.",
            ),
            click.option("--website", help="Where it tells of itself."),
            click.option("--tag", "tags", multiple=True, help="A word; may be repeated."),
            click.option("--claimable/--not-claimable", default=None, help="May be claimed."),
        )
    ):
        function = option(function)
    return function


@click.group()
def place() -> None:
    """Tell of places, and let those who keep one speak for it."""


@place.command()
@_said
@_BY
@click.option("--silent", is_flag=True, help="Publish no post about it.")
@command
def add(call: Call, /, *, by: str, silent: bool, **said: Any) -> None:
    """Tell of a place: --name, and --latitude and --longitude or an address."""

    async def run(commune: Commune) -> Place:
        teller = await lookup.actor(commune, by)
        said["latitude"], said["longitude"] = await _point(commune, said)
        draft = Draft(**{**_given(said), "name": said["name"] or ""})
        if said["claimable"] is None:
            draft = replace(draft, claimable=draft.kind != "poi")
        async with commune.database.transaction() as tx:
            tell = actions.add if silent else telling.tell
            return await tell(tx, teller, draft)

    _tell(call, call.run(run))


@place.command("list")
@click.option("--search", "text", default="", help="Only what has these words.")
@click.option("--tag", "tags", multiple=True, help="Only with this word; may be repeated.")
@command
def show_all(call: Call, *, text: str, tags: tuple[str, ...]) -> None:
    """List places, ours and the neighbours', up to a thousand."""

    async def run(commune: Commune) -> list[Listing]:
        wanted = Wanted(text=text, tags=tuple(tag.lstrip("#").lower() for tag in tags))
        found: list[Listing] = []
        skip = 0
        while page := await directory.search(
            commune.database.pool, wanted, limit=MAX_PAGE, skip=skip
        ):
            found += [each for each in page if each.subject is Subject.PLACE]
            skip += MAX_PAGE
            if len(page) < MAX_PAGE or skip >= 1000:
                break
        return found

    columns = ["id", "name", "kind", "domain", "latitude", "longitude"]
    rows = [{**asdict(each), "id": str(each.id)} for each in call.run(run)]
    call.out.rows(rows, columns, "There is no such place.")


@place.command()
@click.argument("place_id", type=int)
@command
def show(call: Call, *, place_id: int) -> None:
    """Show one place, and what was said of it before."""

    async def run(commune: Commune) -> dict[str, Any]:
        db = commune.database.pool
        found = await queries.known(db, place_id)
        if found is None:
            raise NotFound("There is no such place.")
        before = await queries.revisions(db, place_id)
        return {**_described(found), "revisions": [asdict(each) for each in before]}

    call.out.record(call.run(run))


@place.command()
@click.argument("place_id", type=int)
@_said
@_BY
@command
def correct(call: Call, /, *, place_id: int, by: str, **said: Any) -> None:
    """Say anew what is given of a place of ours; the rest stays."""

    async def run(commune: Commune) -> Place:
        teller = await lookup.actor(commune, by)
        async with commune.database.transaction() as tx:
            stored = await queries.locked(tx.db, place_id)
            if stored is None:
                raise NotFound("There is no such place.")
            fields = {
                name: getattr(stored, name)
                for name in Draft.__dataclass_fields__
                if name not in ("text", "imported_as")
            }
            draft = Draft(**{**fields, "text": stored.source, **_given(said)})
            return await actions.correct(tx, teller, place_id, draft)

    _tell(call, call.run(run))


@place.command()
@click.argument("place_id", type=int)
@_BY
@command
def remove(call: Call, *, place_id: int, by: str) -> None:
    """Say that a place of ours is no more."""

    async def run(commune: Commune) -> None:
        teller = await lookup.actor(commune, by)
        async with commune.database.transaction() as tx:
            await actions.remove(tx, teller, place_id)

    call.run(run)
    call.out.record({"id": str(place_id), "removed": True}, "It is taken away.")


@place.command("claims")
@command
def show_claims(call: Call) -> None:
    """List the claims that wait for a decision, the oldest first."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        db = commune.database.pool
        found = await claim_queries.waiting(db)
        people: Mapping[int, Account] = await accounts.by_ids(db, {c.account_id for c in found})
        rows = []
        for each in found:
            about = await queries.known(db, each.place_id)
            rows.append(
                {
                    **asdict(each),
                    "id": str(each.id),
                    "place": "" if about is None else about.name,
                    "claimant": f"@{people[each.account_id].username}",
                }
            )
        return rows

    columns = ["id", "place", "claimant", "username", "proof", "siret", "rna", "email", "message"]
    call.out.rows(call.run(run), columns, "Nobody waits for a decision.")


@place.command()
@click.argument("claim_id", type=int)
@command
def approve(call: Call, *, claim_id: int) -> None:
    """Say yes to a claim: the entry becomes an organisation."""

    async def run(commune: Commune) -> Account:
        pair = await asyncio.to_thread(keys.generate)
        async with commune.database.transaction() as tx:
            return await claims.accept(tx, None, claim_id, pair)

    organisation = call.run(run)
    call.out.record(
        {"claim": str(claim_id), "handle": organisation.handle, "url": organisation.url},
        f"It is @{organisation.handle} now: {organisation.url}",
    )


@place.command()
@click.argument("claim_id", type=int)
@click.option("--reason", required=True, help="Why not; they will read it.")
@command
def refuse(call: Call, *, claim_id: int, reason: str) -> None:
    """Say no to a claim, and why."""

    async def run(commune: Commune) -> None:
        async with commune.database.transaction() as tx:
            await claims.refuse(tx, None, claim_id, reason)

    call.run(run)
    call.out.record({"claim": str(claim_id), "state": "refused"}, "It is refused.")


def _given(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was said, without what was not."""
    return {name: value for name, value in said.items() if value is not None and value != ()}


async def _point(commune: Commune, said: Mapping[str, Any]) -> tuple[float, float]:
    if said["latitude"] is not None and said["longitude"] is not None:
        return said["latitude"], said["longitude"]
    parts = [said[name] or "" for name in ("street", "postal_code", "locality")]
    found = await geocoding.located(commune, " ".join(part for part in parts if part))
    if not found:
        raise Invalid("latitude", "Say where it is: --latitude and --longitude, or its address.")
    return found[0].latitude, found[0].longitude


def _tell(call: Call, told: Place) -> None:
    call.out.record(_described(told), f"{told.name}: place {told.id}")


def _described(told: Place) -> dict[str, Any]:
    return {**asdict(told), "id": str(told.id)}
