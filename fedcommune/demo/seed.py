"""Fill one commune with its people, their organisations, projects and words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec

from fedcommune.commune import Commune
from fedcommune.database import Transaction
from fedcommune.demo import calendar, market, world
from fedcommune.demo.steps import is_done, made, once, remember
from fedcommune.demo.world import Scene, World
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import profiles
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.citizens import actions as citizens
from fedcommune.domain.collections import three
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.feeds.model import FEEDS
from fedcommune.domain.links import actions as links
from fedcommune.domain.links.model import Openness, State, Wish
from fedcommune.domain.media import actions as media
from fedcommune.domain.media.model import File, Made, Words
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft as OrganisationDraft
from fedcommune.domain.organisations.model import Facts
from fedcommune.domain.places import actions as places
from fedcommune.domain.places import telling
from fedcommune.domain.places.model import Draft as PlaceDraft
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.projects import actions as projects
from fedcommune.domain.projects.model import Draft as ProjectDraft
from fedcommune.domain.projects.model import stage_named
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.visibility import Visibility
from federation import keys
from federation.keys import Pair

Advance = Callable[[], None]

# The town is older than its news.
FOUNDED = timedelta(days=30)


def size(told: World) -> int:
    """How many steps :func:`fill` takes."""
    said = len(told.posts) + sum(_reactions(told)) + market.size(told) + calendar.size(told)
    return 1 + told.actors + len(told.members) + said + len(FEEDS)


async def fill(commune: Commune, told: World, advance: Advance) -> None:
    """Tell the story of *told* in *commune*, once; *advance* is called after each step."""
    now = commune.database.clock()
    await _open(commune, now - FOUNDED, advance)
    # Each at a moment of its own: identifiers are made of the time.
    days = _moments(now - FOUNDED, timedelta(hours=7))
    for citizen in told.citizens:
        await _settle_in(commune, citizen, next(days))
        await _portray(commune, citizen.username, citizen.name)
        advance()
    for organisation in told.organisations:
        await _found(commune, organisation, next(days))
        await _portray(commune, organisation.username, organisation.name, "village")
        for citizen_name in organisation.appreciated_by:
            await _appreciate(commune, citizen_name, organisation.username)
        advance()
    days = _moments(now - timedelta(days=9), timedelta(hours=5))
    for project in told.projects:
        await _start(commune, project, next(days))
        await _portray(commune, project.username, project.name, "garden")
        advance()
    for member in told.members:
        await _join(commune, member, next(days))
        advance()
    for post in sorted(told.posts, key=lambda post: -post.hours_ago):
        await _say(commune, post, now)
        advance()
        await _react(commune, post, now, advance)
    await market.fill(commune, told, now, advance)
    await calendar.fill(commune, told, now, advance)


async def show_around(commune: Commune, told: World, advance: Advance) -> None:
    """Tell of the places of *told*, once; *advance* is called after each."""
    moments = _moments(commune.database.clock() - timedelta(hours=3), timedelta(minutes=7))
    for spot in told.spots:
        async with once(commune, f"spot {spot.name}", at=next(moments)) as tx:
            if tx is not None:
                said = msgspec.structs.asdict(spot)
                by, aloud = said.pop("by"), said.pop("aloud")
                tell = telling.tell if aloud else places.add
                await tell(tx, await _known(tx, by or commune.instance.host), PlaceDraft(**said))
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


async def _settle_in(commune: Commune, told: world.Citizen, at: datetime) -> None:
    step = f"citizen {told.username}"
    if await is_done(commune.database.pool, step):
        return
    pair = await _pair()
    async with once(commune, step, at=at) as tx:
        if tx is None:
            return
        _, account = await citizens.create(
            tx,
            email=f"{told.username}@{commune.instance.host}".replace("localhost", "example"),
            username=told.username,
            name=told.name,
            postal_code=told.postal_code,
            pair=pair,
        )
        profile = profiles.written(tx.instance, told.summary)
        await accounts.edit(tx, account, Changes(summary=profile.summary, source=profile.source))


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
            await organisations.found(tx, await _known(tx, told.founder), draft, pair)


async def _appreciate(commune: Commune, username: str, listed: str) -> None:
    async with once(commune, f"list {username} {listed}") as tx:
        if tx is not None:
            await three.put(tx, await _known(tx, username), await _known(tx, listed))


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
            project = await projects.start(tx, await _known(tx, told.founder), draft, pair)
            if told.latitude is not None:
                where = Changes(latitude=told.latitude, longitude=told.longitude)
                await accounts.edit(tx, project, where)


async def _portray(commune: Commune, username: str, name: str, scene: Scene | None = None) -> None:
    """Give somebody a face, and a banner when they stand for more than themselves."""
    step = f"portrait {username}"
    if await is_done(commune.database.pool, step):
        return
    face, banner = await asyncio.to_thread(_sketched, username, name, scene)
    pictures: dict[str, File | None] = {"icon": await commune.workshop.sized(face, "face")}
    if banner is not None:
        pictures["image"] = await commune.workshop.sized(banner, "banner")
    async with once(commune, step) as tx:
        if tx is not None:
            await accounts.edit(tx, await _known(tx, username), Changes(), pictures=pictures)


def _sketched(username: str, name: str, scene: Scene | None) -> tuple[bytes, bytes | None]:
    # Imported when something is drawn: no other command needs it.
    from fedcommune.demo import sketches

    words = [word for word in name.replace("'", " ").split() if word[0].isupper()]
    face = sketches.face("".join(word[0] for word in words[:2]), username)
    return face, sketches.landscape(scene, username, (1500, 500)) if scene else None


async def _illustrated(commune: Commune, told: world.Post) -> Made | None:
    """Draw the picture of a post that has one."""
    if not told.picture:
        return None
    from fedcommune.demo import sketches

    drawn = await asyncio.to_thread(sketches.landscape, told.picture, told.key)
    return await commune.workshop.attachment(drawn)


async def _join(commune: Commune, told: world.Member, at: datetime) -> None:
    async with once(commune, f"member {told.subject} {told.target}", at=at) as tx:
        if tx is None:
            return
        subject, target = await _known(tx, told.subject), await _known(tx, told.target)
        link = await links.ask(tx, subject, target, Wish(told.roles))
        if link.state == State.PENDING:
            await links.approve(tx, target, link, (subject, target))


async def _say(commune: Commune, told: world.Post, now: datetime) -> None:
    if await is_done(commune.database.pool, f"post {told.key}"):
        return
    picture = await _illustrated(commune, told)
    async with once(commune, f"post {told.key}", at=now - timedelta(hours=told.hours_ago)) as tx:
        if tx is None:
            return
        handles = posts.mentioned_in(told.text, tx.instance.domain)
        people = [await _known(tx, handle.partition("@")[0]) for handle in handles]
        author = await _known(tx, told.author)
        attached: tuple[int, ...] = ()
        if picture is not None:
            kept = await media.keep(tx, author.id, picture, Words(told.described))
            attached = (kept.id,)
        draft = Draft(
            text=told.text,
            visibility=Visibility(told.visibility),
            summary=told.warning,
            language="fr",
            in_reply_to=await made(tx.db, f"post {told.reply_to}") if told.reply_to else None,
            mentioned=tuple(people),
            media=attached,
        )
        post = await feeds.publish(tx, author, draft)
        await remember(tx.db, f"post {told.key}", post.id)


async def _react(commune: Commune, told: world.Post, now: datetime, advance: Advance) -> None:
    moments = _moments(now - timedelta(hours=told.hours_ago, minutes=-9), timedelta(minutes=7))
    for name in told.liked_by:
        async with once(commune, f"like {told.key} {name}", at=next(moments)) as tx:
            if tx is not None:
                post = await post_queries.locked(tx.db, await made(tx.db, f"post {told.key}"))
                assert post is not None, "the post was published before"
                await reactions.like(tx, await _known(tx, name), post)
        advance()
    for name in told.boosted_by:
        async with once(commune, f"boost {told.key} {name}", at=next(moments)) as tx:
            if tx is not None:
                post = await post_queries.locked(tx.db, await made(tx.db, f"post {told.key}"))
                assert post is not None, "the post was published before"
                await reactions.boost(tx, await _known(tx, name), post)
        advance()


def _moments(first: datetime, step: timedelta) -> Iterator[datetime]:
    while True:
        yield first
        first += step


def _reactions(told: World) -> Iterator[int]:
    return (len(post.liked_by) + len(post.boosted_by) for post in told.posts)


async def _known(tx: Transaction, username: str) -> Account:
    account = await account_queries.local_by_username(tx.db, username)
    assert account is not None, f"{username} stands earlier in the story"
    return account


async def _pair() -> Pair:
    # RSA keys take a moment: in a thread, so that the progress bar moves.
    return await asyncio.to_thread(keys.generate)
