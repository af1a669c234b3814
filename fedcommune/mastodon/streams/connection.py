"""One open stream of one app, and how much all of them together may take."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import msgspec

from fedcommune.domain.timelines.stream import Stream
from fedcommune.errors import Invalid, TooMany
from fedcommune.mastodon.call import Caller

# How many may be open at a time: of one token, from one address, in one process (SEC-DOS-06).
PER_TOKEN: Final = 20
PER_ADDRESS: Final = 200
PER_PROCESS: Final = 10_000
# How many streams one socket may carry.
MOST_STREAMS: Final = 50
# Messages that wait for an app that reads slowly; with one more it is let go.
WAITING: Final = 200
# How long an app may take to read one of them (seconds).
SLOWEST: Final = 30.0
_AGAIN: Final = 30.0

# Why a stream ends, in the numbers of RFC 6455 §7.4.1.
POLICY: Final = 1008
RESTART: Final = 1012
LATER: Final = 1013


@dataclass(frozen=True, slots=True)
class Message:
    """What an app is told: on which stream, what happened, and with which words (JSON)."""

    stream: Stream
    event: str
    payload: str | None = None

    def framed(self) -> str:
        """Return the message of a WebSocket; the payload is JSON within a text of JSON."""
        whole: dict[str, object] = {"stream": self.stream.label, "event": self.event}
        if self.payload is not None:
            whole["payload"] = self.payload
        return msgspec.json.encode(whole).decode()


@dataclass(slots=True, eq=False)
class Connection:
    """One app that listens, in somebody's name. ``code`` says why it ended, once it did."""

    caller: Caller
    address: str
    streams: set[Stream] = field(default_factory=set)
    code: int | None = None
    _waiting: asyncio.Queue[Message | None] = field(
        default_factory=lambda: asyncio.Queue(WAITING + 1)
    )

    @property
    def token_id(self) -> int:
        return self.caller.grant.token.id

    @property
    def account_id(self) -> int:
        """Whose eyes look."""
        assert self.caller.account is not None, "streams are for people, not for applications"
        return self.caller.account.id

    def may_hear(self, scope: str) -> bool:
        return self.caller.grant.scopes.covers(scope)

    def subscribe(self, stream: Stream) -> None:
        """Raises :class:`Invalid` for one stream too many (SEC-DOS-06)."""
        if len(self.streams) >= MOST_STREAMS and stream not in self.streams:
            raise Invalid("stream", f"One connection carries at most {MOST_STREAMS} streams.")
        self.streams.add(stream)

    def put(self, message: Message) -> None:
        """Let the app have a message; whoever does not read them in time is let go."""
        if self.code is not None:
            return
        if self._waiting.qsize() >= WAITING:
            self.end(POLICY)
        else:
            self._waiting.put_nowait(message)

    def end(self, code: int) -> None:
        """Say nothing more, not even what waits."""
        if self.code is not None:
            return
        self.code = code
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(None)

    async def next(self) -> Message | None:
        """Return the next message, or None when the stream has ended."""
        return await self._waiting.get()


class Connections:
    """All that are open in this process."""

    def __init__(self) -> None:
        self._open: set[Connection] = set()
        self._of_token: Counter[int] = Counter()
        self._of_address: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    def all(self) -> list[Connection]:
        return list(self._open)

    def accounts(self) -> set[int]:
        """Whose eyes look just now."""
        return {each.account_id for each in self._open}

    def add(self, connection: Connection) -> None:
        """Raises :class:`TooMany` when there is no more room (SEC-DOS-06)."""
        if (
            len(self._open) >= PER_PROCESS
            or self._of_token[connection.token_id] >= PER_TOKEN
            or self._of_address[connection.address] >= PER_ADDRESS
        ):
            raise TooMany(retry_after=_AGAIN)
        self._open.add(connection)
        self._of_token[connection.token_id] += 1
        self._of_address[connection.address] += 1

    def remove(self, connection: Connection) -> None:
        if connection not in self._open:
            return
        self._open.discard(connection)
        self._of_token -= Counter([connection.token_id])
        self._of_address -= Counter([connection.address])
