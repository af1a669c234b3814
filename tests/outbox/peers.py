"""Servers of strangers, in this process, on loopback: well, failing, hanging, or not there."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from federation import signatures
from federation.keys import PublicKey
from federation.signatures import Message


@dataclass(frozen=True, slots=True)
class Letter:
    """One POST as it arrived."""

    authority: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.body)
        return loaded

    @property
    def id(self) -> str:
        return str(self.document["id"])

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def scheme(self) -> str:
        return "rfc9421" if self.header("Signature-Input") else "cavage"

    def verify(self, key: PublicKey, now: datetime) -> None:
        """Raise unless the request is signed by *key*, as a strict server would."""
        message = Message(
            method="POST",
            target=self.path,
            authority=self.authority,
            scheme="http",
            headers=self.headers,
            body=self.body,
        )
        signatures.verify(signatures.claim(message, now), key)


@dataclass(slots=True)
class Peer:
    """One real HTTP server; ``x.localhost`` is whatever name one likes.

    *status* and *headers* are what it answers; *answers* (statuses) come before. While *gate*
    is closed it receives and does not answer. *understands* refuses what is signed otherwise.
    """

    status: int = 202
    headers: dict[str, str] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)  # by path, before all others
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    gated: set[str] = field(default_factory=set)  # paths that the gate holds; empty: all
    understands: set[str] = field(default_factory=lambda: {"cavage", "rfc9421"})
    takes: set[str] = field(default_factory=set)  # media types; empty: all
    letters: list[Letter] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    together: int = 0
    most_together: int = 0
    port: int = 0
    _runner: web.AppRunner | None = None

    def inbox(self, name: str = "a", path: str = "/inbox") -> str:
        return f"http://{name}.localhost:{self.port}{path}"

    def host(self, name: str = "a") -> str:
        return f"{name}.localhost:{self.port}"

    @property
    def ids(self) -> list[str]:
        return [letter.id for letter in self.letters]

    async def start(self) -> Peer:
        self.gate.set()
        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/{rest:.*}", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def until(self, together: int) -> None:
        """Return when so many requests are waiting here at once."""
        while self.together < together:
            self.arrived.clear()
            await self.arrived.wait()

    async def stop(self) -> None:
        self.gate.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = tuple((key, value) for key, value in request.headers.items())
        letter = Letter(request.headers["Host"], request.path_qs, headers, body)
        self.letters.append(letter)
        self.together += 1
        self.arrived.set()
        self.most_together = max(self.most_together, self.together)
        try:
            if not self.gated or request.path in self.gated:
                await self.gate.wait()
        finally:
            self.together -= 1
        return web.Response(status=self._status(letter), headers=self.headers)

    def _status(self, letter: Letter) -> int:
        if letter.path in self.statuses:
            return self.statuses[letter.path]
        if letter.scheme not in self.understands:
            return 401
        if self.takes and letter.header("Content-Type") not in self.takes:
            return 415
        return self.answers.pop(0) if self.answers else self.status


def nobody() -> str:
    """Return an authority at which nothing listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"down.localhost:{closed.getsockname()[1]}"
