"""What this machine can do at all, measured in the same run as what we do with it."""

from __future__ import annotations

import asyncio
import resource
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from federation import keys


@dataclass(slots=True)
class Measure:
    """*count* things done in *wall* seconds, for *cpu* seconds of this process."""

    name: str
    count: int
    wall: float = 0.0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Things a second."""
        return self.count / self.wall

    @property
    def per_core(self) -> float:
        """Things a second of processor time of this process."""
        return self.count / self.cpu

    def line(self) -> str:
        return (
            f"{self.name:<44} {self.rate:>8,.0f}/s   {self.per_core:>8,.0f} per core-second"
            f"   {self.cpu / self.count * 1000:6.3f} ms CPU each"
        )

    def values(self) -> dict[str, Any]:
        return {
            "count": self.count,
            "seconds": round(self.wall, 4),
            "cpu_seconds": round(self.cpu, 4),
            "per_second": round(self.rate, 1),
            "per_core_second": round(self.per_core, 1),
        }


@contextmanager
def measured(name: str, count: int) -> Iterator[Measure]:
    """Measure what happens inside, as *count* things of one kind."""
    measure = Measure(name, count)
    wall, cpu = time.perf_counter(), time.process_time()
    yield measure
    measure.wall, measure.cpu = time.perf_counter() - wall, time.process_time() - cpu


def peak_memory() -> int:
    """Return the most memory this process has held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def rsa_signing(count: int) -> Measure:
    """Sign *count* short texts with RSA 2048."""
    key = keys.load_private_der(keys.generate().rsa_private)
    text = b"(request-target): post /inbox\nhost: a.example\ndate: now\ndigest: SHA-256=0\n" * 2
    keys.sign_rsa(key, text)
    with measured("RSA signing alone", count) as measure:
        for _ in range(count):
            keys.sign_rsa(key, text)
    return measure


async def bare_posts(
    urls: Sequence[str], body: bytes, *, together: int, per_host: int, signing: bool
) -> Measure:
    """POST *body* to each of *urls* through a raw aiohttp session, perhaps signing each time."""
    key = keys.load_private_der(keys.generate().rsa_private)
    text = b"(request-target): post /inbox\nhost: a.example\ndate: now\ndigest: SHA-256=0\n" * 2
    headers = {"Content-Type": "application/activity+json"}
    waiting = iter([URL(url) for url in urls])
    connector = aiohttp.TCPConnector(
        resolver=_Loopback(), limit=together, limit_per_host=per_host, ttl_dns_cache=None
    )
    async with aiohttp.ClientSession(connector=connector) as session:

        async def post() -> None:
            for url in waiting:
                if signing:
                    keys.sign_rsa(key, text)
                async with session.post(url, data=body, headers=headers) as answer:
                    await answer.read()
                    if answer.status != 202:
                        raise RuntimeError(f"{url} answered {answer.status}.")

        name = "RSA signing and bare HTTP POST" if signing else "bare HTTP POST alone"
        with measured(name, len(urls)) as measure:
            await asyncio.gather(*(post() for _ in range(min(together, len(urls)))))
    return measure


class _Loopback(AbstractResolver):
    """Every name is this machine (RFC 6761 says so of ``*.localhost``)."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        return None


@asynccontextmanager
async def receivers(count: int, *, delay: float = 0.0) -> AsyncIterator[list[int]]:
    """Start *count* processes that answer 202 after *delay* seconds; give their ports."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.receiver",
            str(delay),
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(count)
    ]
    try:
        ports = []
        for process in processes:
            if process.stdout is None:
                raise RuntimeError("The receiver has no output to read its port from.")
            ports.append(int(await process.stdout.readline()))
        yield ports
    finally:
        for process in processes:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def run(main: Callable[[], Awaitable[Any]]) -> Any:
    """Run *main* on the loop that the server uses."""
    import uvloop

    async def begin() -> Any:
        return await main()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(begin())


def as_json(values: Any) -> str:
    return orjson.dumps(values, option=orjson.OPT_INDENT_2).decode()
