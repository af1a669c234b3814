"""Strangers around a commune: followers who write down what reaches them, senders who insist."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp
import orjson

from federation import signatures
from federation.names import LD_JSON_AS2, PUBLIC
from tests.inbox.strangers import Stranger
from tests.support.evil import Asked, EvilServer, answer

PAIRS: Final = 3  # key pairs shared among all strangers: RSA keys are slow to make
ANSWER_WITHIN: Final = aiohttp.ClientTimeout(total=20)

Message = dict[str, Any]


@dataclass
class Progress:
    """How much has happened, so that something can be done at a certain moment."""

    ticks: int = 0
    over: bool = False
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def tick(self) -> None:
        async with self._moved:
            self.ticks += 1
            self._moved.notify_all()

    async def end(self) -> None:
        """Say that nothing more will be begun."""
        async with self._moved:
            self.over = True
            self._moved.notify_all()

    async def reach(self, ticks: int) -> None:
        """Return once so much has happened, or nothing more will."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.over or self.ticks >= ticks)


class Village:
    """One server with many names; every inbox of it takes everything and remembers it."""

    def __init__(self, server: EvilServer, progress: Progress) -> None:
        self.server = server
        self.progress = progress
        self.letters: dict[str, list[Message]] = defaultdict(list)  # by the inbox

    def stranger(self, name: str, host: str, number: int, **extra: Any) -> Stranger:
        """Let somebody live here."""
        who = Stranger(self.server, name, f"{host}.peer.localhost", number % PAIRS, extra=extra)
        self.inbox(f"{who.id}/inbox")
        return who.move_in()

    def inbox(self, address: str) -> str:
        """Take what is posted to *address*."""
        host, _, path = address.removeprefix("http://").partition("/")

        async def take(asked: Asked, writer: asyncio.StreamWriter) -> None:
            self.letters[address].append(orjson.loads(asked.body))
            writer.write(answer(202))
            await self.progress.tick()

        self.server.plays(f"/{path}", take, host=host.partition(":")[0])
        return address

    def shared_inbox(self, host: str) -> str:
        return self.inbox(self.server.url(f"{host}.peer.localhost", "/inbox"))

    def received(self, address: str, type_: str) -> list[Message]:
        """Return what reached the inbox at *address*, of one type."""
        return [letter for letter in self.letters[address] if letter["type"] == type_]


@dataclass
class Sender:
    """Somebody who says something after the other to a commune, in order, and remembers."""

    who: Stranger
    script: list[Message]
    insistence: float = 0.6  # how often what was not accepted is sent again
    accepted: set[str] = field(default_factory=set)
    tried: list[str] = field(default_factory=list)

    async def go(
        self,
        domain: str,
        chance: random.Random,
        progress: Progress,
        up: Callable[[], Awaitable[None]],
    ) -> None:
        """Send the script to the shared inbox of *domain*.

        What was not accepted is sent again until it is, or left, as *chance* has it; *up*
        returns once the commune can be tried again.
        """
        port = domain.partition(":")[2]
        async with aiohttp.ClientSession(timeout=ANSWER_WITHIN) as http:
            for message in self.script:
                insists = chance.random() < self.insistence
                self.tried.append(message["id"])
                while not await self._send(http, domain, port, message):
                    await up()
                    if not insists:
                        break
                await progress.tick()

    async def _send(
        self, http: aiohttp.ClientSession, domain: str, port: str, message: Message
    ) -> bool:
        body = orjson.dumps(message)
        headers = signatures.sign(
            method="POST",
            url=f"http://{domain}/inbox",
            body=body,
            signer=self.who.signer,
            scheme="cavage",
            now=datetime.now(UTC),
        )
        try:
            async with http.post(
                f"http://127.0.0.1:{port}/inbox",
                data=body,
                headers={**headers, "Content-Type": LD_JSON_AS2},
            ) as said:
                if said.status == 202:
                    self.accepted.add(message["id"])
                elif said.status != 503:
                    raise AssertionError(f"{said.status} for {message}: {await said.text()}")
                return said.status == 202
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            return False


def script(
    who: Stranger, people: list[str], posts: list[str], chance: random.Random
) -> list[Message]:
    """Return what *who* says: follows *people*, likes and answers *posts*, takes some of it back.

    Each thing is done once and taken back once at most, so that the end can be foretold.
    """
    said: list[Message] = []
    doings = [("Follow", each) for each in people] + [("Like", each) for each in posts]
    doings += [("Answer", chance.choice(posts)) for _ in range(4)]
    doings += [("Mention", chance.choice(people)) for _ in range(4)]
    chance.shuffle(doings)
    regretted: list[Message] = []
    for number, (kind, what) in enumerate(doings, start=1):
        if kind in ("Follow", "Like"):
            done = who.activity(kind, what, number)
            said.append(done)
            if chance.random() < 0.4:
                regretted.append(done)
        elif kind == "Answer":
            said.append(_note(who, number, {"inReplyTo": what, "to": [PUBLIC]}))
        else:
            named = {"type": "Mention", "href": what, "name": "@x"}
            said.append(_note(who, number, {"tag": [named], "to": [PUBLIC], "cc": [what]}))
        if regretted and chance.random() < 0.4:
            said.append(_undo(who, regretted.pop(0)))
    return said + [_undo(who, each) for each in regretted]


def _note(who: Stranger, number: int, more: Message) -> Message:
    created = who.create(number, f"Mot {number} de {who.name}")
    created["object"].update(more)
    return {**created, "to": more["to"], "cc": more.get("cc", [])}


def _undo(who: Stranger, done: Message) -> Message:
    inner = {name: value for name, value in done.items() if name != "@context"}
    undo = who.activity("Undo", inner)
    return {**undo, "id": f"{done['id']}/undo"}
