"""Looks whether what is quoted is there, and whether the server of its author agrees."""

from __future__ import annotations

import structlog

from fedcommune.database import Clock, Database
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.quotes import actions, queries
from fedcommune.domain.quotes.model import Quoting
from fedcommune.errands.origins import Origins
from federation import iris
from federation.errors import GoneError, RefusedError, UnavailableError
from federation.vocabulary import quotes

_log = structlog.get_logger(__name__)


class Quotes:
    """Looks into one quote a step: new ones soon, good ones once a week (W-QUO-02, W-QUO-04)."""

    def __init__(self, database: Database, origins: Origins, clock: Clock) -> None:
        self._database = database
        self._origins = origins
        self._clock = clock

    async def step(self) -> bool:
        """Look into what is due; return whether there was something."""
        async with self._database.transaction() as tx:
            quote = await queries.due(tx.db, self._clock())
        if quote is None:
            return False
        try:
            await self._look_into(quote)
        except UnavailableError as error:
            async with self._database.transaction() as tx:
                await actions.postponed(tx, quote, asked_to_wait=error.retry_after)
        except (GoneError, RefusedError) as error:
            _log.info("quote_refused", post=quote.post_id, reason=str(error))
            async with self._database.transaction() as tx:
                await actions.fell(tx, quote)
        return True

    async def _look_into(self, quote: Quoting) -> None:
        """Settle *quote*. Raises FederationError when something of it cannot be had."""
        pool = self._database.pool
        post = await posts.locked(pool, quote.post_id)
        writer = None if post is None else await accounts.by_id(pool, post.author_id)
        if post is None or writer is None or post.deleted_at is not None:
            return await self._leave(quote)
        target = await self._target(quote, post)
        quoted = None if target is None else await accounts.by_id(pool, target.author_id)
        if target is None or quoted is None or target.deleted_at is not None:
            return await self._leave(quote)
        if quoted.id == writer.id:
            async with self._database.transaction() as tx:
                return await actions.held(tx, quote, None)
        # Our own word is given in answer to a request, never because somebody claims to have it.
        if target.local or quote.stamp is None:
            return await self._leave(quote)
        await self._check(quote, quote.stamp, post, target, quoted)
        async with self._database.transaction() as tx:
            return await actions.held(tx, quote, quote.stamp)

    async def _target(self, quote: Quoting, post: Post) -> Post | None:
        """Return what is quoted, fetched when it may matter: else nobody is asked for it."""
        pool = self._database.pool
        if quote.target_id is not None:
            return await posts.locked(pool, quote.target_id)
        stored = await posts.stored(pool, quote.target)
        if stored is not None:
            return stored
        if quote.stamp is None and not iris.same_origin(quote.target, post.object_id):
            return None
        try:
            return await self._origins.post(quote.target)
        except (GoneError, RefusedError):
            return None

    async def _check(
        self, quote: Quoting, stamp: str, post: Post, target: Post, quoted: Account
    ) -> None:
        """Ask for the stamp where it is kept. Raises RefusedError unless it says just this."""
        if not iris.same_origin(stamp, quoted.actor_id):
            raise RefusedError("A stamp is kept by the server of who gives it.")
        found = quotes.read_stamp(await self._origins.document(stamp))
        if found != quotes.Stamp(stamp, quoted.actor_id, post.object_id, target.object_id):
            raise RefusedError("This stamp is for something else.")

    async def _leave(self, quote: Quoting) -> None:
        async with self._database.transaction() as tx:
            await actions.left(tx, quote)
