"""Signed activities accepted and handled a second, beside what this machine can do at all.

    python -m benchmarks.inbox [--json] [--activities 6000] [--senders 60] [--hosts 20]

Everything is real: the embedded PostgreSQL, a uvicorn process with the receiver, a worker
process, loopback HTTP, RSA signatures. The ceiling is a server of the same kind that does one
RSA verification and one INSERT for each POST, measured in the same run with the same load.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks import ceilings
from benchmarks.ceilings import measured
from benchmarks.inbox_roles import AUTHORITY, TEXT
from fedcommune.migrate import migrate
from fedcommune.postgres import Embedded
from federation import documents, keys, signatures
from federation.keys import Signer
from federation.names import AS2, PUBLIC

CONNECTIONS = 64
KEYS = 8
_TEXT = "<p>" + "Le conseil se réunit jeudi à la salle des fêtes, entrée libre. " * 12 + "</p>"


@dataclass(slots=True)
class Figure:
    """*count* things in *wall* seconds; processor seconds of our process and of PostgreSQL."""

    name: str
    count: int
    wall: float
    own: float
    database: float
    memory: int

    @property
    def rate(self) -> float:
        return self.count / self.wall

    @property
    def per_core(self) -> float:
        return self.count / (self.own + self.database)

    def values(self) -> dict[str, float]:
        return {
            "count": self.count,
            "seconds": round(self.wall, 3),
            "cpu_seconds": round(self.own, 3),
            "database_cpu_seconds": round(self.database, 3),
            "peak_memory": self.memory,
            "per_second": round(self.rate, 1),
            "per_core_second": round(self.per_core, 1),
        }


class Role:
    """One of the processes of this benchmark."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.measure = psutil.Process(process.pid)

    @classmethod
    async def start(cls, role: str, url: str) -> Role:
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "benchmarks.inbox_roles",
                role,
                url,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        )

    async def heard(self) -> str:
        assert self._process.stdout is not None, "the role was started with a pipe"
        line = (await self._process.stdout.readline()).decode().strip()
        if not line:
            raise RuntimeError("A process of the benchmark ended early.")
        return line

    def say(self, text: str) -> None:
        assert self._process.stdin is not None, "the role was started with a pipe"
        self._process.stdin.write(text.encode() + b"\n")

    async def end(self) -> int:
        """Let it end; return its peak memory in bytes."""
        assert self._process.stdin is not None, "the role was started with a pipe"
        self._process.stdin.close()
        memory = int(await self.heard())
        await self._process.wait()
        return memory

    def cpu(self) -> float:
        times = self.measure.cpu_times()
        return times.user + times.system


