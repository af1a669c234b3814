"""Strangers who write to us with real keys, and a small application that receives them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import asyncpg
import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import iris, keys, signatures
from federation.activities import Activity
from federation.iris import Reach
from federation.keys import Signer
from federation.names import AS2, LD_JSON_AS2, PUBLIC
from federation.network import Client
from federation.signatures import Scheme
from inbox.endpoint import Receiver
from inbox.gate import Limits
from inbox.gather import Gathered
from inbox.ports import Connection
from inbox.process import Processor
from inbox.router import Router
from tests.inbox.memory import OURS as OURS
from tests.inbox.memory import Acquaintances, BlockList, Residents
from tests.support.clock import Clock
from tests.support.evil import EvilServer

DEVELOPMENT = Reach(development=True)


@cache
def pair(number: int) -> keys.Pair:
    """Return one of a few key pairs: making one takes long."""
    return keys.generate()


@dataclass
class Stranger:
    """An actor on another server, with keys and a document that its server shows."""

    server: EvilServer
    name: str = "alice"
    host: str = "peer.localhost"
    number: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.server.url(self.host, f"/users/{self.name}")

    @property
    def key_id(self) -> str:
        return f"{self.id}#main-key"

    @property
    def proof_key_id(self) -> str:
        return f"{self.id}#ed25519-key"

    @property
    def authority(self) -> str:
        return iris.authority(self.id)

    @property
    def signer(self) -> Signer:
        own = pair(self.number)
        return Signer(
            self.id,
            self.key_id,
            keys.load_private_der(own.rsa_private),
            self.proof_key_id,
            keys.load_private_raw(own.ed25519_private),
        )

    @property
    def public(self) -> keys.PublicKey:
        der = keys.load_public_der(pair(self.number).rsa_public)
        return keys.PublicKey(self.key_id, self.id, "rsa", der)

    def document(self) -> dict[str, Any]:
        own = pair(self.number)
        return {
            "@context": [AS2, "https://w3id.org/security/v1"],
            "id": self.id,
            "type": "Person",
            "preferredUsername": self.name,
            "inbox": f"{self.id}/inbox",
            "outbox": f"{self.id}/outbox",
            "publicKey": {
                "id": self.key_id,
                "owner": self.id,
                "publicKeyPem": keys.to_pem(keys.load_public_der(own.rsa_public)),
            },
            "assertionMethod": [
                {
                    "id": self.proof_key_id,
                    "type": "Multikey",
                    "controller": self.id,
                    "publicKeyMultibase": keys.to_multibase(
                        keys.load_public_raw(own.ed25519_public)
                    ),
                }
            ],
            **self.extra,
        }

    def move_in(self) -> Stranger:
        """Let the server show the actor, and confirm its name."""
        self.server.says(f"/users/{self.name}", self.document(), host=self.host)
        subject = f"acct:{self.name}@{self.authority}"
        self.server.says(
            f"/.well-known/webfinger?resource=acct:{self.name}@{self.authority}",
            {
                "subject": subject,
                "links": [{"rel": "self", "type": "application/activity+json", "href": self.id}],
            },
            content_type="application/jrd+json",
            host=self.host,
        )
        return self

    def activity(self, type_: str, object_: object, number: int = 1, **more: Any) -> dict[str, Any]:
        return {
            "@context": AS2,
            "id": f"{self.id}/activities/{number}",
            "type": type_,
            "actor": self.id,
            "object": object_,
            **more,
        }

    def create(self, number: int = 1, text: str = "Bonjour", **more: Any) -> dict[str, Any]:
        note = {
            "id": f"{self.id}/notes/{number}",
            "type": "Note",
            "attributedTo": self.id,
            "content": text,
            "to": [PUBLIC],
        }
        return self.activity("Create", note, number, to=[PUBLIC], **more)


@dataclass
class Transaction:
    """What the handlers of this small application are given."""

    db: Connection


Handled = Router[Transaction]


async def record(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """The effect of a handler that worked: one row, in its transaction."""
    await tx.db.execute(
        "insert into effect (activity_id, type, object_id) values ($1, $2, $3)",
        activity.id,
        activity.type,
        activity.object_id,
    )


class Commune:
    """A receiving side: real database, real HTTP semantics, real signatures."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        server: EvilServer,
        clock: Clock,
        *,
        limits: Limits | None = None,
        most_waiting: int = 1_000,
    ) -> None:
        self.pool = pool
        self.server = server
        self.clock = clock
        self.known = Acquaintances(clock)
        self.hosts = BlockList()
        self.residents = Residents()
        self.client = Client(reach=DEVELOPMENT, user_agent="test", clock=clock)
        self.address = "192.0.2.1"
        self.us = Stranger(server, "commune", "commune.localhost", 9)
        self.router: Handled = Router()
        self.receiver = self.new_receiver(limits=limits, most_waiting=most_waiting)
        app = Starlette(
            routes=[
                Route("/inbox", self._shared, methods=["GET", "POST", "PUT"]),
                Route("/ap/actors/{number}/inbox", self._personal, methods=["POST"]),
            ]
        )
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OURS)

    def new_receiver(self, *, limits: Limits | None = None, most_waiting: int = 1_000) -> Receiver:
        return Receiver(
            pool=self.pool,
            known=self.known,
            hosts=self.hosts,
            owners=self.residents,
            client=self.client,
            signer=self.sign_as,
            authority="commune.localhost",
            scheme="http",
            clock=self.clock,
            limits=limits,
            client_address=lambda _: self.address,
            most_waiting=most_waiting,
        )

    async def sign_as(self) -> Signer:
        return self.us.signer

    async def _shared(self, request: Request) -> Response:
        return await self.receiver.receive(request, None)

    async def _personal(self, request: Request) -> Response:
        owner = f"{OURS}/ap/actors/{request.path_params['number']}"
        return await self.receiver.receive(request, owner)

    async def aclose(self) -> None:
        await self.receiver.aclose()
        await self.http.aclose()
        await self.client.aclose()

    # What a stranger does

    def signed(
        self,
        stranger: Stranger,
        activity: Mapping[str, Any] | bytes,
        *,
        path: str = "/inbox",
        scheme: Scheme = "cavage",
    ) -> tuple[bytes, dict[str, str]]:
        body = activity if isinstance(activity, bytes) else orjson.dumps(activity)
        headers = signatures.sign(
            method="POST",
            url=f"{OURS}{path}",
            body=body,
            signer=stranger.signer,
            scheme=scheme,
            now=self.clock(),
        )
        return body, {"Content-Type": LD_JSON_AS2, **headers}

    async def deliver(
        self,
        stranger: Stranger,
        activity: Mapping[str, Any] | bytes,
        *,
        path: str = "/inbox",
        scheme: Scheme = "cavage",
    ) -> httpx.Response:
        body, headers = self.signed(stranger, activity, path=path, scheme=scheme)
        return await self.http.post(path, content=body, headers=headers)

    # What became of it

    def processor(self, **more: Any) -> Processor[Transaction]:
        return Processor(
            self.pool,
            self.router,
            Transaction,
            self.known,
            self.hosts,
            self.client,
            self.sign_as,
            self.clock,
            chance=lambda: 0.5,
            **more,
        )

    async def settle(self, **more: Any) -> None:
        """Process until there is nothing left to do now."""
        processor = self.processor(**more)
        while await processor.step():
            pass
        await processor.aclose()

    async def count(self, table: str, where: str = "true") -> int:
        return int(await self.pool.fetchval(f"select count(*) from {table} where {where}"))

    async def effects(self) -> list[str]:
        rows = await self.pool.fetch("select activity_id from effect order by number")
        return [row["activity_id"] for row in rows]

    async def outcomes(self) -> dict[str, str]:
        rows = await self.pool.fetch("select id, outcome from inbox.received")
        return {row["id"]: row["outcome"] or "done" for row in rows}

    async def assert_nothing_kept(self) -> None:
        for table in ("inbox.waiting", "inbox.received", "inbox.failed", "inbox.lane"):
            assert await self.count(table) == 0, table

    def asked(self) -> list[str]:
        """The addresses that we asked strangers for, without their discovery of names."""
        return [each for each in self.server.targets() if "webfinger" not in each]


async def bring(commune: Commune, stranger: Stranger, *activities: dict[str, Any]) -> None:
    """Let *stranger*, whom we know, deliver *activities*; they must be accepted."""
    commune.known.meet(stranger)
    for activity in activities:
        answer = await commune.deliver(stranger, activity)
        assert answer.status_code == 202, answer.text


@asynccontextmanager
async def a_commune(
    database_url: str, server: EvilServer, clock: Clock, **more: Any
) -> AsyncIterator[Commune]:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=8) as pool:
        await pool.execute(
            """
            create table effect (
                number bigint generated always as identity,
                activity_id text not null unique,
                type text not null,
                object_id text
            )
            """
        )
        commune = Commune(pool, server, clock, **more)
        try:
            yield commune
        finally:
            await commune.aclose()
