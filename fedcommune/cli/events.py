"""Announce events and take part in them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from fedcommune import geocoding, lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import announcing, joining
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.events.queries import agenda, people
from fedcommune.domain.events.queries.agenda import Wanted
from fedcommune.domain.places import queries as places
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Event, Occasion, zones
from fedcommune.domain.posts.sentences import sentence
from fedcommune.domain.visibility import ANYONE
from fedcommune.errors import Invalid, NotFound
from federation.vocabulary.events import CATEGORIES

_CATEGORY = click.Choice(CATEGORIES, case_sensitive=False)
_MODE = click.Choice(["free", "restricted", "external", "none"])


@click.group()
def event() -> None:
    """Announce events, change and call them off, and take part in them."""


def _what(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say what an event is."""
    for option in reversed(
        (
            click.option("--ends", help="When it ends, on the clock of the place."),
            click.option("--zone", help="The time zone of the place; the commune's without it."),
            click.option("--place", help="The name of the place; one of the directory is known."),
            click.option("--address", help="The address of the place."),
            click.option("--online", help="The address where it takes place online."),
            click.option("--text", help="What there is to tell (Markdown)."),
            click.option("--category", type=_CATEGORY, help="What kind of event it is."),
            click.option("--price", help="What it costs, in words."),
            click.option("--capacity", type=int, help="For how many there is room."),
            click.option("--join", "join_mode", type=_MODE, help="How one says that one comes."),
            click.option("--join-url", help="Where one says so, when it is elsewhere."),
            click.option("--website", help="Where there is more to read."),
        )
    ):
        function = option(function)
    return function


@event.command()
@click.argument("by")
@click.argument("name")
@click.argument("starts")
@_what
@click.option("--rule", default="", help="When it takes place again (an RRULE).")
@click.option("--unnamed", is_flag=True, help="Do not say which person organises it.")
@command
def add(
    call: Call, /, *, by: str, name: str, starts: str, rule: str, unnamed: bool, **said: Any
) -> None:
    """Announce the event NAME that begins at STARTS (2026-12-12T18:00), in the name of BY."""

    async def run(commune: Commune) -> tuple[Post, Event]:
        account = await lookup.actor(commune, by)
        zone = said["zone"] or commune.instance.timezone
        occasion = Occasion(name, _moment(starts, zone), zone, named=not unnamed)
        occasion = await _placed(commune, _with(occasion, said), said)
        async with commune.database.transaction() as tx:
            announcement = Announcement(occasion, said["text"] or "", rule=rule)
            post = await announcing.announce(tx, account, announcement)
            return post, await _event(tx, post.id)

    post, made = call.run(run)
    call.out.record(_described(post.url, made), f"Announced: {post.url}")


