"""Searches of the directory, its map and the agenda, beside ``select 1`` in the same run.

    python -m benchmarks.directory [--json] [--keep FOLDER] [--actors 100000] [--places 500000]
        [--events 20000] [--only near]

The embedded PostgreSQL; the functions of the domain as the pages call them, on connections that
are lent for it, as many as ask at once; some pages also over HTTP, of a server in a process of
its own. Everything is asked by one and by eight at once. The aim: nearly all (p99) within 50 ms
when eight ask. Beside the time stand the milliseconds of processor time that an answer takes in
PostgreSQL and in Python, which another program on the machine changes less. The event loop and
the memory are set up as ``fedcommune serve`` does it.

With --keep the filled database stays in a folder, and the next run begins at once.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import orjson
import psutil
import uvloop
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from benchmarks.directory_questions import (
    BARE,
    BY_ID,
    REFERENCES,
    Question,
    a_browser,
    of_the_agenda,
    of_the_directory,
    over_http,
    references,
)
from benchmarks.directory_world import Size, a_region, born
from benchmarks.timelines import a_server, machine
from benchmarks.timelines_roles import NAME, SECRET
from fedcommune.database import Database
from fedcommune.instance import Instance
from fedcommune.keyring import Keyring
from fedcommune.serving import settle

CONCURRENCY: Final = (1, 8)
WARM_UP: Final = 0.5
AIM: Final = 50.0


@dataclass(frozen=True, slots=True)
class Figure:
    """How one question went: so many a second, milliseconds that half and nearly all took.

    *database* and *python* are milliseconds of processor time of one answer.
    """

    question: str
    concurrency: int
    count: int
    per_second: float
    p50: float
    p99: float
    database: float
    python: float


class Processors:
    """The processor time that PostgreSQL and we have used; *postgres* is its first process."""

    def __init__(self, postgres: int) -> None:
        self._postgres = psutil.Process(postgres)
        self._own = psutil.Process()

    def used(self) -> tuple[float, float]:
        """Return seconds of PostgreSQL, and of Python."""
        backends = self._postgres.children()
        others = [
            each
            for each in self._own.children(recursive=True)
            if not each.name().startswith("postgres")
        ]
        ended = self._postgres.cpu_times()
        postgres = _seconds(backends) + ended.children_user + ended.children_system
        return postgres, _seconds([self._own, *others])


def _seconds(processes: Sequence[psutil.Process]) -> float:
    total = 0.0
    for each in processes:
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


async def measure(
    processors: Processors, name: str, question: Question, concurrency: int, seconds: float
) -> Figure:
    """Let so many ask at once, after a warm-up, for so long."""
    taken: list[float] = []

    async def one(seed: int, until: float) -> None:
        chance = random.Random(seed)  # the same points in each run
        while (begun := time.perf_counter()) < until:
            await question(chance)
            taken.append(time.perf_counter() - begun)

    async def all_(span: float) -> float:
        begun = time.perf_counter()
        await asyncio.gather(*(one(seed, begun + span) for seed in range(concurrency)))
        return time.perf_counter() - begun

    await all_(WARM_UP)
    taken.clear()
    before = processors.used()
    wall = await all_(seconds)
    after = processors.used()
    cuts = statistics.quantiles(taken, n=100) if len(taken) > 1 else taken * 99
    return Figure(
        name,
        concurrency,
        len(taken),
        round(len(taken) / wall, 1),
        round(cuts[49] * 1000, 2),
        round(cuts[98] * 1000, 2),
        *(round((b - a) / len(taken) * 1000, 2) for a, b in zip(before, after, strict=True)),
    )


async def run(size: Size, keep: Path | None, seconds: float, only: Sequence[str]) -> list[Figure]:
    """Return the figures of all questions, or of those whose name has one of *only* in it."""
    async with a_region(size, keep) as url:
        most = max(CONCURRENCY)
        database = Database(
            url, Instance(NAME, "Commune"), Keyring(SECRET), min_size=most, max_size=most
        )
        await database.open()
        try:
            pool = database.pool
            now = await born(pool)
            backend = psutil.Process(await pool.fetchval("select pg_backend_pid()"))
            processors = Processors(backend.ppid())
            settle()
            figures = await ask(
                processors,
                references(database, size.actors)
                | of_the_directory(database)
                | of_the_agenda(database, now),
                seconds,
                only,
            )
        finally:
            await database.close()
        async with a_server(url) as served, a_browser(NAME, served.port) as browser:
            figures += await ask(processors, over_http(browser, now), seconds, only)
        return figures


async def ask(
    processors: Processors,
    questions: Mapping[str, Question],
    seconds: float,
    only: Sequence[str],
) -> list[Figure]:
    """Measure *questions*, or those of *only* with what they are compared with."""
    chosen = {
        name: question
        for name, question in questions.items()
        if name in REFERENCES or not only or any(part in name for part in only)
    }
    if not chosen.keys() - REFERENCES:
        return []
    figures = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(chosen) * len(CONCURRENCY))
        for name, question in chosen.items():
            progress.update(task, description=name)
            for concurrency in CONCURRENCY:
                figures.append(await measure(processors, name, question, concurrency, seconds))
                progress.advance(task)
    return figures


def times(figure: Figure, figures: Sequence[Figure]) -> float | None:
    """Return how many times as long as its reference half of the answers took."""
    reference = BARE if figure.question.startswith("HTTP") else BY_ID
    for each in figures:
        if (each.question, each.concurrency) == (reference, figure.concurrency):
            return round(figure.p50 / each.p50, 1)
    return None


def show(figures: Sequence[Figure]) -> None:
    """Print a line for each question: how it went for one, and for many at once."""
    most = max(CONCURRENCY)
    table = Table(
        Column("question", no_wrap=True),
        *(f"{name} ({count})" for count in CONCURRENCY for name in ("a second", "p50", "p99")),
        *("× ref.", "PostgreSQL", "Python"),
        caption=f"milliseconds; p99 in bold missed the aim of {AIM:.0f}",
    )
    late = 0
    for name in dict.fromkeys(each.question for each in figures):
        cells = []
        for each in (each for each in figures if each.question == name):
            missed = each.concurrency == most and each.p99 > AIM
            late += missed
            p99 = f"{each.p99:.1f}"
            cells += [f"{each.per_second:,.0f}", f"{each.p50:.1f}"]
            cells += [f"[bold]{p99}![/bold]" if missed else p99]
        cells += [f"{times(each, figures) or 0:.1f}", f"{each.database:.2f}", f"{each.python:.2f}"]
        table.add_row(name, *cells)
    console = Console()
    Console(width=max(console.width, 120)).print(table)
    console.print(f"{late} of {len(table.rows)} missed the aim.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder where the filled database stays")
    parser.add_argument("--actors", type=int, default=100_000)
    parser.add_argument("--places", type=int, default=500_000)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--only", action="append", default=[], help="a part of a name")
    given = parser.parse_args()
    size = Size(given.actors, given.places, given.events)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(run(size, given.keep, given.seconds, given.only))
    if given.json:
        told = [{**asdict(each), "times_reference": times(each, figures)} for each in figures]
        result = {"machine": machine(), "size": asdict(size), "aim": AIM, "figures": told}
        print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
    else:
        show(figures)


if __name__ == "__main__":
    main()
