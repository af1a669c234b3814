"""Answer on a port: uvicorn in our own event loop, stopped when we say so."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette

# Seconds a client may take between two requests, and we to finish those under way.
KEEP_ALIVE: Final = 15
FINISH: Final = 5


class PortTaken(OSError):
    """The port cannot be had; the text says which and what to do."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: who started us decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: Starlette, host: str, port: int) -> AsyncIterator[int]:
    """Serve *app* on *host* and *port* while the block runs; yield the port, chosen when 0.

    Forwarded headers are left alone here: only configured proxies are believed, and that is
    decided by :mod:`fedcommune.proxies`. Raises :class:`PortTaken`.
    """
    listening = _listen(host, port)
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=True,
            lifespan="off",
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=FINISH,
            h11_max_incomplete_event_size=64 * 1024,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listening]), name=f"web {port}")
    try:
        while not server.started and not task.done():  # noqa: ASYNC110  # uvicorn has no event
            await asyncio.sleep(0.01)
        if task.done():
            task.result()
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"Port {port} on {host} cannot be had ({error.strerror}): stop what uses it, or "
            "choose another port."
        ) from error
    listening.set_inheritable(True)
    return listening
