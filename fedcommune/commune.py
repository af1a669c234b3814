"""What lives while we run: the database, the door to the network, the keys, the two boxes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import structlog

import fedcommune
from fedcommune import config as configuration
from fedcommune import federated, migrate
from fedcommune.chores import Chores
from fedcommune.config import Config, ConfigError
from fedcommune.database import Clock, Database, Transaction, utc_now
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.hosts.model import Policies
from fedcommune.domain.notifications.chores import Pusher
from fedcommune.domain.timelines.stream import Wire
from fedcommune.errands.cards import Cards
from fedcommune.errands.origins import Origins
from fedcommune.errands.quotes import Quotes
from fedcommune.errands.threads import Threads
from fedcommune.errands.websites import Websites
from fedcommune.federated import Heard, Known, Owners
from fedcommune.files.films import Films
from fedcommune.files.painters import Painters
from fedcommune.files.store import Store
from fedcommune.instance import Instance
from fedcommune.keyring import Keyring, Signers
from fedcommune.mail.send import Postman, sender_of
from fedcommune.postgres import Embedded
from fedcommune.proxies import ClientAddress
from fedcommune.schedule import Schedule
from fedcommune.tiles import Tiles
from fedcommune.workers import Bell, Workers
from fedcommune.workshop import Workshop
from federation.keys import Signer
from federation.network import Client
from federation.network.resolver import Resolver
from inbox.endpoint import Receiver
from inbox.gate import Limits, Rate
from inbox.keys import Keys
from inbox.process import Processor
from outbox.deliver import Deliverer

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Commune:
    """One commune, open for business. Made by :func:`opened`."""

    config: Config
    instance: Instance
    database: Database
    keyring: Keyring
    signers: Signers
    client: Client
    policies: Policies
    known: Known
    receiver: Receiver
    processors: tuple[Processor[Transaction], ...]
    deliverer: Deliverer
    chores: Chores
    schedule: Schedule
    quotes: Quotes
    cards: Cards
    websites: Websites
    threads: Threads
    published: Bell
    postman: Postman
    tiles: Tiles
    workshop: Workshop
    pusher: Pusher
    wire: Wire

    @property
    def processor(self) -> Processor[Transaction]:
        """The first of those who handle what was received."""
        return self.processors[0]

    @property
    def keys(self) -> Keys:
        """The keys of strangers, for whoever signs a request to us."""
        return self.receiver.keys

    async def signer(self) -> Signer:
        """Return what signs for the instance itself.

        Raises GoneError when the instance actor was not opened yet (``fedcommune init``).
        """
        return await self.signers.signer(self.instance.actor)

    async def reload_policies(self) -> None:
        """Read again which servers are refused."""
        self.policies.replace(await hosts.policies(self.database.pool))

    def workers(self, *, inbox: int = 1, outbox: int = 1) -> Workers:
        """Return the loops of this process, not started; with none of either, only the ear.

        At most as many inbox loops as ``[workers] inbox`` says.
        """
        return Workers(
            self.database.url,
            {
                "inbox": self.processors[:inbox],
                "outbox": [self.deliverer] * min(outbox, 1),
                "chores": [self.chores] * min(outbox, 1),
                "schedule": [self.schedule] * min(outbox, 1),
                "mail": [self.postman] * min(outbox, 1),
                "quotes": [self.quotes] * min(outbox, 1),
                "cards": [self.cards] * min(outbox, 1),
                "websites": [self.websites] * min(outbox, 1),
                "threads": [self.threads] * min(outbox, 1),
                "media": [self.workshop] * min(outbox, 1),
                "push": [self.pusher] * min(outbox, 1),
            },
            heard={
                "hosts": lambda _: federated.in_background(self.reload_policies()),
                # The deliverer waits for this while requests are under way.
                "outbox": lambda _: self.published.ring(),
                "streams": self.wire.hear,
                "citizens": self.wire.hear_of_citizen,
            },
        )

    async def settle(self) -> None:
        """Do what waits in both boxes, and about quotes, until nothing is ready any more."""
        again = True
        while again:
            again = await self.processor.step()
            again = await self.deliverer.step() or again
            again = await self.quotes.step() or again


@asynccontextmanager
async def opened(
    config: Config,
    *,
    clock: Clock = utc_now,
    resolver: Resolver | None = None,
    migrating: bool = True,
) -> AsyncIterator[Commune]:
    """Open the commune of *config*, starting or attaching to its database; close it on leaving.

    *clock* and *resolver* are the outside world, which tests replace. Raises ConfigError,
    DatabaseError, MigrationError, each with a sentence that says what to do.
    """
    keyring = Keyring(configuration.secret_of(config))
    instance = replace(
        configuration.instance_of(config), copy_key=keyring.derived("copies of pictures")
    )
    async with AsyncExitStack() as stack:
        url = await _database_url(config, stack)
        if migrating:
            await migrate.migrate(url)
        database = Database(
            url,
            instance,
            keyring,
            clock=clock,
            min_size=config.database.min_connections,
            max_size=config.database.max_connections,
        )
        await database.open()
        stack.push_async_callback(database.close)
        await _check_is_ours(database)
        client = Client(
            reach=configuration.reach_of(config),
            user_agent=_user_agent(config, instance),
            resolver=resolver,
            clock=clock,
            own=instance.domain,
        )
        stack.push_async_callback(client.aclose)
        commune = _assembled(config, instance, database, keyring, client, clock)
        await commune.reload_policies()
        stack.push_async_callback(commune.receiver.aclose)
        for processor in commune.processors:
            stack.push_async_callback(processor.aclose)
        stack.push_async_callback(commune.deliverer.stop)
        stack.push_async_callback(commune.workshop.painters.aclose)
        yield commune


def _assembled(
    config: Config,
    instance: Instance,
    database: Database,
    keyring: Keyring,
    client: Client,
    clock: Clock,
) -> Commune:
    pool = database.pool
    signers = Signers(pool, keyring, clock=clock)
    policies = Policies()
    known = Known(database, policies)
    heard = Heard(pool, policies)

    async def signer() -> Signer:
        return await signers.signer(instance.actor)

    receiver = Receiver(
        pool=pool,
        known=known,
        hosts=heard,
        owners=Owners(pool),
        client=client,
        signer=signer,
        authority=instance.domain,
        scheme=instance.scheme,
        clock=clock,
        limits=_limits(config),
        client_address=ClientAddress(config.server.trusted_proxies),
    )
    router = federated.router()
    processors = tuple(
        Processor(pool, router, database.on, known, heard, client, signer, clock)
        for _ in range(max(1, config.workers.inbox))
    )
    published = Bell()

    async def wake(seconds: float) -> None:
        await published.wait(seconds)
        published.hush()

    tiles = Tiles(config.map.tiles, config.directory / "tiles", client)
    origins = Origins(database, client, signer, policies)
    files = Store(config.files)
    deliverer = Deliverer(pool, client, signers, policies, clock, wake=wake)
    return Commune(
        config,
        instance,
        database,
        keyring,
        signers,
        client,
        policies,
        known,
        receiver,
        processors,
        deliverer,
        Chores(
            database,
            client,
            signer,
            clock,
            files,
            config.storage.copies_megabytes,
            tiles.prune,
        ),
        Schedule(database, client, signer, policies, clock),
        Quotes(database, origins, clock),
        Cards(database, client, policies, clock),
        Websites(database, client, policies, clock),
        Threads(database, origins, clock),
        published,
        Postman(database, sender_of(config), config, clock),
        tiles,
        Workshop(database, files, Painters(), Films(config.storage.ffmpeg), clock),
        Pusher(database, client, clock),
        Wire(),
    )


async def _check_is_ours(database: Database) -> None:
    """Refuse a database that speaks for another domain: every address in it would be wrong."""
    actor = await database.pool.fetchval(
        "select actor_id from commune.account where local and kind = 'commune'"
    )
    if actor is not None and actor != database.instance.actor:
        raise ConfigError(
            f"This database belongs to {str(actor).removesuffix('/actor')}, not to "
            f"{database.instance.origin}: a domain can never be changed. Correct [commune] "
            "domain, or use another database."
        )


async def _database_url(config: Config, stack: AsyncExitStack) -> str:
    if config.database.url:
        return config.database.url
    embedded = Embedded(config.directory / "postgres")
    url = await embedded.start()
    stack.push_async_callback(embedded.stop)
    return url


def _user_agent(config: Config, instance: Instance) -> str:
    named = config.user_agent or f"fedcommune/{fedcommune.__version__}"
    return f"{named} (+{instance.origin}/)"


def _limits(config: Config) -> Limits | None:
    if config.development.no_rate_limits:
        return None
    rate = Rate(config.limits.inbox_requests / 300, config.limits.inbox_requests)
    return Limits(rate, rate)