@event.command("list")
@click.option("--past", is_flag=True, help="What has taken place, the latest first.")
@click.option("--by", help="Only what this actor organises.")
@click.option("--category", type=_CATEGORY, default=None, help="Only this kind.")
@click.option("--tag", default="", help="Only with this word.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, help="How many at most.")
@command
def list_(
    call: Call, *, past: bool, by: str | None, category: str | None, tag: str, limit: int
) -> None:
    """List what takes place, here and at the neighbours'."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        account = await lookup.actor(commune, by) if by else None
        now = commune.database.clock()
        wanted = Wanted(
            since=None if past else now,
            until=now if past else None,
            category=category or "",
            tag=tag.lstrip("#").lower(),
            account_id=None if account is None else account.id,
            backwards=past,
        )
        found = await agenda.listed(commune.database.pool, wanted, limit=limit)
        return [
            {
                **_described(commune.instance.event_page(line.event.post_id), line.event),
                "by": f"@{line.author.handle}",
            }
            for line in found
        ]

    columns = ("id", "starts_at", "name", "where", "status", "participants", "by")
    call.out.rows(call.run(run), columns, "Nothing is announced.")


@event.command()
@click.argument("number", type=int)
@command
def show(call: Call, *, number: int) -> None:
    """Show the event NUMBER, and who comes."""

    async def run(commune: Commune) -> dict[str, Any]:
        db = commune.database.pool
        post = await posts.by_id(db, ANYONE, number)
        found = None if post is None else await happenings.of_post(db, number)
        if found is None:
            raise NotFound(f"There is no event {number}.")
        taking = await people.of_event(db, number)
        language = commune.instance.language
        return {
            **_described(commune.instance.event_page(number), found),
            "sentence": sentence(found, language, home=commune.instance.timezone),
            "waiting": sum(not one.takes_part for one in taking),
        }

    call.out.record(call.run(run))


@event.command()
@click.argument("by")
@click.argument("number", type=int)
@click.option("--name", help="Another name.")
@click.option("--starts", help="Another moment, on the clock of the place.")
@_what
@click.option("--following", is_flag=True, help="The later times of the series too.")
@command
def change(
    call: Call,
    /,
    *,
    by: str,
    number: int,
    name: str | None,
    starts: str | None,
    following: bool,
    **said: Any,
) -> None:
    """Change the event NUMBER in the name of BY; what is not said stays as it is."""

    async def run(commune: Commune) -> Event:
        account = await lookup.actor(commune, by)
        async with commune.database.transaction() as tx:
            post, _author, before = await announcing.own(tx, account, number)
        occasion = replace(announcing.plain(before), name=name or before.name)
        if said["zone"]:
            occasion = replace(occasion, zone=said["zone"])
        if starts:
            moment = _moment(starts, occasion.zone)
            ends_at = (
                None if before.ends_at is None else moment + (before.ends_at - before.starts_at)
            )
            occasion = replace(occasion, starts_at=moment, ends_at=ends_at)
        occasion = await _placed(commune, _with(occasion, said), said)
        text = post.source if said["text"] is None else said["text"]
        async with commune.database.transaction() as tx:
            await announcing.change(
                tx, account, number, Announcement(occasion, text), following=following
            )
            return await _event(tx, number)

    changed = call.run(run)
    call.out.record(_described(None, changed), f"Changed: {changed.name}")


@event.command()
@click.argument("by")
@click.argument("number", type=int)
@click.option("--reason", default="", help="A word to those who meant to come.")
@click.option("--following", is_flag=True, help="The later times of the series too.")
@command
def cancel(call: Call, *, by: str, number: int, reason: str, following: bool) -> None:
    """Call the event NUMBER off in the name of BY; everybody who comes is told."""

    async def run(tx: Transaction, account: Account) -> None:
        await announcing.cancel(tx, account, number, reason=reason, following=following)

    _do(call, by, run, number, "Cancelled")


@event.command()
@click.argument("by")
@click.argument("number", type=int)
@click.option("--to", "to", help="The new moment; without it nobody knows yet.")
@click.option("--reason", default="", help="A word to those who meant to come.")
@command
def postpone(call: Call, *, by: str, number: int, to: str | None, reason: str) -> None:
    """Put the event NUMBER off in the name of BY; everybody who comes is told."""

    async def run(tx: Transaction, account: Account) -> None:
        _post, _author, found = await announcing.own(tx, account, number)
        moment = _moment(to, found.zone) if to else None
        await announcing.postpone(tx, account, number, moment, reason=reason)

    _do(call, by, run, number, "Put off")


@event.command()
@click.argument("who")
@click.argument("number", type=int)
@click.option("--message", default="", help="A word to the organisers.")
@command
def join(call: Call, *, who: str, number: int, message: str) -> None:
    """Let WHO take part in the event NUMBER, here or at a neighbour's."""

    async def run(tx: Transaction, account: Account) -> None:
        await joining.join(tx, account, number, message=message)

    _do(call, who, run, number, "Asked to come to")


@event.command()
@click.argument("who")
@click.argument("number", type=int)
@command
def leave(call: Call, *, who: str, number: int) -> None:
    """Let WHO not come to the event NUMBER after all."""

    async def run(tx: Transaction, account: Account) -> None:
        await joining.leave(tx, account, number)

    _do(call, who, run, number, "No longer coming to")


def _do(
    call: Call,
    name: str,
    work: Callable[[Transaction, Account], Awaitable[None]],
    number: int,
    done: str,
) -> None:
    async def run(commune: Commune) -> dict[str, Any]:
        account = await lookup.actor(commune, name)
        async with commune.database.transaction() as tx:
            await work(tx, account)
            found = await _event(tx, number)
            one = await people.of_account(tx.db, number, account.id)
        state = None if one is None else one.state.value
        return {**_described(None, found), "participation": state}

    shown = call.run(run)
    call.out.record(shown, f"{done}: {shown['name']}")


async def _event(tx: Transaction, number: int) -> Event:
    found = await happenings.of_post(tx.db, number)
    if found is None:
        raise NotFound(f"There is no event {number}.")
    return found


def _with(occasion: Occasion, said: dict[str, Any]) -> Occasion:
    """Return *occasion* with what the options say."""
    named = {
        "category": "category",
        "price": "price",
        "capacity": "capacity",
        "join_mode": "join_mode",
        "join_url": "join_url",
        "website": "website",
        "online": "online_url",
    }
    found = {field: said[option] for option, field in named.items() if said[option] is not None}
    if said["ends"]:
        found["ends_at"] = _moment(said["ends"], occasion.zone)
    return replace(occasion, **found)


async def _placed(commune: Commune, occasion: Occasion, said: dict[str, Any]) -> Occasion:
    if said["place"] is not None:
        occasion = replace(occasion, place_name=said["place"], place_id=None)
        known = await places.by_name(commune.database.pool, said["place"])
        if known is not None and not said["address"]:
            return replace(occasion, place_id=known.id)
    if said["address"]:
        found = await geocoding.located(commune, said["address"]) or []
        occasion = replace(occasion, place_id=None, street=said["address"])
        for best in found[:1]:
            occasion = replace(
                occasion,
                street=best.street or said["address"],
                postal_code=best.postal_code,
                locality=best.locality,
                latitude=best.latitude,
                longitude=best.longitude,
            )
    return occasion


def _moment(text: str, zone: str) -> datetime:
    if zone not in zones():
        raise Invalid("zone", "Choose a time zone such as Indian/Reunion.")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("starts", "Write a moment like 2026-12-12T18:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def _described(url: str | None, found: Event) -> dict[str, Any]:
    return {
        "id": str(found.post_id),
        "name": found.name,
        "starts_at": found.starts_at,
        "ends_at": found.ends_at,
        "zone": found.zone,
        "where": found.where or found.online_url or "",
        "category": found.category,
        "status": found.status,
        "capacity": found.capacity,
        "participants": found.participants,
        "join_mode": found.join_mode,
        "series": None if found.series_id is None else str(found.series_id),
        "url": url,
    }
