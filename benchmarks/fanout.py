"""One post to 2,000 inboxes on 200 hosts, beside what this machine can do at all.

    python -m benchmarks.fanout [--json] [--inboxes 2000] [--hosts 200] [--posts 3]

Everything is real: the embedded PostgreSQL, the queue, signatures, the guarded client, and
two receiving servers in processes of their own. The second half repeats it with servers that
answer after 300 ms. Ceilings are measured in the same run, on the same machine.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from benchmarks import ceilings
from benchmarks.ceilings import Measure, measured
from fedcommune.migrate import migrate
from fedcommune.postgres import Embedded
from federation import keys
from federation.iris import Reach
from federation.keys import Signer
from federation.names import AS2, PUBLIC
from federation.network.client import Client
from outbox import lanes, publish, upkeep
from outbox.deliver import Deliverer

ACTOR = "https://commune.example/ap/actors/1"
PROCESSES = 2
SLOW = 0.3  # seconds


class OneSigner:
    """An account whose key is already in memory, as it is after its first post."""

    def __init__(self) -> None:
        pair = keys.generate()
        key = keys.load_private_der(pair.rsa_private)
        self._signer = Signer(ACTOR, f"{ACTOR}#main-key", key)

    async def signer(self, actor_id: str) -> Signer:
        return self._signer


class Everybody:
    def refused(self, host: str) -> bool:
        return False


def now() -> datetime:
    return datetime.now(UTC)


def post(number: int) -> dict[str, Any]:
    """A public post of about two kilobytes, as most are."""
    return {
        "@context": [AS2, "https://w3id.org/security/v1", {"toot": "http://joinmastodon.org/ns#"}],
        "id": f"https://commune.example/ap/activities/{number}",
        "type": "Create",
        "actor": ACTOR,
        "to": [PUBLIC],
        "cc": [f"{ACTOR}/followers"],
        "published": "2026-03-02T09:00:00Z",
        "object": {
            "id": f"https://commune.example/ap/posts/{number}",
            "type": "Note",
            "attributedTo": ACTOR,
            "to": [PUBLIC],
            "cc": [f"{ACTOR}/followers"],
            "content": "<p>" + "Le marché du samedi se tient place de la mairie. " * 30 + "</p>",
            "published": "2026-03-02T09:00:00Z",
        },
    }


async def fan_out(
    pool: asyncpg.Pool[asyncpg.Record], inboxes: list[str], posts: int, first: int
) -> tuple[Measure, Measure, float]:
    """Publish *posts* posts to *inboxes* and deliver them; measure both."""
    client = Client(reach=Reach(development=True), user_agent="fedcommune-benchmark/0")
    deliverer = Deliverer(pool, client, OneSigner(), Everybody(), now)
    with measured("publishing (one transaction a post)", posts * len(inboxes)) as publishing:
        for number in range(first, first + posts):
            async with pool.acquire() as db, db.transaction():
                await publish.publish(
                    db, post(number), actor_id=ACTOR, inboxes=inboxes, now=now(), public=True
                )
    database = await _database_cpu(pool)
    with measured("fedcommune: deliveries", posts * len(inboxes)) as delivering:
        await deliverer.settled()
    database = await _database_cpu(pool) - database
    await deliverer.stop()
    await client.aclose()
    if waiting := await upkeep.pending(pool):
        raise RuntimeError(f"{waiting} deliveries were not made.")
    return publishing, delivering, database


async def _database_cpu(pool: asyncpg.Pool[asyncpg.Record]) -> float:
    """Return the processor seconds that this database's connections have used so far."""
    rows = await pool.fetch("select pid from pg_stat_activity where pid is not null")
    seconds = 0.0
    for row in rows:
        try:
            times = psutil.Process(row["pid"]).cpu_times()
        except psutil.NoSuchProcess:
            continue
        seconds += times.user + times.system
    return seconds


async def round_(
    pool: asyncpg.Pool[asyncpg.Record], options: argparse.Namespace, delay: float, first: int
) -> dict[str, Any]:
    """Measure the ceilings, then ourselves, against servers that answer after *delay* seconds."""
    async with ceilings.receivers(PROCESSES, delay=delay) as ports:
        inboxes = []
        for place in range(options.inboxes):
            host = place % options.hosts
            port = ports[host % PROCESSES]
            inboxes.append(f"http://h{host:03}.localhost:{port}/users/{place}/inbox")
        body = b"x" * 2200
        together = min(3 * options.hosts, 600)
        every = inboxes * options.posts
        bare = await ceilings.bare_posts(
            every, body, together=together, per_host=lanes.PARALLEL, signing=False
        )
        both = await ceilings.bare_posts(
            every, body, together=together, per_host=lanes.PARALLEL, signing=True
        )
        publishing, ours, database = await fan_out(pool, inboxes, options.posts, first)
    result = {
        "answer_after_seconds": delay,
        "deliveries": ours.values(),
        "publishing": publishing.values(),
        "ceiling_bare_post": bare.values(),
        "ceiling_signing_and_post": both.values(),
        "ratio_per_core": round(ours.per_core / both.per_core, 3),
        "ratio_per_second": round(ours.rate / both.rate, 3),
        "database_cpu_seconds": round(database, 3),
    }
    if not options.json:
        print(f"\nServers that answer after {delay * 1000:.0f} ms")
        for measure in (bare, both, publishing, ours):
            print("  " + measure.line())
        print(
            f"  ratio to signing and POST: {result['ratio_per_core']:.0%} per core, "
            f"{result['ratio_per_second']:.0%} in time; PostgreSQL used {database:.2f} s of CPU "
            f"for {ours.count:,} deliveries"
        )
    return result


async def main(options: argparse.Namespace, directory: Path) -> None:
    server = Embedded(directory / "postgres")
    try:
        url = await server.start()
        await migrate(url)
        signing = ceilings.rsa_signing(2000)
        if not options.json:
            print(
                f"{options.posts} post(s) to {options.inboxes:,} inboxes on {options.hosts} hosts"
            )
            print("  " + signing.line())
        async with asyncpg.create_pool(url, min_size=2, max_size=5) as pool:
            fast = await round_(pool, options, 0.0, 1)
            slow = await round_(pool, options, SLOW, 1 + options.posts)
        peak = ceilings.peak_memory()
        if options.json:
            print(
                ceilings.as_json(
                    {
                        "inboxes": options.inboxes,
                        "hosts": options.hosts,
                        "posts": options.posts,
                        "ceiling_signing": signing.values(),
                        "fast": fast,
                        "slow": slow,
                        "peak_memory_bytes": peak,
                    }
                )
            )
        else:
            print(f"\nPeak memory of this process: {peak / 2**20:.0f} MiB")
    finally:
        await server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON for a program to read")
    parser.add_argument("--inboxes", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--posts", type=int, default=3, help="how many posts are delivered")
    chosen = parser.parse_args()
    # Not in a directory of ours alone: when we are root, PostgreSQL runs under another account.
    place = Path(tempfile.mkdtemp(prefix="fedcommune-fanout-"))
    place.chmod(0o711)
    try:
        ceilings.run(lambda: main(chosen, place))
    finally:
        shutil.rmtree(place, ignore_errors=True)
