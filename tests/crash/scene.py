"""One commune in processes that die, its neighbour that lives, and what must be true at the end."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

from fedcommune.commune import opened
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.notifications import queries as notifications
from fedcommune.domain.posts.model import Post
from fedcommune.domain.timelines import queries as timelines
from federation.webfinger import Handle
from inbox import upkeep
from tests.crash.village import Message, Progress, Sender, Village, script
from tests.inbox.strangers import Stranger
from tests.support import communes
from tests.support.builders import an_environment
from tests.support.communes import Clock, Town
from tests.support.evil import EvilServer
from tests.support.processes import Command

FOLLOWERS: Final = 30
SENDERS: Final = 8
OLD_POSTS: Final = 4
POSTS: Final = 8
SETTLED_WITHIN: Final = 60.0  # seconds: a ceiling, reached only by a failure
GLANCE: Final = 0.1


@dataclass
class Scene:
    """Marie and her neighbours live in Saint-Leu, whose processes die; Jean in Trois-Bassins.

    *desk* is another process of Saint-Leu, as it were: it publishes, and it lives on.
    """

    seed: int
    url: str
    environment: dict[str, str]
    folder: Path
    village: Village
    progress: Progress
    desk: Town
    there: Town
    marie: Account
    jean: Account
    people: list[Account]
    followers: list[Stranger]
    senders: list[Sender]
    said: list[Post]
    chance: random.Random
    commands: list[Command] = field(default_factory=list)

    def command(self, *words: str) -> Command:
        """Return a command of Saint-Leu, not started."""
        name = "-".join(word.strip("-") for word in words)
        made = Command(words, self.environment, self.folder / f"{name}.log")
        self.commands.append(made)
        return made

    async def say(self, number: int) -> None:
        """Let Marie publish something that names Jean."""
        text = f"Nouvelle {number} pour @jean@{self.there.domain}"
        self.said.append(await self.desk.say(self.marie, text))

    async def lapse(self, *, minutes: int = 1) -> None:
        """Let the minute pass after which the leases of the dead are over.

        After more than a minute, what was put off is tried again as well.
        """
        pool = self.desk.commune.database.pool
        if minutes > 1:
            async with pool.acquire() as connection:
                await upkeep.retry(connection, None, self.desk.commune.database.clock())
        await pool.execute(
            "update inbox.lane set leased_until = now() where leased_until is not null"
        )
        await pool.execute(
            "update outbox.lane set lease_until = now() where lease_until is not null"
        )
        await pool.execute("select pg_notify('inbox', ''), pg_notify('outbox', '')")

    async def settle(self) -> None:
        """Return once nothing waits anywhere."""
        try:
            async with asyncio.timeout(SETTLED_WITHIN):
                while await self.waiting():  # noqa: ASYNC110  # other processes
                    await asyncio.sleep(GLANCE)
        except TimeoutError:
            raise AssertionError(
                f"seed {self.seed}: still waiting: {await self.waiting()}\n"
                + "\n".join(each.complaints() for each in self.commands)
            ) from None

    async def waiting(self) -> list[str]:
        """Describe what waits, here and next door."""
        found = []
        for town in (self.desk, self.there):
            pool = town.commune.database.pool
            rows = await pool.fetch(
                """
                select 'in ' || waiting.id || ' ' || coalesce(reason, '') || ' '
                    || coalesce(leased_until::text, 'free') as what
                from inbox.waiting join inbox.lane on lane.id = lane_id
                union all
                select 'out ' || inbox || ' ' || attempts || ' ' || delivery.next_at || ' '
                    || coalesce(lease_until::text, 'free') || ' ' || coalesce(last_error, '')
                from outbox.delivery left join outbox.lane using (host)
                """
            )
            found += [row["what"] for row in rows]
        return found

    async def problems(self) -> list[str]:
        """Say what is not as it must be, now that nothing waits."""
        judge = _Judge(self)
        await judge.look()
        return judge.found


class _Judge:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.pool = scene.desk.commune.database.pool
        self.found: list[str] = []

    def expect(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.found.append(f"{what}: {_difference(found, wanted)}")

    async def column(self, query: str, *arguments: Any) -> list[Any]:
        return [row[0] for row in await self.pool.fetch(query, *arguments)]

    async def look(self) -> None:
        scene = self.scene
        received = set(await self.column("select id from inbox.received"))
        for sender in scene.senders:
            lost = sender.accepted - received
            self.expect(f"accepted of {sender.who.name} and lost", lost, set())
        self.expect("failed", await self.column("select reason from inbox.failed"), [])
        wanted = [
            message
            for sender in scene.senders
            for message in sender.script
            if message["id"] in received
        ]
        await self.effects(wanted)
        await self.counters()
        self.answers(wanted)
        posts = set(await self.column("select object_id from commune.post where local"))
        lost = {post.object_id for post in scene.said} - posts
        self.expect("published and lost", lost, set())
        self.deliveries(posts)
        await self.next_door(sorted(posts))

    async def effects(self, wanted: Sequence[Message]) -> None:
        undone = {each["object"]["id"] for each in wanted if each["type"] == "Undo"}
        stand = [each for each in wanted if each["type"] != "Undo" and each["id"] not in undone]
        notes = [each["object"] for each in wanted if each["type"] == "Create"]
        self.expect(
            "posts",
            sorted(await self.column("select object_id from commune.post where not local")),
            sorted(note["id"] for note in notes),
        )
        standing = {kind: sorted(_ids(stand, kind)) for kind in ("Follow", "Like")}
        ours = [f"{each.id}/follow" for each in self.scene.followers]
        self.expect(
            "follows",
            sorted(
                await self.column(
                    """
                    select activity_id from commune.follow
                    join commune.account as follower on follower.id = follower_id
                    where follower.domain <> $1 and state = 'accepted'
                    """,
                    self.scene.there.domain,
                )
            ),
            sorted([*standing["Follow"], *ours]),
        )
        self.expect(
            "likes",
            sorted(
                await self.column("select activity_id from commune.reaction where kind = 'like'")
            ),
            standing["Like"],
        )
        told = Counter(
            await self.column(
                """
                select notification.kind from commune.notification
                join commune.account as by on by.id = from_id
                where not by.local and by.domain <> $1 and by.actor_id <> all ($2::text[])
                """,
                self.scene.there.domain,
                [each.id for each in self.scene.followers],
            )
        )
        answers = sum("inReplyTo" in note for note in notes)
        self.expect(
            "notifications",
            told,
            +Counter(
                follow=len(standing["Follow"]),
                favourite=len(standing["Like"]),
                reply=answers,
                mention=len(notes) - answers,
            ),
        )

    async def counters(self) -> None:
        self.expect(
            "counters that are not the number of their rows",
            await self.column(
                """
                select object_id from commune.post
                where likes_count <> (
                        select count(*) from commune.reaction
                        where post_id = post.id and kind = 'like')
                    or shares_count <> (
                        select count(*) from commune.reaction
                        where post_id = post.id and kind = 'boost')
                    or replies_count <> (
                        select count(*) from commune.post as answer
                        where answer.parent_id = post.id)
                """
            ),
            [],
        )

    def answers(self, wanted: Sequence[Message]) -> None:
        for sender in self.scene.senders:
            accepts: dict[str, set[str]] = {}
            for letter in self.scene.village.received(f"{sender.who.id}/inbox", "Accept"):
                accepts.setdefault(letter["object"]["id"], set()).add(letter["id"])
            asked = {each["id"] for each in wanted if each["actor"] == sender.who.id}
            asked &= set(_ids(sender.script, "Follow"))
            self.expect(f"follows answered of {sender.who.name}", set(accepts), asked)
            twice = [follow for follow, ids in accepts.items() if len(ids) != 1]
            self.expect("follows answered in two ways", twice, [])

    def deliveries(self, everything: set[str]) -> None:
        for follower in self.scene.followers:
            address = follower.extra.get("endpoints", {}).get("sharedInbox", f"{follower.id}/inbox")
            got = {
                letter["object"]["id"] for letter in self.scene.village.received(address, "Create")
            }
            self.expect(f"posts that reached {address}", got, everything)

    async def next_door(self, everything: list[str]) -> None:
        pool = self.scene.there.commune.database.pool
        stored = await pool.fetch("select object_id from commune.post order by object_id")
        self.expect("posts next door", [row[0] for row in stored], everything)
        home = await timelines.home(pool, self.scene.jean.id)
        self.expect("Jean reads", sorted(each.post.object_id for each in home), everything)
        told = await notifications.page(pool, self.scene.jean.id)
        self.expect(
            "Jean is told",
            [str(each.kind) for each in told],
            ["mention"] * (len(everything) - OLD_POSTS),
        )
        failed = await pool.fetch(
            "select id, outcome, reason from inbox.received where outcome is not null"
        )
        self.expect("refused next door", [tuple(row) for row in failed], [])


def _ids(messages: Sequence[Message], kind: str) -> list[str]:
    return [each["id"] for each in messages if each["type"] == kind]


def _difference(found: object, wanted: object) -> str:
    if isinstance(found, list | set) and isinstance(wanted, list | set):
        have, want = Counter(found), Counter(wanted)
        return (
            f"too much {list((have - want).elements())}, missing {list((want - have).elements())}"
        )
    return f"{found} instead of {wanted}"


@asynccontextmanager
async def a_scene(seed: int, url: str, neighbour_url: str, folder: Path) -> AsyncIterator[Scene]:
    """Prepare everything; the processes of Saint-Leu are for the test to start."""
    print(f"seed {seed}")  # noqa: T201  # shown when the test fails
    chance = random.Random(seed)
    progress = Progress()
    async with (
        EvilServer() as server,
        communes.town("trois-bassins", neighbour_url, Clock()) as there,
    ):
        village = Village(server, progress)
        # Saint-Leu is founded in this process, and makes friends while it can be reached.
        async with communes.town("saint-leu", url, Clock()) as here:
            config = here.commune.config
            people = [await here.citizen(name) for name in ("marie", "paul", "ines", "rose")]
            jean = await there.citizen("jean")
            async with there.commune.database.transaction() as tx:
                await follows.follow(tx, jean, await there.meet(people[0]))
            await communes.settle([here, there])
            followers = [_follower(village, number) for number in range(FOLLOWERS)]
            await _befriend(here, people[0], followers)
            old = [await here.say(people[0], f"Ancienne nouvelle {n}") for n in range(OLD_POSTS)]
            await communes.settle([here, there])
        senders = []
        for number in range(SENDERS):
            who = village.stranger(f"s{number}", f"from{number % 4}", number)
            what = script(
                who,
                [each.actor_id for each in people],
                [each.object_id for each in old],
                chance,
            )
            senders.append(Sender(who, what))
        workers = there.commune.workers()
        workers.start()
        try:
            async with opened(config, migrating=False) as desk:
                yield Scene(
                    seed,
                    url,
                    an_environment(
                        folder / "var",
                        url,
                        commune_domain=config.commune.domain,
                        commune_name=config.commune.name,
                        development_no_rate_limits="true",
                    ),
                    folder,
                    village,
                    progress,
                    Town(desk),
                    there,
                    people[0],
                    jean,
                    people,
                    followers,
                    senders,
                    old,
                    chance,
                )
        finally:
            await workers.stop()


def _follower(village: Village, number: int) -> Stranger:
    host = f"h{number % 9}"
    if number % 9 < 7:
        return village.stranger(f"f{number}", host, number)
    endpoints = {"sharedInbox": village.shared_inbox(host)}
    return village.stranger(f"f{number}", host, number, endpoints=endpoints)


async def _befriend(here: Town, followed: Account, followers: Sequence[Stranger]) -> None:
    for each in followers:
        async with here.commune.database.transaction() as tx:
            known = await accounts.learn(tx, each.document(), Handle(each.name, each.authority))
            await follows.gain_follower(tx, known, followed, f"{each.id}/follow")


async def terminate_all_backends(url: str) -> int:
    """Let PostgreSQL end all connections to the database at *url*; return how many there were."""
    connection = await asyncpg.connect(url)
    try:
        ended = await connection.fetch(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
                and backend_type = 'client backend'
            """
        )
        return len(ended)
    finally:
        await connection.close()
