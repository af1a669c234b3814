"""Looks at every answer of the API on its way out, whoever asked: is it as documented?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.mastodon import schemas_told
from tests.mastodon.answers import ANSWERS, endpoint_of
from tests.mastodon.kinds import Check


@dataclass
class Checks:
    """What was answered as documented (``heard``, names of endpoints), and what was not."""

    heard: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def middleware(self) -> Middleware:
        """Return what looks at the answers of one application."""
        return Middleware(_Checked, checks=self)

    def look(self, method: str, path: str, value: Any) -> str | None:
        """Return what is wrong with a successful answer; None when nothing is."""
        name = endpoint_of(method, path)
        if name is None:
            return f"{method} {path} is answered by nothing in ENDPOINTS."
        if name not in ANSWERS:
            return f"{name} has no schema: say in tests/mastodon/answers.py what it answers."
        try:
            ANSWERS[name](value, "answer")
        except (AssertionError, ValueError) as error:
            return f"{method} {path} is not as documented (answers.py, {name}): {error}"
        self.heard.add(name)
        return None

    def listen(self, path: str, told: Any, check: Check) -> None:
        """Note what is wrong with something that a stream tells."""
        try:
            check(told, "event")
        except (AssertionError, ValueError) as error:
            self.wrong.append(f"{path} tells something that is not as documented: {error}")


class _Checked:
    """ASGI middleware: a successful answer that is not as documented becomes a 500.

    What streams tell is looked at while it passes: the test fails at its end.
    """

    def __init__(self, app: ASGIApp, checks: Checks) -> None:
        self._app = app
        self._checks = checks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._app(scope, receive, self._hearing(scope, send))
            return
        if scope["type"] != "http" or not _is_api(scope["path"]):
            await self._app(scope, receive, send)
            return
        begun: Message = {}
        parts: list[bytes] = []
        streaming = False

        async def watch(message: Message) -> None:
            nonlocal begun, streaming
            if message["type"] == "http.response.start" and _is_stream(scope, message):
                streaming = True
                self._checks.heard.add(endpoint_of("GET", scope["path"]) or scope["path"])
                await send(message)
            elif message["type"] == "http.response.body" and streaming:
                self._overhear(scope["path"], parts, message.get("body", b""))
                await send(message)
            elif message["type"] == "http.response.start" and _is_looked_at(scope, message):
                begun = message
            elif message["type"] == "http.response.body" and begun:
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    await self._finish(scope, begun, b"".join(parts), send)
            else:
                await send(message)

        await self._app(scope, receive, watch)

    def _hearing(self, scope: Scope, send: Send) -> Send:
        async def hear(message: Message) -> None:
            if message["type"] == "websocket.send":
                told = json.loads(message["text"])
                self._checks.listen(scope["path"], told, schemas_told.message)
            await send(message)

        return hear

    def _overhear(self, path: str, parts: list[bytes], body: bytes) -> None:
        """Look at the events that are complete with *body*; keep in *parts* what is not."""
        *whole, rest = b"".join([*parts, body]).split(b"\n\n")
        parts[:] = [rest]
        for lines in whole:
            said = dict(
                line.split(": ", 1) for line in lines.decode().split("\n") if line[:1] not in ":"
            )
            if said:
                told = {"event": said.get("event"), "payload": said.get("data")}
                self._checks.listen(path, told, schemas_told.event)

    async def _finish(self, scope: Scope, begun: Message, body: bytes, send: Send) -> None:
        plain = _kind(begun).startswith(b"text/plain")
        value = body.decode() if plain else json.loads(body)
        problem = self._checks.look(scope["method"], scope["path"], value)
        if problem is not None:
            self._checks.wrong.append(problem)
            body = json.dumps({"error": problem}).encode()
            headers = [each for each in begun["headers"] if each[0].lower() != b"content-length"]
            headers.append((b"content-length", str(len(body)).encode()))
            begun = {**begun, "status": 500, "headers": headers}
        await send(begun)
        await send({"type": "http.response.body", "body": body})


def _is_api(path: str) -> bool:
    return path == "/health" or path.startswith(("/api/", "/oauth/", "/.well-known/oauth-"))


def _kind(message: Message) -> bytes:
    return next((bytes(v) for n, v in message["headers"] if n.lower() == b"content-type"), b"")


def _is_stream(scope: Scope, message: Message) -> bool:
    return scope["method"] == "GET" and _kind(message).startswith(b"text/event-stream")


def _is_looked_at(scope: Scope, message: Message) -> bool:
    """Only what went well, and is JSON or a word: pages and pictures are something else."""
    return (
        200 <= message["status"] < 300
        and scope["method"] not in ("HEAD", "OPTIONS")
        and _kind(message).startswith((b"application/json", b"text/plain"))
    )
