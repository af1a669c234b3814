"""Run the web application, the workers, or both in one process."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

import click
import uvicorn
import uvloop

from fedcommune import asgi, commune, founding, logs
from fedcommune.cli.commands import Call, NotNowError, command
from fedcommune.commune import Commune
from fedcommune.config import Config

FINISH = 10  # seconds for what is begun when we are told to stop


class Server(uvicorn.Server):
    """uvicorn without its signal handlers: ours end the workers and the database as well."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


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
        server = _server(opened, host or config.server.host, config.port if port is None else port)
        with until_told(lambda: _stop(server)):
            workers.start()
            try:
                await _serve(server, lambda: _announce(call, opened, server))
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

    async def run(opened: Commune) -> None:
        workers = opened.workers(
            inbox=config.workers.inbox if inbox is None else inbox,
            outbox=config.workers.outbox if outbox is None else outbox,
        )
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
        async with commune.opened(config) as opened:
            await founding.found(opened)
            await work(opened)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


def _server(opened: Commune, host: str, port: int) -> Server:
    return Server(
        uvicorn.Config(
            asgi.application(opened),
            host=host,
            port=port,
            # X-Forwarded-* is ours to judge, by [server] trusted_proxies (SEC-DOS-12).
            proxy_headers=False,
            lifespan="off",
            server_header=False,
            access_log=False,
            log_config=None,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=FINISH,
        )
    )


async def _serve(server: Server, ready: Callable[[], None]) -> None:
    """Serve until told to stop; call *ready* once it listens."""

    async def announce() -> None:
        while not server.started:  # noqa: ASYNC110  # uvicorn tells nobody
            await asyncio.sleep(0.02)
        ready()

    announcing = asyncio.create_task(announce())
    try:
        await server.serve()
    except SystemExit:
        raise NotNowError(
            f"Cannot listen on {server.config.host}:{server.config.port}: is another program "
            "there? Choose another [server] port."
        ) from None
    finally:
        announcing.cancel()
        with suppress(asyncio.CancelledError):
            await announcing


def _announce(call: Call, opened: Commune, server: Server) -> None:
    port = server.servers[0].sockets[0].getsockname()[1]
    call.out.record(
        {"url": opened.instance.origin, "host": server.config.host, "port": port},
        f"{opened.instance.name} is open: {opened.instance.origin} "
        f"(listening on {server.config.host}:{port}).",
    )


def _stop(server: Server) -> None:
    # A second time: do not wait for those who are still connected.
    server.force_exit = server.should_exit
    server.should_exit = True
