"""From a name to its addresses, without holding up anything else."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

_THREADS: Final = 16


class Resolver(Protocol):
    """Whoever knows the addresses of a name."""

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return the literal addresses of *host*. Raises OSError when there is none."""
        ...


class SystemResolver:
    """The resolver of the machine, in threads of its own: a slow name delays no other work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="names")

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return every A and AAAA address of *host*. Raises OSError."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, _getaddrinfo, host, port
        )
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Let the threads go, without waiting for a name that does not answer."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _getaddrinfo(host: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
