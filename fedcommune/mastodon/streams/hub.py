"""Between what happened and whoever listens: who may be told what, one thing after another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg
import structlog

from fedcommune import identifiers
from fedcommune.commune import Commune
from fedcommune.domain.grants import queries as grants
from fedcommune.domain.lists import live as lists
from fedcommune.domain.timelines.queries import live
from fedcommune.domain.timelines.queries.live import Fresh, Reading
from fedcommune.domain.timelines.stream import NEWS, Kind, Name, News, Stream
from fedcommune.domain.visibility import Visibility
from fedcommune.mastodon.call import Caller
from fedcommune.mastodon.streams import pages
from fedcommune.mastodon.streams.announcements import ANNOUNCEMENTS
from fedcommune.mastodon.streams.connection import (
    LATER,
    POLICY,
    RESTART,
    Connection,
    Connections,
    Message,
)
from fedcommune.mastodon.streams.pages import Filters, Shown

_log = structlog.get_logger(__name__)

# What waits to be told; whoever cannot keep up with more begins anew.
MOST_NEWS: Final = 20_000
# Seconds after which every token is looked at again, whatever was heard.
LOOK_AGAIN: Final = 60.0


class Hub:
    """The streams of one process. Work begins with the first connection, ends with the last."""

    def __init__(self, commune: Commune) -> None:
        self._commune = commune
        self._open = Connections()
        self._filters = Filters(commune)
        self._news: asyncio.Queue[News] = asyncio.Queue()
        self._telling: asyncio.Task[None] | None = None
        self._looking: set[asyncio.Task[None]] = set()
        commune.wire.listen(self.hear)

    def __len__(self) -> int:
        return len(self._open)

    @asynccontextmanager
    async def opened(self, caller: Caller, address: str) -> AsyncIterator[Connection]:
        """Listen in the name of *caller* while the block runs.

        Raises :class:`TooMany` when there are too many already. The connection has ended from
        the beginning when the token was taken back meanwhile.
        """
        connection = Connection(caller, address)
        self._open.add(connection)
        try:
            if self._telling is None:
                self._telling = asyncio.create_task(self._tell_all(), name="streams")
            # From now on we are told when the token ends; it may have just before.
            await self._look_at([connection])
            yield connection
        finally:
            self._open.remove(connection)
            self._filters.keep(self._open.accounts())
            if not len(self._open) and self._telling is not None:
                self._telling.cancel()
                self._telling = None
                self._news = asyncio.Queue()

    def close(self) -> None:
        """End every stream: the process ends."""
        self._end_all(RESTART)

    def hear(self, news: News | None) -> None:
        """Take in what happened; None: something may have been missed."""
        if not len(self._open):
            return
        if news is None:
            # Whoever begins anew reads what they missed.
            self._end_all(RESTART)
        elif news.kind is Kind.CITIZEN:
            self._look_soon(news.id)
        elif self._news.qsize() >= MOST_NEWS:
            _log.warning("streams_overrun", connections=len(self._open))
            self._end_all(LATER)
        else:
            self._news.put_nowait(news)

    def _end_all(self, code: int) -> None:
        for connection in self._open.all():
            connection.end(code)

    # Who may still listen

    def _look_soon(self, account_id: int) -> None:
        concerned = [
            each
            for each in self._open.all()
            if account_id in (each.account_id, each.caller.grant.token.citizen_id)
        ]
        if concerned:
            task = asyncio.create_task(self._look_at(concerned), name="streams: look")
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

    async def _look_at(self, connections: Collection[Connection]) -> None:
        """End the streams whose token is not good any more (SEC-VIS-05, SEC-AUT-04)."""
        database = self._commune.database
        try:
            good = await grants.good(
                database.pool, {each.token_id for each in connections}, database.clock()
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            # Nobody is told anything of which it is not known that they may hear it.
            good = set()
        for each in connections:
            if each.token_id not in good:
                each.end(POLICY)

    # What is told

    async def _tell_all(self) -> None:
        loop = asyncio.get_running_loop()
        look_at = loop.time() + LOOK_AGAIN
        while True:
            news: News | None = None
            with suppress(TimeoutError):
                async with asyncio.timeout_at(look_at):
                    news = await self._news.get()
            if news is not None:
                await self._try(news)
            if loop.time() >= look_at:
                await self._look_at(self._open.all())
                look_at = loop.time() + LOOK_AGAIN

    async def _try(self, news: News) -> None:
        try:
            await self._tell[news.kind](self, news)
        except Exception as error:
            # One thing that cannot be told must not keep the others from being told.
            _log.error("streams", kind=news.kind, exc_info=error)

    async def _post(self, news: News) -> None:
        fresh = await live.post(self._pool, news.id)
        if fresh is None:
            return
        if fresh.entry.post.visibility is Visibility.DIRECT:
            await self._conversations(fresh)
        if self._is_news(fresh):
            await self._enter(fresh, "update")

    async def _edit(self, news: News) -> None:
        fresh = await live.post(self._pool, news.id)
        if fresh is not None:
            await self._enter(fresh, "status.update")

    async def _boost(self, news: News) -> None:
        fresh = await live.boost(self._pool, news.id)
        if fresh is not None and self._is_news(fresh):
            await self._enter(fresh, "update")

    def _is_news(self, fresh: Fresh) -> bool:
        """Tell whether an entry stands near the top of the timelines, where apps put it."""
        return self._commune.database.clock() - identifiers.moment(fresh.entry.id) < NEWS

    async def _enter(self, fresh: Fresh, event: str) -> None:
        """Tell everybody into whose timelines an entry belongs."""
        readers = {each.account_id for each in self._open.all()}
        readings = {
            each.reader_id: each for each in await live.readings(self._pool, fresh, readers)
        }
        on_lists = await self._lists(fresh)
        shown = Shown(self._commune, fresh.entry, self._filters)
        for connection, stream in self._subscriptions():
            reading = readings.get(connection.account_id)
            if reading is not None and _belongs(fresh, reading, stream, on_lists):
                connection.put(Message(stream, event, await shown.to(reading)))

    async def _lists(self, fresh: Fresh) -> set[int]:
        wanted = {stream.list_id for _, stream in self._subscriptions(Name.LIST)}
        return await lists.showing(self._pool, fresh.entry, wanted) if wanted else set()

    async def _conversations(self, fresh: Fresh) -> None:
        told = list(self._subscriptions(Name.DIRECT))
        if not told:
            return
        readers = {connection.account_id for connection, _ in told}
        for reading in await live.readings(self._pool, fresh, readers):
            payload = await pages.conversation(
                self._commune, reading.reader_id, fresh.entry.post.id
            )
            if payload is not None:
                for connection, stream in told:
                    if connection.account_id == reading.reader_id:
                        connection.put(Message(stream, "conversation", payload))

    async def _gone(self, news: News) -> None:
        """Tell that a post is gone to those who could have it, and to nobody else."""
        visibility, post_id, author_id = news.words[:3]
        addressed = {int(word) for word in news.words[2:]}
        readers = self._open.accounts()
        if visibility == Visibility.FOLLOWERS:
            addressed |= await live.followers_among(self._pool, int(author_id), readers)
        is_open = Visibility(visibility).is_open
        for connection, stream in self._subscriptions():
            if stream.name in (Name.NOTIFICATIONS, Name.DIRECT):
                continue
            if stream.is_public:
                told = visibility == Visibility.PUBLIC
            else:
                told = is_open or connection.account_id in addressed
            if told:
                connection.put(Message(stream, "delete", post_id))

    async def _unboost(self, news: News) -> None:
        boost_id, account_id = news.words[:2]
        readers = self._open.accounts()
        told = await live.followers_among(self._pool, int(account_id), readers)
        for connection, stream in self._subscriptions(Name.USER, Name.LIST):
            if connection.account_id in told:
                connection.put(Message(stream, "delete", boost_id))

    async def _told(self, news: News) -> None:
        account_id = int(news.words[1])
        told = self._of_account(account_id, Name.USER, Name.NOTIFICATIONS)
        told = [each for each in told if each[0].may_hear("read:notifications")]
        if not told:
            return
        payload = await pages.notification(self._commune, account_id, news.id)
        if payload is not None:
            for connection, stream in told:
                connection.put(Message(stream, "notification", payload))

    async def _merged(self, news: News) -> None:
        for connection, stream in self._of_account(news.id, Name.USER, Name.NOTIFICATIONS):
            if connection.may_hear("read:notifications"):
                connection.put(Message(stream, "notifications_merged", "1"))

    async def _changed_filters(self, news: News) -> None:
        self._filters.forget(news.id)
        for connection, stream in self._of_account(news.id, Name.USER):
            connection.put(Message(stream, "filters_changed"))

    async def _announcement(self, news: News) -> None:
        told = list(self._subscriptions(Name.USER))
        by_reader: dict[int, str | None] = {}
        for connection, stream in told:
            reader = connection.account_id
            if reader not in by_reader:
                show = ANNOUNCEMENTS[news.kind]
                by_reader[reader] = await show(self._commune, reader, news)
            payload = by_reader[reader]
            if payload is not None:
                connection.put(Message(stream, news.kind, payload))

    # Who listens

    @property
    def _pool(self) -> asyncpg.Pool[asyncpg.Record]:
        return self._commune.database.pool

    def _subscriptions(self, *names: Name) -> Iterable[tuple[Connection, Stream]]:
        """Return who listens to what; only to streams of these *names*, when there are some."""
        return [
            (connection, stream)
            for connection in self._open.all()
            for stream in tuple(connection.streams)
            if not names or stream.name in names
        ]

    def _of_account(self, account_id: int, *names: Name) -> list[tuple[Connection, Stream]]:
        return [each for each in self._subscriptions(*names) if each[0].account_id == account_id]

    _tell: Final[Mapping[Kind, Callable[[Hub, News], Awaitable[None]]]] = {
        Kind.POST: _post,
        Kind.EDIT: _edit,
        Kind.GONE: _gone,
        Kind.BOOST: _boost,
        Kind.UNBOOST: _unboost,
        Kind.TOLD: _told,
        Kind.MERGED: _merged,
        Kind.FILTERS: _changed_filters,
        Kind.ANNOUNCEMENT: _announcement,
        Kind.ANNOUNCEMENT_REACTION: _announcement,
        Kind.ANNOUNCEMENT_GONE: _announcement,
    }


def _belongs(fresh: Fresh, reading: Reading, stream: Stream, on_lists: Collection[int]) -> bool:
    """Tell whether an entry belongs into *stream* of a reader who may see it."""
    match stream.name:
        case Name.USER:
            return reading.at_home
        case Name.LIST:
            return stream.list_id in on_lists
        case Name.NOTIFICATIONS | Name.DIRECT:
            return False
    if stream.local is not None and fresh.entry.post.local is not stream.local:
        return False
    if stream.tag:
        return reading.under_tags and stream.tag in fresh.tags
    return reading.in_public and (fresh.has_media or not stream.only_media)
