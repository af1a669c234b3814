"""One stream as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from sse_starlette import EventSourceResponse
from sse_starlette.event import ServerSentEvent
from starlette.types import Receive, Scope, Send

from fedcommune.domain.timelines.stream import Stream
from fedcommune.errors import TooMany
from fedcommune.mastodon import errors
from fedcommune.mastodon.call import Caller
from fedcommune.mastodon.streams.connection import SLOWEST, Connection
from fedcommune.mastodon.streams.hub import Hub

# Seconds between two signs of life.
THUMP: Final = 15


class _Thump(ServerSentEvent):
    """The sign of life as apps know it."""

    def encode(self) -> bytes:
        return b":thump\n\n"


class Events(EventSourceResponse):
    """One stream as server-sent events, until the app goes or may hear no more."""

    def __init__(self, hub: Hub, caller: Caller, address: str, stream: Stream) -> None:
        self._opening = hub.opened(caller, address)
        self._stream = stream
        self._connection: Connection | None = None
        super().__init__(
            self._events(),
            sep="\n",
            ping=THUMP,
            ping_message_factory=_Thump,
            send_timeout=SLOWEST,
            headers={"Cache-Control": "private, no-store"},
        )

    async def _events(self) -> AsyncIterator[ServerSentEvent]:
        assert self._connection is not None, "opened before the answer begins"
        while (message := await self._connection.next()) is not None:
            # The documentation calls this an undefined payload, and means the word.
            payload = "undefined" if message.payload is None else message.payload
            yield ServerSentEvent(payload, event=message.event, sep="\n")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await super().__call__(scope, receive, send)
            return
        try:
            async with self._opening as self._connection:
                self._connection.subscribe(self._stream)
                # An app that does not read is let go like one that went.
                with suppress(TimeoutError):
                    await super().__call__(scope, receive, send)
        except TooMany as error:
            refused = errors.answer(error)
            assert refused is not None, "there is an answer to every error of ours"
            refused.headers["Access-Control-Allow-Origin"] = "*"
            await refused(scope, receive, send)
