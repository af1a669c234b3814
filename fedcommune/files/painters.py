"""Have pictures drawn anew, by a few processes that are there while there is work."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from fedcommune.errors import Invalid

PAINTER: Final = Path(__file__).with_name("painter.py")

MAX_BYTES: Final = 16 * 1024 * 1024
# Seconds: one picture, and how long a painter waits for the next one.
PATIENCE: Final = 45.0
IDLE: Final = 20.0
# A painter draws so many pictures, then another takes its place.
MOST_ORDERS: Final = 200


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


REFUSALS: Final = {
    "size": _("This picture is too large: send one of at most 33 megapixels."),
    "frames": _("This picture moves for too long: send one with fewer frames."),
    "unreadable": _("This is not a picture that we can read: send a JPEG, PNG, GIF or WebP."),
    "time": _("This picture takes too long to read: save it anew, then send it again."),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture that was drawn anew: its ending (``jpg``), its bytes, its size in pixels."""

    ending: str
    content: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """What became of one picture: the whole, small beside it when asked for, and its blurhash."""

    whole: Drawn
    small: Drawn
    blurhash: str


@dataclass(slots=True, eq=False)
class _Painter:
    process: Process
    orders: int = 0
    idle: asyncio.TimerHandle | None = None


class Painters:
    """At most *most* processes that draw; none while there is nothing to draw (SEC-DOS-10)."""

    def __init__(self, most: int | None = None, *, idle: float = IDLE) -> None:
        self._most = most or max(1, min(4, os.cpu_count() or 1))
        self._idle = idle
        self._turns: asyncio.Semaphore | None = None
        self._free: list[_Painter] = []
        self._all: set[_Painter] = set()

    @property
    def running(self) -> int:
        """How many processes there are now."""
        return len(self._all)

    async def attachment(self, content: bytes) -> Drawing:
        """Draw what is attached to a post: whole, and small.

        Raises :class:`Invalid`, in words for whoever sent it: not a picture, too large.
        """
        return await self._drawn({"purpose": "attachment"}, content)

    async def sized(
        self, content: bytes, width: int, height: int, how: Literal["cover", "within"]
    ) -> Drawing:
        """Draw one picture that covers (cut) or stays within so many pixels; as above."""
        return await self._drawn({"purpose": how, "width": width, "height": height}, content)

    async def aclose(self) -> None:
        """End every process."""
        for painter in list(self._all):
            await self._end(painter)

    async def _drawn(self, order: dict[str, Any], content: bytes) -> Drawing:
        if not content:
            raise Invalid("file", REFUSALS["unreadable"])
        if len(content) > MAX_BYTES:
            raise Invalid("file", _("This file is too large: send one of at most 16 MB."))
        answer, parts = await self._ordered({**order, "length": len(content)}, content)
        if "refused" in answer:
            raise Invalid("file", REFUSALS[answer["refused"]])
        drawn = [
            Drawn(ending, part, *size)
            for ending, size, part in zip(answer["endings"], answer["sizes"], parts, strict=True)
        ]
        return Drawing(drawn[0], drawn[-1], answer["blurhash"])

    async def _ordered(
        self, order: dict[str, Any], content: bytes
    ) -> tuple[dict[str, Any], list[bytes]]:
        if self._turns is None:
            self._turns = asyncio.Semaphore(self._most)
        async with self._turns:
            painter = await self._hired()
            try:
                async with asyncio.timeout(PATIENCE):
                    answer, parts = await _converse(painter.process, order, content)
            except (TimeoutError, asyncio.IncompleteReadError, ConnectionError, ValueError):
                # It took too much time or memory, or fell over what it read.
                await self._end(painter)
                return {"refused": "time"}, []
            except BaseException:
                await self._end(painter)
                raise
            painter.orders += 1
            if painter.orders >= MOST_ORDERS:
                await self._end(painter)
            else:
                self._rest(painter)
            return answer, parts

    async def _hired(self) -> _Painter:
        while self._free:
            painter = self._free.pop()
            if painter.idle is not None:
                painter.idle.cancel()
            if painter.process.returncode is None:
                return painter
            self._all.discard(painter)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(PAINTER),
            stdin=PIPE,
            stdout=PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            limit=1024 * 1024,
        )
        painter = _Painter(process)
        self._all.add(painter)
        return painter

    def _rest(self, painter: _Painter) -> None:
        self._free.append(painter)
        loop = asyncio.get_running_loop()
        painter.idle = loop.call_later(self._idle, self._send_home, painter)

    def _send_home(self, painter: _Painter) -> None:
        if painter in self._free:
            self._free.remove(painter)
            assert painter.process.stdin is not None, "it was begun with a pipe"
            # At the end of its orders it ends by itself.
            painter.process.stdin.close()
            self._all.discard(painter)

    async def _end(self, painter: _Painter) -> None:
        self._all.discard(painter)
        if painter in self._free:
            self._free.remove(painter)
        if painter.idle is not None:
            painter.idle.cancel()
        with suppress(ProcessLookupError):
            painter.process.kill()
        await painter.process.wait()


async def _converse(
    process: Process, order: dict[str, Any], content: bytes
) -> tuple[dict[str, Any], list[bytes]]:
    writing, reading = process.stdin, process.stdout
    assert writing is not None, "it was begun with pipes"
    assert reading is not None, "both ways"
    writing.write(orjson.dumps(order) + b"\n" + content)
    await writing.drain()
    line = await reading.readuntil(b"\n")
    answer: dict[str, Any] = orjson.loads(line)
    return answer, [await reading.readexactly(length) for length in answer["lengths"]]
