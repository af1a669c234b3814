"""Fill one commune with its people, their organisations, projects and places."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

import msgspec

from fedcommune.commune import Commune
from fedcommune.demo import world
from fedcommune.demo.portraits import portray
from fedcommune.demo.steps import Advance, is_done, known, moments, once, remember
from fedcommune.demo.world import World
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import profiles
from fedcommune.domain.accounts.model import Changes
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.citizens import passwords
from fedcommune.domain.citizens.actions import joining
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.feeds.model import FEEDS
from fedcommune.domain.letters import actions as letters
from fedcommune.domain.links import actions as links
from fedcommune.domain.links.model import Openness, State, Wish
from fedcommune.domain.moderation.actions import people as moderation
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft as OrganisationDraft
from fedcommune.domain.organisations.model import Facts
from fedcommune.domain.places import actions as places
from fedcommune.domain.places import telling
from fedcommune.domain.places.model import Draft as PlaceDraft
from fedcommune.domain.projects import actions as projects
from fedcommune.domain.projects.model import Draft as ProjectDraft
from fedcommune.domain.projects.model import stage_named
from federation import keys
from federation.keys import Pair

# The town is older than its news.
FOUNDED: Final = timedelta(days=30)
# Everybody of the demo signs in with it: nobody real is in there, and nobody else reaches it.
PASSWORD: Final = "bonbon-letchi-dann-pie"  # noqa: S105  # printed by the demo itself


def size(told: World) -> int:
    """How many steps :func:`fill` and :func:`show_around` take."""
    return 1 + len(FEEDS) + told.actors + len(told.members) + len(told.spots)


async def fill(commune: Commune, told: World, advance: Advance) -> None:
    """Let the people of *told* settle and work together, once; *advance* comes after each step."""
    now = commune.database.clock()
    await _open(commune, now - FOUNDED, advance)
    # Each at a moment of its own: identifiers are made of the time.
    days = moments(now - FOUNDED, timedelta(hours=7))
    secret = await _secret(commune, told)
    for citizen in told.citizens:
        await _settle_in(commune, citizen, next(days), secret)
        await portray(commune, citizen.username, citizen.name)
        advance()
    for organisation in told.organisations:
        await _found(commune, organisation, next(days))
        await portray(commune, organisation.username, organisation.name, "village")
        advance()
    days = moments(now - timedelta(days=9), timedelta(hours=3))
    for project in told.projects:
        await _start(commune, project, next(days))
        await portray(commune, project.username, project.name, "garden")
        advance()
    for member in told.members:
        await _join(commune, member, next(days))
        advance()


def email(commune: Commune, username: str) -> str:
    """Return the address with which somebody of the demo signs in; no letter leaves for it."""
    return f"{username}@{commune.instance.host}".replace("localhost", "example")


async def show_around(commune: Commune, told: World, now: datetime, advance: Advance) -> None:
    """Tell of the places of *told*, once; the neighbours hear of them."""
    times = moments(now - timedelta(hours=30), timedelta(minutes=41))
    for spot in told.spots:
        step = f"spot {spot.name}"
        async with once(commune, step, at=next(times)) as tx:
            if tx is not None:
                said = msgspec.structs.asdict(spot)
                by, aloud = said.pop("by"), said.pop("aloud")
                tell = telling.tell if aloud else places.add
                place = await tell(
                    tx, await known(tx, by or commune.instance.host), PlaceDraft(**said)
                )
                await remember(tx.db, step, place.id)
        advance()


async def _open(commune: Commune, at: datetime, advance: Advance) -> None:
    names = [commune.instance.host, *(feed.username for feed in FEEDS)]
    pairs: dict[str, Pair] = {}
    if not await is_done(commune.database.pool, "open"):
        for name in names:
            pairs[name] = await _pair()
    async with once(commune, "open", at=at) as tx:
        if tx is not None:
            await feeds.open_all(tx, pairs)
    for _ in names:
        advance()


async def _settle_in(commune: Commune, told: world.Citizen, at: datetime, secret: str) -> None:
    step = f"citizen {told.username}"
    if await is_done(commune.database.pool, step):
        return
    pair = await _pair()
    async with once(commune, step, at=at) as tx:
        if tx is None:
            return
        _, account = await joining.create(
            tx,
            email=email(commune, told.username),
            username=told.username,
            name=told.name,
            postal_code=told.postal_code,
            pair=pair,
            password=secret,
        )
        profile = profiles.written(tx.instance, told.summary)
        account = await accounts.edit(
            tx, account, Changes(summary=profile.summary, source=profile.source)
        )
        if told.weekly:
            await letters.choose(tx, account, {"commune": "weekly"})
        if told.role != "citizen":
            await moderation.give_role(tx, account, Role(told.role))


async def _found(commune: Commune, told: world.Organisation, at: datetime) -> None:
    step = f"organisation {told.username}"
    if await is_done(commune.database.pool, step):
        return
    pair = await _pair()
    async with once(commune, step, at=at) as tx:
        if tx is not None:
            draft = OrganisationDraft(
                told.kind,
                told.username,
                told.name,
                told.summary,
                Openness(told.openness),
                rna=told.rna,
                latitude=told.latitude,
                longitude=told.longitude,
                facts=Facts(
                    tags=told.tags,
                    street=told.street,
                    postal_code=told.postal_code,
                    locality=told.locality,
                    opening_hours=told.opening_hours,
                    phone=told.phone,
                ),
            )
            await organisations.found(tx, await known(tx, told.founder), draft, pair)


async def _start(commune: Commune, told: world.Project, at: datetime) -> None:
    step = f"project {told.username}"
    if await is_done(commune.database.pool, step):
        return
    pair = await _pair()
    async with once(commune, step, at=at) as tx:
        if tx is not None:
            draft = ProjectDraft(
                told.username,
                told.name,
                told.summary,
                stage_named(told.stage),
                Openness(told.openness),
            )
            project = await projects.start(
                tx,
                await known(tx, told.founder),
                draft,
                pair,
                carrier=await known(tx, told.carrier) if told.carrier else None,
                parent=await known(tx, told.parent) if told.parent else None,
            )
            if told.latitude is not None:
                where = Changes(latitude=told.latitude, longitude=told.longitude)
                await accounts.edit(tx, project, where)


async def _join(commune: Commune, told: world.Member, at: datetime) -> None:
    async with once(commune, f"member {told.subject} {told.target}", at=at) as tx:
        if tx is None:
            return
        subject, target = await known(tx, told.subject), await known(tx, told.target)
        wish = Wish(told.roles, message=told.message)
        if told.state == "invited":
            await links.invite(tx, target, target, subject, wish)
            return
        link = await links.ask(tx, subject, target, wish)
        if link.state == State.PENDING and told.state == "active":
            await links.approve(tx, target, link, (subject, target))


async def _secret(commune: Commune, told: World) -> str:
    """Return the password as it is kept; it takes a moment, and is needed the first time only."""
    last = told.citizens[-1].username
    if await is_done(commune.database.pool, f"citizen {last}"):
        return ""
    return await passwords.hash(PASSWORD)


async def _pair() -> Pair:
    # RSA keys take a moment: in a thread, so that the progress bar moves.
    return await asyncio.to_thread(keys.generate)
