"""A commune with something to lose, the strangers it knows, and all that it keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
import orjson

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.moderation import actions as moderation
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Visibility
from federation import signatures
from federation.names import AS2, LD_JSON_AS2, PUBLIC
from tests.inbox.strangers import Stranger
from tests.support import communes
from tests.support.communes import Clock, Town
from tests.support.evil import EvilServer

Message = dict[str, Any]
SPOKEN: Final = "2026-09-01T08:00:00Z"


@dataclass
class Siege:
    """Marie follows Ada, Paul follows Mallory; Marie asked Bea and was not answered.

    Ada, her neighbour Trude and Mallory are heard; Marie blocks Bert, the commune has
    suspended Sven and blocked ``blocked.localhost``.
    """

    town: Town
    server: EvilServer
    clock: Clock
    marie: Account
    paul: Account
    strangers: dict[str, Stranger]
    posts: dict[str, Post]
    asked: str  # the id of the Follow that Bea has not answered
    numbers: int = 1000

    def __getitem__(self, name: str) -> Stranger:
        return self.strangers[name]

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def note(self, of: str, name: str, /, **changes: Any) -> Message:
        """Return a note of somebody as its own server would show it; None removes."""
        who = self[of]
        document: Message = {
            "@context": AS2,
            "id": f"{who.id}/notes/{name}",
            "type": "Note",
            "attributedTo": who.id,
            "to": [PUBLIC],
            "content": f"<p>{name}</p>",
            "published": SPOKEN,
            **changes,
        }
        return {key: value for key, value in document.items() if value is not None}

    def says(self, by: str, type_: str, object_: object, **more: Any) -> Message:
        """Return an activity of somebody, with a new id."""
        return self[by].activity(type_, object_, self.number(), **{"to": [PUBLIC], **more})

    def shows(self, document: Mapping[str, Any], *, at: str | None = None) -> str:
        """Let a server show *document*, at its id or elsewhere; return that address."""
        address = at or str(document["id"])
        host, _, path = address.removeprefix("http://").partition("/")
        self.server.says(f"/{path}", document, host=host.partition(":")[0])
        return address

    def signed(
        self, by: str, body: bytes, *, now: datetime | None = None, key_id: str | None = None
    ) -> dict[str, str]:
        """Return the headers with which somebody would post *body* to the shared inbox."""
        signer = self[by].signer
        if key_id is not None:
            signer = type(signer)(signer.actor_id, key_id, signer.key)
        headers = signatures.sign(
            method="POST",
            url=f"{self.town.origin}/inbox",
            body=body,
            signer=signer,
            scheme="cavage",
            now=now or self.clock(),
        )
        return {"Content-Type": LD_JSON_AS2, **headers}

    async def post(self, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Post to the shared inbox, and let everything that follows from it happen."""
        port = self.town.domain.rpartition(":")[2]
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.post(
                f"http://127.0.0.1:{port}/inbox", content=body, headers=dict(headers)
            )
        await communes.settle([self.town])
        return answer

    async def send(self, by: str, message: Message | bytes) -> int:
        """Let somebody send *message*, correctly signed; return the status of the answer."""
        body = message if isinstance(message, bytes) else orjson.dumps(message)
        return (await self.post(body, self.signed(by, body))).status_code

    async def everything(self) -> dict[str, list[str]]:
        """Return all that is kept, except how the boxes keep their books."""
        pool = self.town.commune.database.pool
        tables = await pool.fetch(
            """
            select schemaname || '.' || tablename as name from pg_tables
            where schemaname = 'commune'
                or (schemaname = 'outbox' and tablename in ('activity', 'delivery'))
            order by name
            """
        )
        kept = {}
        for table in tables:
            rows = await pool.fetch(f"select kept::text as row from {table['name']} as kept")
            kept[table["name"]] = sorted(row["row"] for row in rows)
        return kept

    async def broken(self) -> list[str]:
        """Return what our own code failed to handle, and what it means to try again."""
        rows = await self.town.commune.database.pool.fetch(
            """
            select id || ' ' || reason as what from inbox.failed
            union all
            select id || ' ' || coalesce(reason, '') from inbox.waiting where faults > 0
            """
        )
        return [row["what"] for row in rows]


_PEOPLE: Final = {
    "ada": "ada.localhost",
    "trude": "ada.localhost",
    "bea": "bea.localhost",
    "mallory": "evil.localhost",
    "bert": "bert.localhost",
    "sven": "sven.localhost",
    "spam": "a.blocked.localhost",
    "newcomer": "new.evil.localhost",
}


@asynccontextmanager
async def besieged(url: str) -> AsyncIterator[Siege]:
    """Run a commune on the database at *url*, with a past."""
    clock = Clock()
    async with EvilServer() as server, communes.town("saint-leu", url, clock) as town:
        strangers = {
            name: Stranger(server, name, host, number % 4).move_in()
            for number, (name, host) in enumerate(_PEOPLE.items())
        }
        for each in strangers.values():
            server.says(f"/users/{each.name}/inbox", status=202, host=each.host)
        marie, paul = await town.citizen("marie"), await town.citizen("paul")
        known = {
            name: await town.find(each.id)
            for name, each in strangers.items()
            if name not in ("spam", "newcomer")
        }
        siege = Siege(town, server, clock, marie, paul, strangers, {}, "")
        async with town.commune.database.transaction() as tx:
            for follower, followed in ((marie, "ada"), (paul, "mallory"), (paul, "sven")):
                made = await follows.follow(tx, follower, known[followed])
                await follows.was_accepted(tx, made)
            siege.asked = (await follows.follow(tx, marie, known["bea"])).activity_id
            await follows.gain_follower(tx, known["ada"], marie, f"{strangers['ada'].id}/follow")
        await _speak(siege)
        async with town.commune.database.transaction() as tx:
            await blocks.block(tx, marie, known["bert"])
            await moderation.suspend(tx, known["sven"])
            await moderation.block_host(tx, "blocked.localhost")
        await town.commune.reload_policies()
        await communes.settle([town])
        yield siege


async def _speak(siege: Siege) -> None:
    town, marie = siege.town, siege.marie
    siege.posts["public"] = await town.say(marie, "Bonjour")
    siege.posts["followers"] = await town.say(marie, "Entre nous", Visibility.FOLLOWERS)
    siege.posts["direct"] = await town.say(siege.paul, "@marie un secret", Visibility.DIRECT)
    direct = {"to": [marie.actor_id], "directMessage": True}
    for by, name, more in (
        ("ada", "kept", {}),
        ("ada", "gone", {}),
        ("ada", "secret", direct),
        ("sven", "old", {}),
    ):
        said = siege.note(by, name, **more)
        siege.shows(said)
        assert await siege.send(by, siege.says(by, "Create", said, to=said["to"])) == 202
    gone = siege.note("ada", "gone")["id"]
    assert await siege.send("ada", siege.says("ada", "Delete", gone)) == 202
    stored = (await siege.everything())["commune.post"]
    assert len(stored) == 7, stored
