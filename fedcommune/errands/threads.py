"""Completes the threads of strangers that somebody reads here, within a budget (W-THR-02)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import structlog

from fedcommune.database import Clock, Database
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts import walks
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.walks import Walk
from fedcommune.errands.origins import Origins
from federation import documents
from federation.errors import FederationError
from federation.vocabulary import collections

_log = structlog.get_logger(__name__)

# Of one walk: how long, how many posts, how far up and down, how many pages of each collection
# (SEC-DOS-03, SEC-DOS-04).
SECONDS: Final = 45.0
MOST_POSTS: Final = 60
MOST_ASKED: Final = 80
MOST_ABOVE: Final = 20
DEEPEST: Final = 3
PAGES: Final = 3


class Threads:
    """Walks through one thread a step: what stands above the post, then what answers it.

    Each post is taken from where it is kept, whoever names it; open ones only, and nobody is
    told of them (W-THR-03).
    """

    def __init__(self, database: Database, origins: Origins, clock: Clock) -> None:
        self._database = database
        self._origins = origins
        self._clock = clock

    async def step(self) -> bool:
        """Walk through the thread that waited longest; return whether there was one."""
        async with self._database.transaction() as tx:
            walk = await walks.next_(tx.db, self._clock())
        if walk is None:
            return False
        try:
            async with asyncio.timeout(SECONDS):
                await _Walking(self._database, self._origins, walk).through()
        except (FederationError, TimeoutError) as error:
            _log.info("walk_ended", post=walk.post_id, reason=str(error))
        finally:
            async with self._database.transaction() as tx:
                await walks.finish(tx.db, walk.id, tx.now)
        return True


class _Walking:
    """One walk, and what is left of its budget."""

    def __init__(self, database: Database, origins: Origins, walk: Walk) -> None:
        self._database = database
        self._origins = origins
        self._walk = walk
        self._found = 0
        self._asked = 0
        self._seen: set[str] = set()

    async def through(self) -> None:
        start = await posts.locked(self._database.pool, self._walk.post_id)
        if start is None or start.local or start.deleted_at is not None:
            return
        await self._up(start)
        waiting = deque([(start.object_id, 0)])
        while waiting and not self._is_spent():
            address, depth = waiting.popleft()
            for answer in await self._answers(address):
                if self._is_spent():
                    return
                if await self._take(answer) and depth + 1 < DEEPEST:
                    waiting.append((answer, depth + 1))

    def _is_spent(self) -> bool:
        return self._found >= MOST_POSTS or self._asked >= MOST_ASKED

    async def _up(self, post: Post) -> None:
        """Take what the post answers, and what that answers."""
        for _ in range(MOST_ABOVE):
            above = post.in_reply_to
            if above is None or self._is_spent() or not await self._take(above):
                return
            parent = await posts.stored(self._database.pool, above)
            if parent is None:
                return
            post = parent

    async def _answers(self, address: str) -> list[str]:
        """Return the ids of what answers the post at *address*, as its server lists them."""
        if self._database.instance.owns(address):
            return []
        document = await self._ask(address)
        listed = None if document is None else documents.one(document.get("replies"))
        if isinstance(listed, Mapping):
            listed = documents.identifier(listed) or documents.link(listed.get("first"))
        collection = documents.iri(listed)
        if collection is None:
            return []
        walk = collections.Walk(collection, pages=PAGES, limit=MOST_POSTS)
        found: list[str] = []
        while walk.next is not None and not self._is_spent():
            page = await self._ask(walk.next)
            if page is None:
                break
            found += documents.iris(walk.read(page))
        return [each for each in dict.fromkeys(found) if each != address]

    async def _take(self, address: str) -> bool:
        """Have the post at *address* here; return whether it is. What is known is not asked."""
        if address in self._seen:
            return False
        self._seen.add(address)
        pool = self._database.pool
        if await posts.stored(pool, address) is not None:
            return True
        if self._database.instance.owns(address):
            return False
        self._asked += 1
        try:
            await self._origins.post(address)
        except FederationError:
            return False
        self._found += 1
        await walks.progress(pool, self._walk.id, self._found)
        return True

    async def _ask(self, address: str) -> dict[str, Any] | None:
        self._asked += 1
        try:
            return await self._origins.document(address)
        except FederationError:
            return None
