"""Run the web application, the workers, or both in one process."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click
import msgspec
import uvloop

from fedcommune import asgi, commune, founding, logs
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.config import Config
from fedcommune.serving import serving, settle

FINISH: Final = 10.0  # seconds for what is begun when we are told to stop
SETTLED: Final = 3.0  # seconds after which we have started


@click.command()
@click.option("--host", help="The address to listen on, instead of [server] host.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port, instead of [server] port; 0 takes a free one.",
)
@click.option(
    "--no-workers", is_flag=True, help="Only the web; 'fedcommune work' must run beside it."
)
@command
def serve(call: Call, *, host: str | None, port: int | None, no_workers: bool) -> None:
    """Run the commune: web and workers in one process, until Ctrl-C or SIGTERM."""
    config = call.config()
    logs.set_up(config.log.level, config.log.format)

    async def run(opened: Commune) -> None:
        workers = opened.workers(
            inbox=0 if no_workers else config.workers.inbox,
            outbox=0 if no_workers else config.workers.outbox,
        )
        app = asgi.application(opened)
        where = host or config.server.host
        told = asyncio.Event()
        with until_told(told.set):
            workers.start()
            try:
                wanted = config.port if port is None else port
                async with serving(app, where, wanted) as taken:
                    call.out.record(
                        {"url": opened.instance.origin, "host": where, "port": taken},
                        f"{opened.instance.name} is open: {opened.instance.origin} "
                        f"(listening on {where}:{taken}).",
                    )
                    await told.wait()
            finally:
                await workers.stop(FINISH)

    _run(config, run)


@click.command()
@click.option("--inbox", type=click.IntRange(0, 64), help="Loops that handle what arrived.")
@click.option("--outbox", type=click.IntRange(0, 1), help="1 to deliver, 0 not to.")
@command
def work(call: Call, *, inbox: int | None, outbox: int | None) -> None:
    """Run the workers alone, beside 'fedcommune serve --no-workers', until Ctrl-C or SIGTERM."""
    config = call.config()
    logs.set_up(config.log.level, config.log.format)
    loops = msgspec.structs.replace(
        config.workers,
        inbox=config.workers.inbox if inbox is None else inbox,
        outbox=config.workers.outbox if outbox is None else outbox,
    )
    config = msgspec.structs.replace(config, workers=loops)

    async def run(opened: Commune) -> None:
        workers = opened.workers(inbox=loops.inbox, outbox=loops.outbox)
        told = asyncio.Event()
        with until_told(told.set):
            workers.start()
            call.out.record({"working": True}, f"{opened.instance.name} is working.")
            try:
                await told.wait()
            finally:
                await workers.stop(FINISH)

    _run(config, run)


@contextmanager
def until_told(stop: Callable[[], None]) -> Iterator[None]:
    """Call *stop* at SIGINT (Ctrl-C) and SIGTERM, each time; needs a running event loop."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for each in signals:
        loop.add_signal_handler(each, stop)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)


def _run(config: Config, work: Callable[[Commune], Awaitable[None]]) -> None:
    async def run() -> None:
        asyncio.get_running_loop().call_later(SETTLED, settle)
        async with commune.opened(config) as opened:
            await founding.found(opened)
            await work(opened)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
