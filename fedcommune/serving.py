"""Answer on a port: uvicorn in our own event loop, stopped when we say so."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

# Seconds a client may take between two requests, and we to finish those under way.
KEEP_ALIVE: Final = 15
FINISH: Final = 5


# How much a request may say before its body (bytes, about), and how long (seconds).
MOST_HEAD: Final = 32 * 1024
HEAD_SECONDS: Final = 10.0
# How long somebody may read nothing of what is sent to them (seconds), and the longest message
# on a WebSocket (bytes).
STALLED: Final = 60.0
MOST_MESSAGE: Final = 16 * 1024


class PortTaken(OSError):
    """The port cannot be had; the text says which and what to do."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: who started us decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Stalled:
    """Cuts off whoever reads nothing: a close would wait for them for ever (SEC-DOS-02)."""

    _cut: asyncio.TimerHandle | None = None

    def stopped_reading(self, transport: asyncio.Transport) -> None:
        """So much waits to be sent that nothing more is."""
        self.reads_again()
        loop = asyncio.get_running_loop()
        self._cut = loop.call_later(STALLED, transport.abort)

    def reads_again(self) -> None:
        """What waited is sent, or nobody is there any more."""
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None


class _Socket(WebSocketsSansIOProtocol):
    """uvicorn's WebSockets, with an end to their patience."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._stalled = _Stalled()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stalled.reads_again()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled.stopped_reading(self.transport)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stalled.reads_again()


class _Guarded(HttpToolsProtocol):
    """uvicorn's protocol, with an end to its patience for the head of a request (SEC-DOS-02)."""

    _length = 0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._stalled = _Stalled()
        self._await_head()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled.stopped_reading(self.transport)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stalled.reads_again()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        self._stalled.reads_again()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._deadline is not None:
            self._length += len(data)
            if self._length > MOST_HEAD:
                self._head_is_there()
                self.send_400_response("The head of this request is too long.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        self._head_is_there()
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._head_is_there()
        self._length = 0
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _head_is_there(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.transport.close()


def settle() -> None:
    """Free what the start left behind; the rest stays, and nobody looks through it again.

    To look through it takes as long as twenty answers, and they all wait.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


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
            http=_Guarded,
            # The addresses of WebSockets may carry tokens, and uvicorn would write them down.
            log_level="warning",
            ws=_Socket,
            ws_max_size=MOST_MESSAGE,
            ws_per_message_deflate=False,
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
        for end in getattr(app.state, "ending", ()):
            end()
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
