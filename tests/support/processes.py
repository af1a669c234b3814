"""Commands of fedcommune in processes of their own, which a test may kill."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
READY_WITHIN: Final = 60.0  # seconds, on a machine that has much else to do


class Command:
    """One command of fedcommune, ``serve`` or ``work``, started again as often as need be.

    What it complains about is appended to *log*, to be shown when a test fails.
    """

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.words = tuple(words)
        self.said: dict[str, Any] = {}
        self.deaths = 0
        self._environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "the command was not started"
        return self._process.pid

    async def start(self) -> None:
        """Start it; return once it has said that it is ready."""
        with self._log.open("ab") as complaints:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "fedcommune", *self.words, "--json"),
                env=self._environment,
                stdout=PIPE,
                stderr=complaints,
            )
        assert self._process.stdout is not None
        text = ""
        async with asyncio.timeout(READY_WITHIN):
            while not text.rstrip().endswith("}"):
                line = await self._process.stdout.readline()
                assert line, f"{self.words} ended before it was ready:\n{self.complaints()}"
                text += line.decode()
        self.said = json.loads(text)

    async def kill(self) -> None:
        """Kill it as nothing can be refused (SIGKILL); return once it is gone."""
        await self._end(signal.SIGKILL)
        self.deaths += 1

    async def stop(self) -> None:
        """Ask it to end, if it runs; return once it has."""
        if self._process is not None and self._process.returncode is None:
            await self._end(signal.SIGTERM)

    def complaints(self, most: int = 6000) -> str:
        """Return the end of what it wrote on its standard error, over all its lives."""
        return self._log.read_text(errors="replace")[-most:] if self._log.exists() else ""

    async def _end(self, how: int) -> None:
        assert self._process is not None, "the command was not started"
        self._process.send_signal(how)
        await self._process.communicate()


@asynccontextmanager
async def running(*commands: Command) -> AsyncIterator[None]:
    """Start *commands* in their order; stop them at the end, whatever happened."""
    try:
        for each in commands:
            await each.start()
        yield
    finally:
        for each in reversed(commands):
            await each.stop()