def database_cpu() -> float:
    """Return the processor seconds of our embedded PostgreSQL, its former backends included."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if "postgres" not in process.name():
                continue
            times = process.cpu_times()
            total += times.user + times.system
            if not any("postgres" in each.name() for each in process.parents()[:1]):
                total += times.children_user + times.children_system
        except psutil.NoSuchProcess:
            continue
    return total


def people(count: int, hosts: int) -> list[Signer]:
    """Return *count* senders of *hosts* servers; a few key pairs do for all."""
    pairs = [keys.load_private_der(keys.generate().rsa_private) for _ in range(KEYS)]
    ids = [f"https://h{number % hosts}.example/users/{number}" for number in range(count)]
    return [
        Signer(actor_id, f"{actor_id}#main-key", pairs[number % KEYS])
        for number, actor_id in enumerate(ids)
    ]


def activity(signer: Signer, number: int) -> dict[str, Any]:
    actor = signer.actor_id
    head = {"@context": AS2, "id": f"{actor}/activities/{number}", "actor": actor}
    if number % 3 == 0:
        note = {
            "id": f"{actor}/notes/{number}",
            "type": "Note",
            "attributedTo": actor,
            "content": _TEXT,
            "published": "2026-09-01T08:00:00Z",
            "to": [PUBLIC],
            "cc": [f"{actor}/followers"],
        }
        return {**head, "type": "Create", "to": [PUBLIC], "object": note}
    target = f"http://{AUTHORITY}/ap/posts/{number % 50}"
    return {**head, "type": "Like" if number % 3 == 1 else "Follow", "object": target}


def requests(senders: Sequence[Signer], count: int) -> list[bytes]:
    """Return *count* signed requests as they stand on the wire."""
    made = []
    for number in range(count):
        signer = senders[number % len(senders)]
        body = documents.write(activity(signer, number))
        headers = signatures.sign(
            method="POST",
            url=f"http://{AUTHORITY}/inbox",
            body=body,
            signer=signer,
            scheme="cavage",
            now=datetime.now(UTC),
        )
        lines = [f"{name}: {value}" for name, value in headers.items()]
        lines += ["User-Agent: benchmark", f"Content-Length: {len(body)}", "", ""]
        made.append(("POST /inbox HTTP/1.1\r\n" + "\r\n".join(lines)).encode() + body)
    return made


async def post_all(port: int, made: Sequence[bytes]) -> None:
    """Send every request over a few connections; each must be accepted."""
    waiting: Iterator[bytes] = iter(made)

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 202"):
                raise RuntimeError(f"Not accepted: {answer.decode()}")
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))


async def serve_and_load(name: str, role: str, url: str, made: Sequence[bytes]) -> Figure:
    server = await Role.start(role, url)
    port = int(await server.heard())
    warm = len(made) // 10
    await post_all(port, made[:warm])
    own, database, wall = server.cpu(), database_cpu(), time.perf_counter()
    await post_all(port, made[warm:])
    wall = time.perf_counter() - wall
    own, database = server.cpu() - own, database_cpu() - database
    return Figure(name, len(made) - warm, wall, own, database, await server.end())


async def handle_all(name: str, url: str, count: int) -> Figure:
    worker = await Role.start("worker", url)
    await worker.heard()
    own, database, wall = worker.cpu(), database_cpu(), time.perf_counter()
    worker.say("go")
    await worker.heard()
    wall = time.perf_counter() - wall
    own, database = worker.cpu() - own, database_cpu() - database
    return Figure(name, count, wall, own, database, await worker.end())


def verifying(count: int) -> Figure:
    private = keys.load_private_der(keys.generate().rsa_private)
    public, signature = private.public_key(), keys.sign_rsa(private, TEXT)
    with measured("", count) as measure:
        for _ in range(count):
            keys.made(public, signature, TEXT)
    return Figure("RSA verification alone", count, measure.wall, measure.cpu, 0.0, 0)


async def inserting(pool: asyncpg.Pool[asyncpg.Record], made: Sequence[bytes]) -> Figure:
    waiting = iter(made)

    async def insert() -> None:
        async with pool.acquire() as connection:
            for body in waiting:
                await connection.execute("insert into bench.kept (body) values ($1)", body)

    database = database_cpu()
    with measured("", len(made)) as measure:
        await asyncio.gather(*(insert() for _ in range(8)))
    database = database_cpu() - database
    return Figure("one INSERT alone", len(made), measure.wall, measure.cpu, database, 0)


def a_directory() -> Path:
    # Not below /root: the account that runs the server must walk there.
    directory = Path(tempfile.mkdtemp(prefix="fedcommune-benchmark-"))
    directory.chmod(0o711)
    return directory


@asynccontextmanager
async def a_database() -> AsyncIterator[str]:
    directory = a_directory()
    server = Embedded(directory / "postgres")
    try:
        url = await server.start()
        await migrate(url)
        yield url
    finally:
        await server.stop()
        shutil.rmtree(directory, ignore_errors=True)


async def prepare(pool: asyncpg.Pool[asyncpg.Record], senders: Sequence[Signer]) -> None:
    await pool.execute(
        """
        create schema bench;
        create table bench.kept (id bigint generated always as identity primary key, body bytea);
        create table bench.effect (id text primary key, actor text, object text, said text);
        create table bench.key (
            id text primary key, owner text not null, public bytea, fetched_at timestamptz);
        create index on bench.key (owner);
        """
    )
    now = datetime.now(UTC)
    await pool.executemany(
        "insert into bench.key (id, owner, public, fetched_at) values ($1, $2, $3, $4)",
        [(s.key_id, s.actor_id, keys.public_der(s.key.public_key()), now) for s in senders],
    )


async def measure(activities: int, senders: int, hosts: int) -> list[Figure]:
    """Return the figures, the three that count last: ceiling, accepted, handled."""
    async with a_database() as url, asyncpg.create_pool(url, min_size=8, max_size=8) as pool:
        who = people(senders, hosts)
        await prepare(pool, who)
        made = requests(who, activities)
        figures = [
            verifying(activities),
            await inserting(pool, made),
            await serve_and_load("bare HTTP POST alone", "bare", url, made),
            await serve_and_load("ceiling: verify, INSERT, POST", "ceiling", url, made),
            await serve_and_load("accepted: our inbox", "receiver", url, made),
        ]
        figures.append(await handle_all("handled: our worker", url, activities))
        handled = await pool.fetchval("select count(*) from bench.effect")
        left = await pool.fetchval("select count(*) from inbox.waiting")
        if (handled, left) != (activities, 0):
            raise RuntimeError(f"{activities} were accepted, {handled} handled, {left} are left.")
        return figures


def show(figures: Sequence[Figure]) -> None:
    ceiling = figures[-3]
    table = Table(title="The inbox, beside this machine's own ceiling")
    table.add_column("what")
    for column in ("a second", "of ceiling", "per core-second", "of ceiling"):
        table.add_column(column, justify="right")
    for column in ("own CPU ms each", "PostgreSQL ms each", "peak MiB"):
        table.add_column(column, justify="right")
    for each in figures:
        counts = each in figures[-3:]
        table.add_row(
            each.name,
            f"{each.rate:,.0f}",
            f"{each.rate / ceiling.rate:.0%}" if counts else "",
            f"{each.per_core:,.0f}",
            f"{each.per_core / ceiling.per_core:.0%}" if counts else "",
            f"{each.own / each.count * 1000:.3f}",
            f"{each.database / each.count * 1000:.3f}",
            f"{each.memory / 2**20:.0f}" if each.memory else "",
        )
    Console(width=110).print(table)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    parser.add_argument("--activities", type=int, default=6_000)
    parser.add_argument("--senders", type=int, default=60)
    parser.add_argument("--hosts", type=int, default=20)
    given = parser.parse_args()
    figures = await measure(given.activities, given.senders, given.hosts)
    if not given.json:
        show(figures)
        return
    ceiling, accepted, handled = figures[-3:]
    print(
        ceilings.as_json(
            {
                "figures": {each.name: each.values() for each in figures},
                "accepted_of_ceiling": round(accepted.rate / ceiling.rate, 3),
                "accepted_of_ceiling_per_core": round(accepted.per_core / ceiling.per_core, 3),
                "handled_of_ceiling": round(handled.rate / ceiling.rate, 3),
                "handled_of_ceiling_per_core": round(handled.per_core / ceiling.per_core, 3),
            }
        )
    )


if __name__ == "__main__":
    ceilings.run(main)
