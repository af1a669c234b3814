"""Pages of the client API a second, beside a bare route of the same server in the same run.

    python -m benchmarks.timelines [--json] [--posts 10000 --posts 1000000] [--follows 500]

Everything is real: the embedded PostgreSQL, one uvicorn process with the whole application, a
token, loopback HTTP over connections that stay open. The process that asks runs beside them, so
read the share of the bare route rather than the number: 1.9 % of it is what a home page should
reach with eight asking at once, 8.3 % what one status should; and with a million posts nothing
should take twice as long as with ten thousand.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import asyncpg
import orjson
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.timelines_roles import NAME, READER, TOKEN, found
from fedcommune.migrate import migrate
from fedcommune.postgres import Embedded

CONCURRENCY = (1, 8, 32)
WARM_UP = 0.5
BARE = "hello"


@dataclass(frozen=True, slots=True)
class Figure:
    """How one address answered: requests a second, milliseconds that half and nearly all took.

    The milliseconds of processor time of one request, of the server and of PostgreSQL, say the
    same on a machine that has much else to do.
    """

    posts: int
    route: str
    concurrency: int
    count: int
    per_second: float
    p50: float
    p99: float
    server_cpu: float
    postgres_cpu: float


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs: its port, its process, and the folder of its PostgreSQL."""

    port: int
    process: psutil.Process
    folder: str

    def spent(self) -> tuple[float, float]:
        """Return the seconds of processor time that it took so far, and its PostgreSQL."""
        used = self.process.cpu_times()
        backends = 0.0
        for each in psutil.process_iter(["name"]):
            with suppress(psutil.Error):
                if each.info["name"].startswith("postgres") and self.folder in _started_by(each):
                    times = each.cpu_times()
                    backends += times.user + times.system
        return used.user + used.system, backends


def _started_by(process: psutil.Process) -> str:
    parent = process.parent()
    return "" if parent is None else " ".join(parent.cmdline())


async def ask(port: int, path: str, concurrency: int, seconds: float) -> list[float]:
    """Ask for *path* over *concurrency* connections for so long; return the seconds of each."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {NAME}:{port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        "Accept: */*\r\n\r\n"
    ).encode()
    taken: list[float] = []
    end = time.perf_counter() + seconds

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begun := time.perf_counter()) < end:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if not head.startswith(b"http/1.1 200"):
                raise RuntimeError(f"{path}: {head.decode()}")
            start = head.index(b"content-length: ") + 16
            await reader.readexactly(int(head[start : head.index(b"\r", start)]))
            taken.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(concurrency)))
    return taken


async def measure(
    served: Served, posts: int, route: str, path: str, concurrency: int, seconds: float
) -> Figure:
    await ask(served.port, path, concurrency, WARM_UP)
    before, begun = served.spent(), time.perf_counter()
    taken = await ask(served.port, path, concurrency, seconds)
    wall, after = time.perf_counter() - begun, served.spent()
    cuts = statistics.quantiles(taken, n=100)
    return Figure(
        posts,
        route,
        concurrency,
        len(taken),
        round(len(taken) / wall, 1),
        round(cuts[49] * 1000, 2),
        round(cuts[98] * 1000, 2),
        *(
            round((end - start) / len(taken) * 1000, 3)
            for start, end in zip(before, after, strict=True)
        ),
    )


def a_directory() -> Path:
    """Return a new folder for the data of a server."""
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


@asynccontextmanager
async def a_server(url: str) -> AsyncIterator[Served]:
    """Run the application in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.timelines_roles", url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None, "the server was started with a pipe"
    assert process.stdout is not None, "the server was started with a pipe"
    try:
        line = await process.stdout.readline()
        if not line:
            raise RuntimeError("The server ended early.")
        folder = url.partition("host=")[2].partition("/postgres/")[0]
        yield Served(int(line), psutil.Process(process.pid), folder)
    finally:
        process.stdin.close()
        await process.wait()


