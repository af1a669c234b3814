"""A port that stays ours while a test starts, stops and starts a server on it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def a_port() -> Iterator[int]:
    """Hold a port of loopback: nobody else is given it, and it refuses until somebody listens.

    The socket that holds it takes the port alone, so that the system gives it to nobody; only
    then is it told to share, so that a server that names the port can have it.
    """
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield int(holder.getsockname()[1])
