"""How much memory a commune takes that nobody asks for anything, and how soon it answers.

    python -m benchmarks.memory [--json] [--settle 5]

The commune runs as people run it: ``fedcommune serve`` with the PostgreSQL that it brings, and
beside one that runs already. Counted are all our processes, PostgreSQL left out: PSS, where what
processes share counts once, and RSS. The time runs from the start of the process until the first
whole answer to ``GET /api/v2/instance``, on a database that was set up before. What we aim at:
at most 100 MiB, and at most a second beside a PostgreSQL that runs.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import shutil
import signal
import socket
import statistics
import sys
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.timelines import a_database, a_directory, machine

NAME = "commune.localhost"
STARTS = 3
PATIENCE = 120.0
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Figure:
    """One way to run: MiB at rest, and seconds to the first answer (the middle of some starts).

    The seconds of processor time say the same on a machine that has much else to do.
    """

    way: str
    processes: int
    pss: float
    rss: float
    first_answer: float
    first_answer_cpu: float


def environment(directory: Path, port: int, url: str) -> dict[str, str]:
    """Return the variables of a commune; it brings its own PostgreSQL when *url* is empty."""
    return {
        **os.environ,
        "FEDCOMMUNE_COMMUNE_NAME": "Commune",
        "FEDCOMMUNE_COMMUNE_INSEE": "97413",
        "FEDCOMMUNE_COMMUNE_DOMAIN": f"{NAME}:{port}",
        "FEDCOMMUNE_DATABASE_URL": url,
        "FEDCOMMUNE_STORAGE_DIRECTORY": str(directory),
        "FEDCOMMUNE_DEVELOPMENT_ENABLED": "true",
        "FEDCOMMUNE_DEVELOPMENT_PLAIN_HTTP": "true",
        "FEDCOMMUNE_SECRET_KEY": base64.b64encode(bytes(range(32))).decode(),
        # What is installed is compiled once, and not at each start: so it is here.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(directory / "compiled"),
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def answered(port: int) -> None:
    """Return once the commune answered on *port*. Raises TimeoutError when it never does."""
    request = f"GET /api/v2/instance HTTP/1.1\r\nHost: {NAME}:{port}\r\nConnection: close\r\n\r\n"
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.002)
                continue
            writer.write(request.encode())
            head = await reader.read()
            writer.close()
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode(errors="replace"))
            return


@asynccontextmanager
async def a_commune(
    variables: Mapping[str, str], port: int
) -> AsyncIterator[tuple[int, float, float]]:
    """Run ``fedcommune serve``; yield its process, and the seconds to its first answer.

    The last of them are seconds of processor time, of that process alone.
    """
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fedcommune", "serve", "--port", str(port)),
        env=variables,
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        await answered(port)
        taken, used = time.perf_counter() - begun, psutil.Process(process.pid).cpu_times()
        yield process.pid, taken, used.user + used.system
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


def ours(pid: int) -> list[psutil.Process]:
    """Return the process *pid* and what it started, PostgreSQL left out."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return [each for each in family if not each.name().startswith("postgres")]


async def measure(way: str, directory: Path, url: str, settle: float) -> Figure:
    """Set a commune up, start it some times, and let it rest for *settle* seconds."""
    port = free_port()
    variables = environment(directory, port, url)
    async with a_commune(variables, port):
        pass  # the first start creates the database, the keys and the first actors
    starts, used = [], []
    for number in range(STARTS):
        async with a_commune(variables, port) as (pid, seconds, cpu):
            starts.append(seconds)
            used.append(cpu)
            if number < STARTS - 1:
                continue
            await asyncio.sleep(settle)
            family = ours(pid)
            memory = [each.memory_full_info() for each in family]
    return Figure(
        way,
        len(family),
        round(sum(each.pss for each in memory) / MIB, 1),
        round(sum(each.rss for each in memory) / MIB, 1),
        round(statistics.median(starts), 2),
        round(statistics.median(used), 2),
    )


async def figures(settle: float) -> list[Figure]:
    directory = a_directory()
    try:
        found = [await measure("with its own PostgreSQL", directory / "own", "", settle)]
        async with a_database() as url:
            found.append(await measure("beside a PostgreSQL", directory / "beside", url, settle))
        return found
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def show(found: Sequence[Figure]) -> None:
    table = Table("way", "processes", "PSS MiB", "RSS MiB", "first answer s", "of processor")
    for each in found:
        table.add_row(
            each.way,
            str(each.processes),
            f"{each.pss:.1f}",
            f"{each.rss:.1f}",
            f"{each.first_answer:.2f}",
            f"{each.first_answer_cpu:.2f}",
        )
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    parser.add_argument("--settle", type=float, default=5.0, help="seconds at rest before counting")
    given = parser.parse_args()
    found = asyncio.run(figures(given.settle))
    if given.json:
        result = {"machine": machine(), "figures": [asdict(each) for each in found]}
        print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
    else:
        show(found)


if __name__ == "__main__":
    main()