async def with_posts(posts: int, follows: int, seconds: float, only: Sequence[str]) -> list[Figure]:
    """Return the figures of a commune that has so many *posts*, of all routes or *only* some."""
    async with a_database() as url:
        connection = await asyncpg.connect(url)
        await found(connection, posts=posts, follows=follows)
        status = await connection.fetchval(
            "select id from commune.post where visibility = 'public' order by id desc limit 1"
        )
        deep = await connection.fetchval(
            "select id from commune.post order by id offset $1 limit 1", posts // 2
        )
        await connection.close()
        routes = {
            BARE: "/hello",
            "home": "/api/v1/timelines/home",
            "home, deep": f"/api/v1/timelines/home?max_id={deep}",
            "public": "/api/v1/timelines/public",
            "public, deep": f"/api/v1/timelines/public?max_id={deep}",
            "one status": f"/api/v1/statuses/{status}",
            "account": f"/api/v1/accounts/{READER + 1}/statuses",
            "notifications": "/api/v1/notifications",
        }
        figures = []
        async with a_server(url) as served:
            for route, path in routes.items():
                if only and route not in (BARE, *only):
                    continue
                for concurrency in CONCURRENCY:
                    figures.append(await measure(served, posts, route, path, concurrency, seconds))
        return figures


def machine() -> dict[str, object]:
    return {
        "cpus": os.cpu_count(),
        "memory": psutil.virtual_memory().total,
        "python": sys.version.split()[0],
    }


def share(figure: Figure, figures: Sequence[Figure]) -> float | None:
    """Return how many percent of the bare route's requests a second *figure* reached."""
    for each in figures:
        if (each.route, each.posts, each.concurrency) == (BARE, figure.posts, figure.concurrency):
            return round(figure.per_second / each.per_second * 100, 2)
    return None


def slower(figure: Figure, figures: Sequence[Figure]) -> float | None:
    """Return how many times as long as with the fewest posts half of the answers took."""
    fewest = min(each.posts for each in figures)
    for each in figures:
        if (each.route, each.posts, each.concurrency) == (
            figure.route,
            fewest,
            figure.concurrency,
        ):
            return round(figure.p50 / each.p50, 2)
    return None


def told(figure: Figure, figures: Sequence[Figure]) -> dict[str, object]:
    """Return *figure* with what it means beside the others."""
    return {
        **asdict(figure),
        "percent_of_bare": share(figure, figures),
        "times_as_slow": slower(figure, figures),
    }


def show(figures: Sequence[Figure]) -> None:
    table = Table(
        *("posts", "route", "at once", "a second", "% of bare", "p50 ms", "p99 ms", "× fewest"),
        *("cpu ms", "of PostgreSQL"),
    )
    for each in figures:
        of_bare, times = share(each, figures), slower(each, figures)
        table.add_row(
            f"{each.posts:,}",
            each.route,
            str(each.concurrency),
            f"{each.per_second:,.0f}",
            "" if of_bare is None else f"{of_bare:.1f}",
            f"{each.p50:.1f}",
            f"{each.p99:.1f}",
            "" if times is None else f"{times:.2f}",
            f"{each.server_cpu:.2f}",
            f"{each.postgres_cpu:.2f}",
        )
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--posts", type=int, action="append")
    parser.add_argument("--follows", type=int, default=500)
    parser.add_argument(
        "--only", action="append", default=[], help="a route, as the table names it"
    )
    parser.add_argument("--seconds", type=float, default=3.0)
    given = parser.parse_args()
    figures: list[Figure] = []
    for posts in given.posts or [10_000, 1_000_000]:
        figures += asyncio.run(with_posts(posts, given.follows, given.seconds, given.only))
    if given.json:
        result = {"machine": machine(), "figures": [told(each, figures) for each in figures]}
        print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
    else:
        show(figures)


if __name__ == "__main__":
    main()
