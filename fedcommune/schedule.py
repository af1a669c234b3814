"""What has its moment: planned posts, polls and notices that end, events to remind of; each
minute, what changed in the directory is counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog

from fedcommune.database import Clock, Database
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.directory import counts
from fedcommune.domain.directory.model import MAX_COUNTED
from fedcommune.domain.events.actions import announcing, answers
from fedcommune.domain.events.actions import notices as reminders
from fedcommune.domain.events.model import A_DAY, TWO_HOURS
from fedcommune.domain.events.queries import agenda, series
from fedcommune.domain.hosts.model import Policies
from fedcommune.domain.notices import actions as notices
from fedcommune.domain.notices import queries as notice_queries
from fedcommune.domain.polls import actions as polls
from fedcommune.domain.polls import queries as poll_queries
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.scheduled import actions as scheduled
from fedcommune.domain.scheduled import queries as scheduled_queries
from fedcommune.domain.scheduled.model import Reason
from fedcommune.errors import Invalid, NotAllowed, NotFound
from fedcommune.standing import Signs, ask
from federation.network import Client

_log = structlog.get_logger(__name__)

# What failed is looked at again after so long; the others do not wait for it (SEC-DOS-09).
LATER: Final = timedelta(minutes=5)
# The next times of what takes place again are announced once a day.
SOONEST: Final = timedelta(days=1)
# Maps of large regions read the counts that are kept, and whatever changed since.
COUNT: Final = timedelta(minutes=1)


class Schedule:
    """Does what is due, every few seconds; of several processes, each thing is done by one.

    *client* is used for asking how strangers' polls ended.
    """

    def __init__(
        self,
        database: Database,
        client: Client,
        signer: Signs,
        policies: Policies,
        clock: Clock,
    ) -> None:
        self._database = database
        self._client = client
        self._signer = signer
        self._policies = policies
        self._clock = clock
        self._next_count: datetime | None = None

    async def step(self) -> bool:
        """Do what is due; return whether there was anything."""
        pool, now = self._database.pool, self._clock()
        did = False
        for planned_id in await scheduled_queries.due(pool, now):
            did = await self._publish(planned_id) or did
        for post_id in await poll_queries.due_to_settle(pool, now):
            did = await self._tell(post_id, ends=True) or did
        for post_id in await poll_queries.due_to_tell(pool, now):
            did = await self._tell(post_id, ends=False) or did
        if self._next_count is None or now >= self._next_count:
            if await self._count():
                return True
            self._next_count = now + COUNT
        for post_id in await notice_queries.over(pool, now):
            async with self._database.transaction() as tx:
                did = await notices.expire(tx, post_id) or did
        for post_id in await notice_queries.untold(pool):
            async with self._database.transaction() as tx:
                did = await notices.tell(tx, post_id) or did
        return await self._agenda() or did

    async def _agenda(self) -> bool:
        """Say what is over, remind of what is near, announce what takes place again."""
        pool, now = self._database.pool, self._clock()
        did = await agenda.finish(pool, now) > 0
        for post_id, soon in await agenda.to_remind(pool, now, now + A_DAY, now + TWO_HOURS):
            async with self._database.transaction() as tx:
                did = await reminders.remind(tx, post_id, soon=soon) or did
        for series_id in await series.due(pool, now + announcing.WINDOW - SOONEST):
            try:
                async with self._database.transaction() as tx:
                    did = await announcing.go_on(tx, series_id) > 0 or did
            except Exception:
                _log.exception("series_failed", id=series_id)
                async with self._database.transaction() as tx:
                    await series.made_until(tx.db, series_id, tx.now + announcing.WINDOW)
        return did

    async def _count(self) -> bool:
        """Put what changed in the directory into the counts of its map; True: there is more."""
        try:
            async with self._database.transaction() as tx:
                return await counts.count_changes(tx.db) == MAX_COUNTED
        except Exception:
            _log.exception("listings_not_counted")
            return False

    async def _publish(self, planned_id: int) -> bool:
        """Publish one planned post, or give it up when it cannot be published any more."""
        reason: Reason
        try:
            async with self._database.transaction() as tx:
                post = await scheduled.publish(tx, planned_id)
                author = None if post is None else await accounts.by_id(tx.db, post.author_id)
                if post is not None and author is not None:
                    # "Je participe" counts from the moment at which it is said.
                    await answers.heed(tx, author, post)
                return post is not None
        except NotFound:
            reason = "answered"
        except NotAllowed:
            reason = "account"
        except Invalid:
            reason = "draft"
        except Exception:
            _log.exception("planned_post_failed", id=planned_id)
            async with self._database.transaction() as tx:
                await scheduled.postpone(tx, planned_id)
            return False
        async with self._database.transaction() as tx:
            await scheduled.drop(tx, planned_id, reason)
        _log.info("planned_post_dropped", id=planned_id, reason=reason)
        return True

    async def _tell(self, post_id: int, *, ends: bool) -> bool:
        """Tell how one poll stands or ended; of a stranger's, ask before how it did."""
        try:
            post = await posts.known_by_id(self._database.pool, post_id) if ends else None
            if post is not None and not post.local:
                await ask(self._database, self._client, self._signer, self._policies, post)
            async with self._database.transaction() as tx:
                return await polls.tell(tx, post_id)
        except Exception:
            _log.exception("poll_failed", post=post_id)
            async with self._database.transaction() as tx:
                await poll_queries.postpone(tx.db, post_id, tx.now + LATER)
            return False
