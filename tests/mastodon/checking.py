"""Looks at every answer of the API on its way out, whoever asked: is it as documented?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.mastodon.answers import ANSWERS, endpoint_of


@dataclass
class Checks:
    """What was answered as documented (``heard``, names of endpoints), and what was not."""

    heard: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def middleware(self) -> Middleware:
        """Return what looks at the answers of one application."""
        return Middleware(_Checked, checks=self)

    def look(self, method: str, path: str, body: bytes) -> str | None:
        """Return what is wrong with a successful answer; None when nothing is."""
        name = endpoint_of(method, path)
        if name is None:
            return f"{method} {path} is answered by nothing in ENDPOINTS."
        if name not in ANSWERS:
            return f"{name} has no schema: say in tests/mastodon/answers.py what it answers."
        try:
            ANSWERS[name](json.loads(body), "answer")
        except (AssertionError, ValueError) as error:
            return f"{method} {path} is not as documented (answers.py, {name}): {error}"
        self.heard.add(name)
        return None


class _Checked:
    """ASGI middleware: a successful JSON answer that is not as documented becomes a 500."""

    def __init__(self, app: ASGIApp, checks: Checks) -> None:
        self._app = app
        self._checks = checks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_api(scope["path"]):
            await self._app(scope, receive, send)
            return
        begun: Message = {}
        parts: list[bytes] = []

        async def watch(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and _is_looked_at(scope, message):
                begun = message
            elif message["type"] == "http.response.body" and begun:
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    await self._finish(scope, begun, b"".join(parts), send)
            else:
                await send(message)

        await self._app(scope, receive, watch)

    async def _finish(self, scope: Scope, begun: Message, body: bytes, send: Send) -> None:
        problem = self._checks.look(scope["method"], scope["path"], body)
        if problem is not None:
            self._checks.wrong.append(problem)
            body = json.dumps({"error": problem}).encode()
            headers = [each for each in begun["headers"] if each[0].lower() != b"content-length"]
            headers.append((b"content-length", str(len(body)).encode()))
            begun = {**begun, "status": 500, "headers": headers}
        await send(begun)
        await send({"type": "http.response.body", "body": body})


def _is_api(path: str) -> bool:
    return path.startswith(("/api/", "/oauth/", "/.well-known/oauth-"))


def _is_looked_at(scope: Scope, message: Message) -> bool:
    """Only what went well, and is JSON: streams and pictures are something else."""
    kind = next((v for n, v in message["headers"] if n.lower() == b"content-type"), b"")
    return (
        200 <= message["status"] < 300
        and scope["method"] not in ("HEAD", "OPTIONS")
        and bool(kind.startswith(b"application/json"))
    )
