"""The server of another software: it has actors, is written to, reads and writes for real."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from federation import signatures
from federation.names import LD_JSON_AS2
from tests.inbox.strangers import Stranger
from tests.support.communes import Town
from tests.support.evil import Asked, EvilServer, answer


@dataclass
class Peer:
    """One server at *host*, beside *town*; ``heard`` is everything that was delivered to it."""

    server: EvilServer
    town: Town
    host: str
    heard: list[dict[str, Any]] = field(default_factory=list)

    def actor(self, name: str, number: int = 0, /, **extra: Any) -> Stranger:
        """Let somebody live here: their document is shown, their inbox is open."""
        address = self.server.url(self.host, f"/users/{name}")
        followers = {"followers": f"{address}/followers"}
        who = Stranger(self.server, name, self.host, number, {**followers, **extra}).move_in()
        self.server.plays(f"/users/{name}/inbox", self._receive, host=self.host)
        return who

    def shows(self, document: Mapping[str, Any]) -> None:
        """Serve *document* at its id."""
        whole = {"@context": "https://www.w3.org/ns/activitystreams", **document}
        self.server.says(urlsplit(document["id"]).path, whole, host=self.host)

    def buries(self, iri: str) -> None:
        """Say from now on that what was at *iri* is gone."""
        self.server.says(urlsplit(iri).path, {"id": iri, "type": "Tombstone"}, status=410)

    def iri(self, path: str) -> str:
        return self.server.url(self.host, path)

    def heard_of(self, type_: str) -> list[dict[str, Any]]:
        """Return what was delivered of one type, in its order."""
        return [each for each in self.heard if each["type"] == type_]

    async def post(self, who: Stranger, activity: Mapping[str, Any]) -> httpx.Response:
        """Deliver *activity*, signed by *who*, to the shared inbox; it must be taken."""
        body = orjson.dumps(activity)
        headers = self._signed(who, "POST", "/inbox", body)
        found = await self._ask("POST", "/inbox", headers, body)
        assert found.status_code == 202, found.text
        return found

    async def fetch(self, iri: str, who: Stranger | None = None) -> dict[str, Any]:
        """Return the document at *iri* of the town, as *who* asks for it, or anybody."""
        target = iri.removeprefix(self.town.origin)
        headers = {} if who is None else self._signed(who, "GET", target, None)
        found = await self._ask("GET", target, {**headers, "Accept": LD_JSON_AS2})
        assert found.status_code == 200, (iri, found.status_code)
        document = found.json()
        assert isinstance(document, dict)
        return document

    def _signed(
        self, who: Stranger, method: str, target: str, body: bytes | None
    ) -> dict[str, str]:
        return signatures.sign(
            method=method,
            url=f"{self.town.origin}{target}",
            body=body,
            signer=who.signer,
            scheme="cavage",
            now=self.town.commune.database.clock(),
        )

    async def _ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> httpx.Response:
        port = urlsplit(self.town.origin).port
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.request(
                method,
                f"http://127.0.0.1:{port}{target}",
                headers={"Host": self.town.domain, **headers},
                content=body,
            )

    async def _receive(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        self.heard.append(orjson.loads(asked.body))
        writer.write(answer(202))
