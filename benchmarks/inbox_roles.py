"""The processes of the inbox benchmark: three servers and a worker, each with one core's work.

    python -m benchmarks.inbox_roles bare|ceiling|receiver|worker DATABASE_URL

A server prints its port and serves until its standard input is closed; every role prints its
peak memory when it ends.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from benchmarks import ceilings
from federation import keys
from federation.activities import Activity
from federation.errors import UnavailableError
from federation.iris import Reach
from federation.keys import PublicKey, Signer
from federation.network import Client
from federation.webfinger import Handle
from inbox.endpoint import Receiver
from inbox.gather import Gathered
from inbox.ports import Connection, KnownKey, Standing
from inbox.process import Processor
from inbox.router import Router

AUTHORITY = "commune.localhost"
TEXT = b"(request-target): post /inbox\nhost: a.example\ndate: now\ndigest: SHA-256=0\n" * 2


def now() -> datetime:
    return datetime.now(UTC)


class Known:
    """Senders whose keys are in the database, as those of people who wrote before."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool

    async def key(self, key_id: str) -> KnownKey | None:
        row = await self._pool.fetchrow(
            "select owner, public, fetched_at from bench.key where id = $1", key_id
        )
        if row is None:
            return None
        key = keys.load_public_der(row["public"])
        return KnownKey(PublicKey(key_id, row["owner"], "rsa", key), row["fetched_at"])

    async def known(self, actor_id: str) -> bool:
        return True

    async def learn(self, actor: Mapping[str, Any], handle: Handle | None) -> None:
        raise UnavailableError("Everybody is known here.")

    async def missing(self, iris: Collection[str]) -> list[str]:
        rows = await self._pool.fetch(
            """
            select iri
            from unnest($1::text[]) as t (iri)
            where not exists (select 1 from bench.key where owner = iri)
            """,
            iris,
        )
        return [row["iri"] for row in rows]


class Everybody:
    def refused(self, host: str) -> bool:
        return False

    async def heard(self, host: str) -> None:
        return None

    async def standing(self, owner: str) -> Standing:
        return "open"


async def no_signer() -> Signer:
    raise UnavailableError("Nobody is asked in this benchmark.")


@dataclass(frozen=True, slots=True)
class Transaction:
    db: Connection


router: Router[Transaction] = Router()


@router.receives("Create")
@router.receives("Like")
@router.receives("Follow")
async def effect(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """What most activities come to: one row with what they said."""
    said = activity.object.get("content") if activity.object else None
    await tx.db.execute(
        "insert into bench.effect (id, actor, object, said) values ($1, $2, $3, $4)",
        activity.id,
        activity.actor,
        activity.object_id,
        said,
    )


async def body_of(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def accept(send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"0")]}
    )
    await send({"type": "http.response.body", "body": b""})


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body and accept it: what HTTP alone costs."""
    await body_of(receive)
    await accept(send)


class Ceiling:
    """One RSA verification and one INSERT for each POST, and nothing else."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool
        private = keys.load_private_der(keys.generate().rsa_private)
        self._key, self._signature = private.public_key(), keys.sign_rsa(private, TEXT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await body_of(receive)
        if not keys.made(self._key, self._signature, TEXT):
            raise RuntimeError("The signature of this benchmark does not hold.")
        await self._pool.execute("insert into bench.kept (body) values ($1)", body)
        await accept(send)


def receiving(pool: asyncpg.Pool[asyncpg.Record]) -> Starlette:
    everybody = Everybody()
    receiver = Receiver(
        pool=pool,
        known=Known(pool),
        hosts=everybody,
        owners=everybody,
        client=Client(reach=Reach(development=True), user_agent="benchmark"),
        signer=no_signer,
        authority=AUTHORITY,
        scheme="http",
        clock=now,
        limits=None,
        client_address=lambda _: "192.0.2.1",
        most_waiting=10_000_000,
    )

    async def endpoint(request: Request) -> Response:
        return await receiver.receive(request, None)

    return Starlette(routes=[Route("/inbox", endpoint, methods=["POST"])])


async def serve(app: Any) -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", log_level="warning", access_log=False, lifespan="off"
    )
    server = uvicorn.Server(config)

    async def until_closed() -> None:
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = True

    print(listener.getsockname()[1], flush=True)
    watching = asyncio.create_task(until_closed())
    await server.serve([listener])
    await watching


async def work(pool: asyncpg.Pool[asyncpg.Record]) -> None:
    """Wait for a line, handle everything that waits, say so."""
    processor = Processor(
        pool,
        router,
        Transaction,
        Known(pool),
        Everybody(),
        Client(reach=Reach(development=True), user_agent="benchmark"),
        no_signer,
        now,
    )
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    while await processor.step():
        pass
    print("done", flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def main(role: str, url: str) -> None:
    async with asyncpg.create_pool(url, min_size=2, max_size=8) as pool:
        if role == "worker":
            await work(pool)
        else:
            apps: dict[str, Any] = {"bare": bare, "ceiling": Ceiling(pool)}
            await serve(apps.get(role) or receiving(pool))
    print(ceilings.peak_memory(), flush=True)


if __name__ == "__main__":
    ceilings.run(lambda: main(sys.argv[1], sys.argv[2]))
