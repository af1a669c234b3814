"""Start both communes on this machine, fill them once, and keep them running."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from fedcommune import config as configuration
from fedcommune.asgi import application
from fedcommune.commune import Commune, opened
from fedcommune.config import Config
from fedcommune.demo import encounters, seed, world
from fedcommune.demo.world import World
from fedcommune.serving import serving
from fedcommune.settings import (
    CommuneSection,
    DevelopmentSection,
    SecretsSection,
    ServerSection,
    StorageSection,
)

NAMES: Final = ("saint-leu", "trois-bassins")
FIRST_PORT: Final = 8001
DIRECTORY: Final = Path("var") / "demo"


def config_of(name: str, told: World, directory: Path, port: int) -> Config:
    """Return the configuration of one commune of the demo: on loopback, in plain HTTP."""
    place = told.commune
    return Config(
        commune=CommuneSection(
            name=place.name,
            insee=place.insee,
            postal_codes=place.postal_codes,
            epci=place.epci,
            latitude=place.latitude,
            longitude=place.longitude,
            timezone=place.timezone,
            description=place.description,
            contact=place.contact,
            domain=f"{name}.localhost:{port}",
        ),
        server=ServerSection(host="127.0.0.1", port=port),
        storage=StorageSection(directory=name),
        secrets=SecretsSection(),
        development=DevelopmentSection(
            enabled=True, plain_http=True, loopback_peers=True, no_rate_limits=True
        ),
        base=directory.absolute(),
    )


@asynccontextmanager
async def running(
    directory: Path, *, first_port: int = FIRST_PORT
) -> AsyncIterator[tuple[Commune, Commune]]:
    """Open both communes and let them answer and work while the block runs."""
    async with AsyncExitStack() as stack:
        open_ones = await asyncio.gather(
            *(
                stack.enter_async_context(_open(name, directory, first_port + number))
                for number, name in enumerate(NAMES)
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
    config = config_of(name, world.read(name), directory, port)
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
    story = asyncio.create_task(_play(directory, console, stop, seed_only, first_port))
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


async def _play(
    directory: Path, console: Console, stop: asyncio.Event, seed_only: bool, first_port: int
) -> None:
    async with running(directory, first_port=first_port) as communes:
        await prepare(communes, console)
        if seed_only:
            console.print("Both communes are prepared.")
            return
        console.print(_what_to_try(communes))
        await stop.wait()


async def prepare(communes: tuple[Commune, Commune], console: Console) -> None:
    """Fill both communes and let them meet; what is done already takes no time."""
    told = [world.read(name) for name in NAMES]
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        await asyncio.gather(
            *(
                seed.fill(commune, each, _advance(progress, each.commune.name, seed.size(each)))
                for commune, each in zip(communes, told, strict=True)
            )
        )
        meeting = _advance(progress, "They meet", encounters.SIZE)
        await encounters.meet(communes[0], communes[1], meeting)


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
        ("A project that moves on", first.profile_page(encounters.JARDIN)),
        ("Its contributor next door", second.profile_page("jean_clain")),
        ("The public square", second.profile_page("place")),
    ):
        table.add_row(label, address)
    table.add_row()
    neighbour = f"jean_clain@{second.domain}"
    configs = [f"{commune.config.directory}/config.toml" for commune in communes]
    for label, command in (
        ("See who is here", f"fedcommune --config {configs[0]} actor list"),
        (
            "Speak",
            f"fedcommune --config {configs[0]} post marie_hoarau 'Bonjour @{neighbour} !'",
        ),
        ("Watch it leave", f"fedcommune --config {configs[0]} outbox status"),
        ("Read as a server", f"curl -H 'Accept: application/activity+json' {first.actor}"),
    ):
        table.add_row(label, command)
    return Panel(
        table,
        title="Two communes, no centre",
        subtitle="Ctrl-C stops both",
        expand=False,
    )
