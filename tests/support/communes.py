"""Communes for the tests: real databases, real HTTP on loopback, run until all is settled."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec
from starlette.middleware import Middleware

from fedcommune import lookup
from fedcommune.asgi import application
from fedcommune.commune import Commune, opened
from fedcommune.config import Config
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import actions as citizens
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.feeds.model import FEEDS
from fedcommune.domain.links.model import Openness
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft as OrganisationDraft
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.projects import actions as projects
from fedcommune.domain.projects.model import Draft as ProjectDraft
from fedcommune.domain.visibility import Visibility
from fedcommune.serving import serving
from fedcommune.settings import (
    CommuneSection,
    DatabaseSection,
    DevelopmentSection,
    FederationSection,
    MapSection,
    RegistrationSection,
    StorageSection,
)
from federation import keys
from federation.keys import Pair
from tests.support.ports import a_port

SECRET = bytes(range(32))


@cache
def pair(number: int) -> Pair:
    """Return a key pair, made once a session: RSA keys are slow to make."""
    return keys.generate()


@dataclass
class Clock:
    """The time of all communes of a test: the real one, moved by hand."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_by(self, **units: float) -> None:
        self.ahead += timedelta(**units)


@dataclass
class Town:
    """One running commune, and short words for what happens in it."""

    commune: Commune
    opened_actors: int = 0

    @property
    def domain(self) -> str:
        return self.commune.instance.domain

    @property
    def origin(self) -> str:
        return self.commune.instance.origin

    def _next_pair(self) -> Pair:
        self.opened_actors += 1
        return pair(self.opened_actors % 6)

    async def citizen(self, username: str) -> Account:
        async with self.commune.database.transaction() as tx:
            _, account = await citizens.create(
                tx,
                email=f"{username}@mail.example",
                username=username,
                name=username.capitalize(),
                postal_code="97436",
                pair=self._next_pair(),
            )
            return account

    async def organisation(
        self, founder: Account, username: str, openness: Openness = Openness.MODERATED
    ) -> Account:
        draft = OrganisationDraft("association", username, username.capitalize(), "", openness)
        async with self.commune.database.transaction() as tx:
            return await organisations.found(tx, founder, draft, self._next_pair())

    async def project(
        self, founder: Account, username: str, openness: Openness = Openness.OPEN
    ) -> Account:
        draft = ProjectDraft(username, username.capitalize(), "", openness=openness)
        async with self.commune.database.transaction() as tx:
            return await projects.start(tx, founder, draft, self._next_pair())

    async def find(self, handle: str) -> Account:
        """Find somebody by handle, over the network when need be."""
        return await lookup.actor(self.commune, handle)

    async def meet(self, stranger: Account) -> Account:
        """Return what this town knows of *stranger*, an account of another town."""
        return await self.find(f"@{stranger.username}@{stranger.domain}")

    async def say(
        self,
        author: Account,
        text: str,
        visibility: Visibility = Visibility.PUBLIC,
        *,
        to: Post | None = None,
        warning: str = "",
    ) -> Post:
        handles = posts.mentioned_in(text, self.domain)
        people = await lookup.mentioned(self.commune, handles)
        draft = Draft(
            text=text,
            visibility=visibility,
            summary=warning,
            in_reply_to=to.id if to else None,
            mentioned=people,
        )
        async with self.commune.database.transaction() as tx:
            return await feeds.publish(tx, author, draft)

    async def stored(self, post: Post) -> Post | None:
        """Return *post*, of whatever town, as it is kept here."""
        return await post_queries.stored(self.commune.database.pool, post.object_id)

    async def seen(self, post: Post) -> Post:
        """Return *post* as it is kept here; it must be."""
        stored = await self.stored(post)
        assert stored is not None, f"{post.object_id} did not arrive at {self.domain}"
        return stored

    async def known(self, account: Account) -> Account | None:
        """Return *account* as it is kept here."""
        return await accounts.by_actor_id(self.commune.database.pool, account.actor_id)

    async def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return int(await self.commune.database.pool.fetchval(f"select count(*) from {table}"))


def config_of(
    name: str,
    url: str,
    port: int,
    *,
    federation: FederationSection | None = None,
    registration: RegistrationSection | None = None,
    commune: CommuneSection | None = None,
    limited: bool = False,
    confirmed_signups: bool = False,
    map_: MapSection | None = None,
    storage: StorageSection | None = None,
) -> Config:
    """Return the configuration of a commune of the tests, on the database at *url*.

    *commune* gives what its section says besides name and domain; *limited* lets it slow
    people down. Nobody is asked about postal codes, addresses or maps unless *registration*
    or *map_* say so.
    """
    section = commune or CommuneSection(insee="97413")
    return Config(
        commune=msgspec.structs.replace(
            section, name=name.capitalize(), domain=f"{name}.localhost:{port}"
        ),
        database=DatabaseSection(url=url),
        development=DevelopmentSection(
            enabled=True,
            plain_http=True,
            loopback_peers=True,
            no_rate_limits=not limited,
            confirmed_signups=confirmed_signups,
        ),
        base=Path.cwd(),
        federation=federation or FederationSection(),
        registration=registration or RegistrationSection(geo_api=""),
        map=map_ or MapSection(tiles="", address_api=""),
        storage=storage or StorageSection(),
        secret_key=SECRET,
    )


@asynccontextmanager
async def town(
    name: str,
    url: str,
    clock: Clock,
    *,
    federation: FederationSection | None = None,
    registration: RegistrationSection | None = None,
    commune: CommuneSection | None = None,
    limited: bool = False,
    confirmed_signups: bool = False,
    map_: MapSection | None = None,
    storage: StorageSection | None = None,
    middleware: Sequence[Middleware] = (),
) -> AsyncIterator[Town]:
    """Run a commune with its instance actor and feeds; work is done by :func:`settle`.

    *middleware* stands before everything, and sees what leaves.
    """
    with a_port() as port, tempfile.TemporaryDirectory(prefix="fedcommune-files-") as folder:
        config = config_of(
            name,
            url,
            port,
            federation=federation,
            registration=registration,
            commune=commune,
            limited=limited,
            confirmed_signups=confirmed_signups,
            map_=map_,
            storage=storage,
        )
        if config.storage.directory == StorageSection().directory:
            kept = msgspec.structs.replace(config.storage, directory=folder)
            config = msgspec.structs.replace(config, storage=kept)
        async with opened(config, clock=clock, migrating=False) as running:
            async with running.database.transaction() as tx:
                names = [running.instance.host, *(feed.username for feed in FEEDS)]
                await feeds.open_all(tx, {each: pair(n % 6) for n, each in enumerate(names)})
            app = application(running)
            app.user_middleware[:0] = middleware
            async with serving(app, "127.0.0.1", port):
                yield Town(running)


@asynccontextmanager
async def together(*towns: AbstractAsyncContextManager[Town]) -> AsyncIterator[list[Town]]:
    """Open *towns* side by side, and close them so: each waits a little for its visitors."""
    stacks = [AsyncExitStack() for _ in towns]
    try:
        yield list(
            await asyncio.gather(
                *(
                    stack.enter_async_context(each)
                    for stack, each in zip(stacks, towns, strict=True)
                )
            )
        )
    finally:
        await asyncio.gather(*(stack.aclose() for stack in stacks))


async def settle(towns: Sequence[Town]) -> None:
    """Deliver and handle until nothing is ready anywhere any more."""
    again = True
    while again:
        again = False
        for each in towns:
            again = await each.commune.deliverer.step() or again
            again = await each.commune.processor.step() or again
            again = await each.commune.quotes.step() or again
