"""Peers that are down, slow, failing or gone: nobody else waits, and who heals gets everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

import orjson
import pytest

from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts.model import Draft
from federation.webfinger import Handle
from outbox import upkeep
from tests.inbox.strangers import Stranger
from tests.support import communes
from tests.support.communes import Clock, Town
from tests.support.evil import Asked, EvilServer, answer

GOOD: Final = tuple(f"good{number}" for number in range(5))
RETRY_AFTER: Final = 600  # seconds


@dataclass
class World:
    """A commune where Marie lives, and servers in all moods, each with one follower of hers.

    A mood is a status, or an event until which nothing is answered at all.
    """

    town: Town
    clock: Clock
    server: EvilServer
    absent: EvilServer
    marie: Account
    moods: dict[str, int | asyncio.Event] = field(default_factory=dict)
    letters: dict[str, list[str]] = field(default_factory=dict)  # types, as they came
    taken: dict[str, list[str]] = field(default_factory=dict)  # types, answered 202

    async def follower(self, name: str, server: EvilServer) -> None:
        """Let somebody on a host of their own follow Marie."""
        who = Stranger(server, name, f"{name}.localhost")
        self.letters[name], self.taken[name] = [], []

        async def receive(asked: Asked, writer: asyncio.StreamWriter) -> None:
            kind = orjson.loads(asked.body)["type"]
            self.letters[name].append(kind)
            mood = self.moods.get(name, 202)
            if isinstance(mood, asyncio.Event):
                await mood.wait()
                mood = 202
            if mood == 202:
                self.taken[name].append(kind)
            writer.write(answer(mood, headers=[("Retry-After", str(RETRY_AFTER))][: mood == 429]))

        server.plays(f"/users/{name}/inbox", receive, host=who.host)
        async with self.town.commune.database.transaction() as tx:
            known = await accounts.learn(tx, who.document(), Handle(name, who.authority))
            await follows.gain_follower(tx, known, self.marie, f"{who.id}/follow")

    async def deliver(self) -> None:
        await communes.settle([self.town])

    async def pending(self) -> int:
        return await upkeep.pending(self.town.commune.database.pool)

    def forget_letters(self) -> None:
        for each in (*self.letters.values(), *self.taken.values()):
            each.clear()


@pytest.fixture
async def world(database_url: str, port: int) -> AsyncIterator[World]:
    clock = Clock()
    absent = EvilServer()
    absent.port = port
    async with EvilServer() as server, communes.town("saint-leu", database_url, clock) as town:
        yield World(town, clock, server, absent, await town.citizen("marie"))


async def test_w_del_05_peers_in_trouble_delay_nobody_and_get_everything_once_they_heal(
    world: World,
) -> None:
    hanging, slow = asyncio.Event(), asyncio.Event()
    for name in (*GOOD, "failing", "busy", "gone", "hanging", "slow"):
        await world.follower(name, world.server)
    async with world.absent:
        await world.follower("down", world.absent)
        await world.deliver()
    world.forget_letters()
    world.moods |= {"failing": 500, "busy": 429, "gone": 410, "hanging": hanging, "slow": slow}

    await world.town.say(world.marie, "Il pleut")
    while not all(world.taken[name] == ["Create"] for name in GOOD):
        await world.town.commune.deliverer.step()

    # The good ones have it, while two of the others still let us wait.
    assert not hanging.is_set()
    assert not slow.is_set()
    hanging.set()
    slow.set()
    await world.deliver()
    assert world.taken["hanging"] == world.taken["slow"] == ["Create"]
    for name in ("failing", "busy", "gone"):
        assert (world.letters[name], world.taken[name]) == (["Create"], []), name
    assert await world.pending() == 3  # failing, busy, down: whoever is gone gets no second try
    assert len(await upkeep.gone_inboxes(world.town.commune.database.pool)) == 1

    world.moods.clear()
    async with world.absent:
        await world.deliver()
        assert await world.pending() == 3  # nobody is asked before their time
        world.clock.pass_by(minutes=2)
        await world.deliver()
        assert world.taken["failing"] == world.taken["down"] == ["Create"]
        assert world.taken["busy"] == []  # it asked for ten minutes
        world.clock.pass_by(seconds=RETRY_AFTER)
        await world.deliver()

    assert world.taken["busy"] == ["Create"]
    assert world.taken["gone"] == []
    assert await world.pending() == 0
    assert all(world.letters[name] == ["Create"] for name in GOOD)


async def test_w_del_01_what_is_said_while_peers_hang_leaves_at_once(world: World) -> None:
    hanging = asyncio.Event()
    for name in (*GOOD, "hanging"):
        await world.follower(name, world.server)
    await world.deliver()
    world.forget_letters()
    world.moods["hanging"] = hanging

    for number in range(1, 6):
        await world.town.say(world.marie, f"Nouvelle {number}")
        world.town.commune.published.ring()  # as the NOTIFY does where workers listen
        while not all(world.taken[name] == ["Create"] * number for name in GOOD):
            await world.town.commune.deliverer.step()
    assert world.taken["hanging"] == []
    hanging.set()
    await world.deliver()

    assert world.taken["hanging"] == ["Create"] * 5
    assert await world.pending() == 0


@pytest.mark.parametrize("mood", [500, 503, 429])
async def test_w_del_01_the_order_is_kept_towards_a_peer_that_fails_in_between(
    world: World, mood: int
) -> None:
    await world.follower("good", world.server)
    await world.follower("bad", world.server)
    await world.deliver()
    world.forget_letters()

    async def edit(text: str) -> None:
        world.clock.pass_by(seconds=1)
        async with world.town.commune.database.transaction() as tx:
            await posts.edit(tx, world.marie, post.id, Draft(text=text))
        await world.deliver()

    world.moods["bad"] = mood
    post = await world.town.say(world.marie, "À 8 h")
    await world.deliver()
    await edit("À 9 h")
    assert world.letters["bad"] == ["Create"]  # the edit does not overtake
    world.moods.clear()
    world.clock.pass_by(minutes=20)
    await world.deliver()
    assert world.taken["bad"] == ["Create", "Update"]

    world.moods["bad"] = mood
    await edit("À 10 h")
    async with world.town.commune.database.transaction() as tx:
        await posts.delete(tx, world.marie, post.id)
    await world.deliver()
    assert world.taken["bad"] == ["Create", "Update"]
    world.moods.clear()
    world.clock.pass_by(hours=1)
    await world.deliver()

    # What was deleted is no longer told: the last edit was dropped with the post.
    assert world.taken["bad"] == ["Create", "Update", "Delete"]
    assert world.taken["good"] == ["Create", "Update", "Update", "Delete"]
    assert await world.pending() == 0


async def test_w_del_04_a_peer_that_failed_for_hours_gets_everything_when_it_heals(
    world: World,
) -> None:
    await world.follower("bad", world.server)
    await world.deliver()
    world.forget_letters()
    world.moods["bad"] = 500
    for number in range(12):
        await world.town.say(world.marie, f"Nouvelle {number}")
        await world.deliver()
        world.clock.pass_by(minutes=10)
    assert await world.pending() == 12
    asked = len(world.letters["bad"])
    assert asked < 12 * 4  # the breaker is open: it is asked less and less

    world.moods.clear()
    for _ in range(2):
        world.clock.pass_by(hours=6)
        await world.deliver()

    assert world.taken["bad"] == ["Create"] * 12
    assert await world.pending() == 0
