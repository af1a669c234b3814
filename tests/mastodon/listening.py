"""Apps that listen: over a WebSocket, or to server-sent events, on real connections."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.communes import Town

PATIENCE = 8.0  # only reached when something is broken
STREAMING = "/api/v1/streaming"


@dataclass
class Ear:
    """A WebSocket of one app."""

    socket: ClientConnection
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, **message: str) -> None:
        await self.socket.send(json.dumps(message))

    async def subscribe(self, stream: str, **more: str) -> None:
        """Subscribe; return once that has happened: what is wrong is answered in order."""
        await self.say(type="subscribe", stream=stream, **more)
        await self.reached()

    async def reached(self) -> None:
        """Return once everything that was said has been read."""
        await self.say(type="subscribe", stream="nonsense")
        while "error" not in (message := await self.next()):
            self.heard.append(message)
        assert message == {"error": "Unknown stream type", "status": 400}

    async def next(self) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(PATIENCE):
            told: dict[str, Any] = json.loads(await self.socket.recv())
            return told

    async def event(self) -> tuple[str, str, Any]:
        """Return the next event: on which stream, what, and its payload as an object."""
        told = self.heard.pop(0) if self.heard else await self.next()
        assert "error" not in told, told
        payload = told.get("payload")
        if told["event"] not in ("delete", "announcement.delete") and payload is not None:
            payload = json.loads(payload)
        return ":".join(told["stream"]), told["event"], payload

    async def ended(self) -> int:
        """Return with which code the other side ends the connection."""
        with suppress(ConnectionClosed):
            while True:
                async with asyncio.timeout(PATIENCE):
                    await self.socket.recv()
        assert self.socket.close_code is not None
        return self.socket.close_code


def address_of(town: Town) -> str:
    return f"ws://{town.domain}{STREAMING}"


@asynccontextmanager
async def ear(
    town: Town, token: str = "", query: str = "", *, port: int | None = None, **more: Any
) -> AsyncIterator[Ear]:
    """Open a WebSocket to *town*, or to another process of it that listens on *port*."""
    where = int(town.domain.rpartition(":")[2]) if port is None else port
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with connect(
        f"{address_of(town)}{query}",
        additional_headers=headers,
        host="127.0.0.1",
        port=where,
        proxy=None,
        **more,
    ) as socket:
        yield Ear(socket)


@dataclass
class Feed:
    """Server-sent events, as they come."""

    answer: aiohttp.ClientResponse

    async def line(self) -> str:
        async with asyncio.timeout(PATIENCE):
            return (await self.answer.content.readline()).decode()

    async def event(self) -> tuple[str, Any]:
        """Return the next event and its payload."""
        found: dict[str, str] = {}
        while line := await self.line():
            if line == "\n" and found:
                data = found["data"]
                known = found["event"] != "delete" and data != "undefined"
                return found["event"], json.loads(data) if known else data
            name, _, value = line.rstrip("\n").partition(": ")
            if name and not line.startswith(":"):
                found[name] = value
        raise EOFError

    async def ended(self) -> bool:
        """Tell whether the stream ends."""
        while await self.line():
            pass
        return True


@asynccontextmanager
async def feed(
    town: Town, token: str, path: str, *, port: int | None = None, **headers: str
) -> AsyncIterator[Feed]:
    """Open a stream of server-sent events; what it is subscribed to, it is from now on."""
    where = int(town.domain.rpartition(":")[2]) if port is None else port
    asked = {"Host": town.domain, "Authorization": f"Bearer {token}", **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            f"http://127.0.0.1:{where}{STREAMING}/{path}",
            headers=asked,
            timeout=aiohttp.ClientTimeout(total=None),
        ) as answer,
    ):
        yield Feed(answer)
