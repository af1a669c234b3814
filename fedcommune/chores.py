"""What the commune does by itself, once an hour: forget what has ended, look into what is gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from fedcommune.database import Clock, Database
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import actions as citizens
from fedcommune.domain.classifieds import actions as classifieds
from fedcommune.domain.classifieds import queries as classified_queries
from fedcommune.domain.events.actions import mailing
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.letters import issuing, subscribers
from fedcommune.domain.media import actions as media
from fedcommune.domain.media import queries as media_queries
from fedcommune.domain.notifications import pushes
from fedcommune.domain.posts.deals import REMINDED
from fedcommune.domain.scheduled import queries as scheduled_queries
from fedcommune.domain.territory import addresses
from fedcommune.files.store import Store
from federation.errors import FederationError, GoneError
from federation.keys import Signer
from federation.network import Client, fetch
from inbox import upkeep as inbox
from outbox import upkeep as outbox

_log = structlog.get_logger(__name__)

EVERY: Final = timedelta(hours=1)
# What was public stays readable by the id of its activity for so long.
KEEP_PUBLIC: Final = timedelta(days=365)
# A server that could not be reached for so long loses its places among our followers (W-DEL-04).
FORGET_HOST: Final = timedelta(days=182)
# What is remembered of a push service that did not answer, after nothing was tried for so long.
FORGET_PUSH_HOST: Final = timedelta(days=7)
# How many gone inboxes are looked into at a time, and how many actors behind each.
MOST_INBOXES: Final = 20
MOST_ACTORS: Final = 5


class Signs(Protocol):
    """Gives what signs for the instance."""

    def __call__(self) -> Awaitable[Signer]: ...


class Chores:
    """The hourly work of one commune; of several processes, one does it.

    *files* are kept as long as somebody names them, copies while they fit into so many
    megabytes. *client* is used for looking again at actors whose inbox said that it is gone,
    *prune* gives room in the cache of the map.
    """

    def __init__(
        self,
        database: Database,
        client: Client,
        signer: Signs,
        clock: Clock,
        files: Store,
        copies_megabytes: int,
        prune: Callable[[], Awaitable[int]] | None = None,
    ) -> None:
        self._database = database
        self._client = client
        self._signer = signer
        self._clock = clock
        self._prune = prune
        self._files = files
        self._room = copies_megabytes * 1_000_000
        self._next: datetime | None = None

    async def step(self) -> bool:
        """Do what is due; False: there is never more to do at once."""
        now = self._clock()
        if self._next is not None and now < self._next:
            return False
        self._next = now + EVERY
        if await self._is_ours(now):
            for chore in (
                self._forget,
                self._end_offers,
                self._sweep,
                self._prune_tiles,
                self._look_into_gone,
                self._leave_the_lost,
            ):
                await self._try(chore, now)
        return False

    async def _is_ours(self, now: datetime) -> bool:
        """Claim this hour, unless another process did."""
        async with self._database.transaction() as tx:
            claimed = await tx.db.fetchval(
                """
                insert into commune.setting (name, value)
                values ('chores', to_jsonb($1::timestamptz))
                on conflict (name) do update set value = excluded.value
                where (setting.value #>> '{}')::timestamptz <= $2
                returning name
                """,
                now,
                now - EVERY + timedelta(minutes=1),
            )
            return claimed is not None

    async def _try(self, chore: Callable[[datetime], Awaitable[None]], now: datetime) -> None:
        # One chore that fails must not keep the others from being done.
        try:
            await chore(now)
        except (FederationError, OSError) as error:
            _log.warning("chore_failed", chore=chore.__name__.strip("_"), reason=str(error))

    async def _forget(self, now: datetime) -> None:
        async with self._database.transaction() as tx:
            await accounts.forget_expired(tx)
            await citizens.forget_expired(tx)
            await subscribers.forget_unconfirmed(tx.db, now - issuing.UNCONFIRMED)
            await mailing.forget(tx)
            await addresses.forget(tx.db, now - addresses.KEPT)
            await pushes.forget_hosts(tx.db, now - FORGET_PUSH_HOST)
            await inbox.compact(tx.db, now)
            await outbox.prune(tx.db, public_before=now - KEEP_PUBLIC, now=now)

    async def _end_offers(self, now: datetime) -> None:
        """End what nobody renewed, and tell who offers what ends soon; each by itself."""
        pool = self._database.pool
        for post_id in await classified_queries.ended(pool, now):
            async with self._database.transaction() as tx:
                await classifieds.expire(tx, post_id)
        for post_id in await classified_queries.ending(pool, now + REMINDED):
            async with self._database.transaction() as tx:
                await classifieds.remind(tx, post_id)

    async def _prune_tiles(self, now: datetime) -> None:
        if self._prune is not None:
            await self._prune()

    async def _sweep(self, now: datetime) -> None:
        """Forget media that hang on nothing and copies nobody looks at; then their files."""
        async with self._database.transaction() as tx:
            keep = await scheduled_queries.media(tx.db)
            await media.forget_expired(tx, room=self._room, keep=keep)

        async def known(names: list[str]) -> set[str]:
            return await media_queries.known(self._database.pool, names)

        removed = await self._files.sweep(known)
        if removed:
            _log.info("files_swept", removed=removed)

    async def _look_into_gone(self, now: datetime) -> None:
        """Ask, for each inbox that said 410, whether its actors are gone too (W-DEL-02)."""
        pool = self._database.pool
        gone = (await outbox.gone_inboxes(pool))[:MOST_INBOXES]
        for address in gone:
            for account in await account_queries.behind_inbox(pool, address, limit=MOST_ACTORS):
                if await self._is_gone(account):
                    async with self._database.transaction() as tx:
                        await accounts.forget_stranger(tx, account)
        async with self._database.transaction() as tx:
            await outbox.forget_gone(tx.db, gone)

    async def _is_gone(self, account: Account) -> bool:
        try:
            await fetch.document(self._client, account.actor_id, signer=await self._signer())
        except GoneError:
            return True
        except FederationError:
            return False
        return False

    async def _leave_the_lost(self, now: datetime) -> None:
        async with self._database.transaction() as tx:
            for host in await outbox.unavailable(tx.db, since=now - FORGET_HOST):
                ended = len(await follows.cut_host(tx.db, host))
                await outbox.drop_host(tx.db, host)
                _log.info("host_left", host=host, follows=ended)
