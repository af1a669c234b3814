"""Start both communes on this machine, fill them once, and keep them running."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from fedcommune import config as configuration
from fedcommune import tomlfile
from fedcommune.asgi import application
from fedcommune.commune import Commune, opened
from fedcommune.demo import calendar, encounters, market, meeting, news, praise, seed, town, world
from fedcommune.demo.encounters import Neighbours
from fedcommune.demo.steps import Advance, is_done, once
from fedcommune.demo.world import World
from fedcommune.errors import Conflict
from fedcommune.serving import serving

NAMES: Final = ("saint-leu", "trois-bassins")
FIRST_PORT: Final = 8001
Subject: TypeAlias = Callable[[Commune, World, datetime, Advance], Awaitable[None]]
# Another name when what is told changes: what was filled before cannot go on with it.
STORY: Final = "story 2"
# The project that the README tells of.
JARDIN: Final = "jardin_partage"
DIRECTORY: Final = Path("var") / "demo"

# What people tell among themselves, what waits until the places and the neighbours are known,
# and how many steps that is.
_FIRST: Final = (news.fill, market.fill, calendar.fill)
_THEN: Final = (seed.show_around, market.offer_neighbours, praise.fill, town.fill)
_SIZES: Final = (seed.size, news.size, market.size, calendar.size, praise.size, town.size)


def config_file(name: str, told: World, directory: Path, port: int) -> Path:
    """Write the config.toml of one commune of the demo, on loopback in plain HTTP; return it.

    It is the file of an ordinary commune: every command works with it.
    """
    place = told.commune
    sections = {
        "commune": {
            **msgspec.structs.asdict(place),
            "domain": f"{name}.localhost:{port}",
            "outline": str(world.outline(name)),
        },
        "server": {"host": "127.0.0.1"},
        "storage": {"directory": "."},
        "development": {
            "enabled": True,
            "plain_http": True,
            "loopback_peers": True,
            "no_rate_limits": True,
        },
    }
    path = directory.absolute() / name / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        tomlfile.document(sections, "Written by fedcommune demo, each time it starts."),
        encoding="utf-8",
    )
    return path


@asynccontextmanager
async def running(
    directory: Path, ports: tuple[int, int]
) -> AsyncIterator[tuple[Commune, Commune]]:
    """Open both communes and let them answer and work, on loopback, while the block runs."""
    async with AsyncExitStack() as stack:
        open_ones = await asyncio.gather(
            *(
                stack.enter_async_context(_open(name, directory, port))
                for name, port in zip(NAMES, ports, strict=True)
            )
        )
        for commune in open_ones:
            app = application(commune)
            config = commune.config
            await stack.enter_async_context(serving(app, config.server.host, config.port))
            workers = commune.workers()
            workers.start()
            stack.push_async_callback(workers.stop)
        yield open_ones[0], open_ones[1]


@asynccontextmanager
async def _open(name: str, directory: Path, port: int) -> AsyncIterator[Commune]:
    path = config_file(name, world.read(name), directory, port)
    # The demo is the same whatever the environment of this shell says.
    config = configuration.load(path, {})
    configuration.make_secret(config)
    async with opened(config) as commune:
        yield commune


async def demo(
    directory: Path, console: Console, *, seed_only: bool = False, first_port: int = FIRST_PORT
) -> None:
    """Prepare what is not prepared yet, say what to try, and run until told to stop.

    SIGINT and SIGTERM stop it, at any moment; what was prepared stays.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    story = asyncio.create_task(_play(directory, console, seed_only, first_port))
    told_to_stop = asyncio.create_task(stop.wait())
    await asyncio.wait({story, told_to_stop}, return_when=asyncio.FIRST_COMPLETED)
    if not story.done():
        console.print("Stopping both communes…")
        story.cancel()
    told_to_stop.cancel()
    try:
        await story
    except asyncio.CancelledError:
        console.print("Stopped. What was prepared is kept for the next time.")


