"""A server that does whatever a test tells it, and the names under which it is found.

It speaks raw HTTP/1.1 over a loopback socket, so that it can also answer what no decent
server would.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import orjson

AS2 = "application/activity+json"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it stood on the wire."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first header of that name, whatever its case."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    @property
    def host(self) -> str:
        """The Host header without its port."""
        return (self.header("host") or "").partition(":")[0]


Play = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


class EvilServer:
    """Listens on a loopback port; records everything; answers 404 where nothing was said."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self.port = 0
        self._tls = tls
        self._plays: dict[tuple[str | None, str], Play] = {}
        self._otherwise: Play = _nothing_here
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self.port, ssl=self._tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None, "the server was never opened"
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, host: str, path: str = "/") -> str:
        """Return the address of *path* under the name *host*."""
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{host}:{self.port}{path}"

    def plays(self, path: str, play: Play, *, host: str | None = None) -> None:
        """Let *play* answer requests whose target (path and query) is *path*."""
        self._plays[host, path] = play

    def plays_everywhere(self, play: Play) -> None:
        """Let *play* answer every request that nothing else was said of."""
        self._otherwise = play

    def says(
        self,
        path: str,
        body: bytes | Mapping[str, object] = b"",
        *,
        status: int = 200,
        content_type: str | None = AS2,
        headers: Iterable[tuple[str, str]] = (),
        host: str | None = None,
    ) -> None:
        """Answer *path* with *body*, a mapping being written as JSON."""
        content = orjson.dumps(body) if isinstance(body, Mapping) else body
        lines = [*headers] if content_type is None else [("Content-Type", content_type), *headers]

        async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(answer(status, content, lines))

        self.plays(path, play, host=host)

    def redirects(self, path: str, location: str, *, status: int = 302) -> None:
        """Answer *path* with a redirect to *location*."""
        self.says(path, status=status, content_type=None, headers=[("Location", location)])

    def targets(self) -> list[str]:
        """Return the targets that were asked for, in order."""
        return [asked.target for asked in self.asked]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None, "a connection is served by a task"
        self._tasks.add(task)
        try:
            while (asked := await _read(reader)) is not None and not writer.is_closing():
                self.asked.append(asked)
                await self._play(asked)(asked, writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
                await writer.wait_closed()

    def _play(self, asked: Asked) -> Play:
        found = self._plays.get((asked.host, asked.target)) or self._plays.get((None, asked.target))
        return found or self._otherwise


async def _nothing_here(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(404))


def answer(
    status: int, body: bytes = b"", headers: Iterable[tuple[str, str]] = (), *, length: bool = True
) -> bytes:
    """Return the bytes of one HTTP/1.1 answer, with its Content-Length unless told otherwise."""
    lines = [f"HTTP/1.1 {status} So", *(f"{name}: {value}" for name, value in headers)]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, _ = first.split(" ", 2)
    headers = tuple((name, value.strip()) for name, _, value in (x.partition(":") for x in lines))
    length = next((int(v) for n, v in headers if n.lower() == "content-length"), 0)
    return Asked(method, target, headers, await reader.readexactly(length))


# Ways to misbehave


async def hangs(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Never say a word."""
    await asyncio.Event().wait()


async def hangs_up(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Close the connection instead of answering."""
    writer.close()


async def drips(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Promise a document, and send it one byte at a time, for ever."""
    writer.write(
        answer(200, headers=[("Content-Type", AS2), ("Content-Length", "1000000")], length=False)
    )
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def endless_headers(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Begin an answer whose headers never end."""
    writer.write(b"HTTP/1.1 200 So\r\n")
    while True:
        writer.write(b"X-More: " + b"m" * 1000 + b"\r\n")
        await writer.drain()


async def endless_body(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Send a body without a length and without an end."""
    writer.write(answer(200, headers=[("Content-Type", AS2)], length=False))
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


class Names:
    """The DNS of a test: which addresses a name has (``*``: any other name).

    *turns* are answered one after the other, the last for ever: that is rebinding.
    """

    def __init__(
        self,
        known: Mapping[str, Sequence[str]] | None = None,
        *,
        turns: Mapping[str, Sequence[Sequence[str]]] | None = None,
    ) -> None:
        self.asked: list[str] = []
        self._known = dict(known or {})
        self._turns = {name: list(answers) for name, answers in (turns or {}).items()}

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return the addresses of *host*, as Resolver has it."""
        self.asked.append(host)
        turns = self._turns.get(host)
        if turns:
            return list(turns.pop(0) if len(turns) > 1 else turns[0])
        found = self._known.get(host) or self._known.get("*")
        if not found:
            raise OSError("There is no such name.")
        return list(found)


ANYWHERE_IS_HERE = {"*": ("127.0.0.1",)}