async def _play(directory: Path, console: Console, seed_only: bool, first_port: int) -> None:
    async with running(directory, (first_port, first_port + 1)) as communes:
        await prepare(communes, console)
        if seed_only:
            console.print("Both communes are prepared.")
            return
        console.print(_what_to_try(communes))
        await asyncio.get_running_loop().create_future()  # until cancelled


async def prepare(communes: tuple[Commune, Commune], console: Console) -> None:
    """Fill both communes and let them meet; what is done already takes no time.

    Raises Conflict where another version of the demo was filled.
    """
    for commune in communes:
        await _begin(commune)
    told = [world.read(name) for name in NAMES]
    between, both = meeting.read(), Neighbours(*communes)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        steps = [
            _advance(progress, each.commune.name, sum(size(each) for size in _SIZES))
            for each in told
        ]
        settling = zip(communes, told, steps, strict=True)
        await asyncio.gather(*(_settle(*each) for each in settling))
        together = _advance(progress, "They meet", encounters.size(between))
        await encounters.meet(both, between, together)
        open_to_others = zip(communes, told, steps, strict=True)
        await asyncio.gather(*(_tell(*each, _THEN) for each in open_to_others))
        await encounters.read_each_other(communes, together)
        await encounters.mingle(both, between, together)


async def _begin(commune: Commune) -> None:
    """Note which story is told here. Raises Conflict where another one was begun."""
    db = commune.database.pool
    if await is_done(db, "open") and not await is_done(db, STORY):
        raise Conflict(
            f"{_short(commune.config.base)} was filled by another version of the demo: "
            "remove it, or choose another --directory."
        )
    async with once(commune, STORY):
        pass


async def _settle(commune: Commune, told: World, advance: Advance) -> None:
    await seed.fill(commune, told, advance)
    await _tell(commune, told, advance, _FIRST)


async def _tell(
    commune: Commune, told: World, advance: Advance, subjects: Iterable[Subject]
) -> None:
    now = commune.database.clock()
    for fill in subjects:
        await fill(commune, told, now, advance)


def _advance(progress: Progress, description: str, total: int) -> Callable[[], None]:
    task = progress.add_task(description, total=total)
    return lambda: progress.advance(task)


def _what_to_try(communes: tuple[Commune, Commune]) -> Panel:
    first, second = (commune.instance for commune in communes)
    table = Table.grid(padding=(0, 2))
    for instance in (first, second):
        table.add_row(f"[bold]{instance.name}[/]", instance.origin + "/")
    table.add_row()
    for label, address in (
        ("A citizen", first.profile_page("marie_hoarau")),
        ("A project that moves on", first.profile_page(JARDIN)),
        ("Its contributor next door", second.profile_page("jean_clain")),
        ("The public square", second.profile_page("place")),
    ):
        table.add_row(label, address)
    table.add_row()
    neighbour = f"jean_clain@{second.domain}"
    file = communes[0].config.base / "config.toml"
    ours = f".venv/bin/python -m fedcommune --config {_short(file)}"
    for label, who in (("Sign in", "marie_hoarau"), ("… as an administrator", "thierry_vitry")):
        address = seed.email(communes[0], who)
        table.add_row(label, f"{first.origin}/sign-in with {address} and {seed.PASSWORD}")
    table.add_row()
    for label, command in (
        ("See who is here", f"{ours} actor list"),
        ("Speak", f"{ours} post @marie_hoarau 'Bonjour @{neighbour} !'"),
        ("Move a project on", f"{ours} project move @{JARDIN} testing"),
        ("Watch it leave", f"{ours} outbox status"),
        ("Read as a server", f"curl -H 'Accept: application/activity+json' {first.actor}"),
    ):
        table.add_row(label, command)
    return Panel(
        table,
        title="Two communes, no centre",
        subtitle="Ctrl-C stops both",
        expand=False,
    )


def _short(path: Path) -> Path:
    """Return *path* as one would type it from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
