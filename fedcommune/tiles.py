"""The pictures that a map is made of, through a cache of our own.

No visitor's address reaches whoever draws them (SEC-XSS-04): the server asks, keeps, and serves.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from starlette.concurrency import run_in_threadpool

from fedcommune.domain.directory.model import MAX_ZOOM
from fedcommune.errors import NotFound
from federation.errors import FederationError
from federation.network import Client

_log = structlog.get_logger(__name__)

FRESH: Final = timedelta(days=14)
# Whoever draws the map is not asked again at once for what they could not give.
MISSING: Final = timedelta(minutes=5)
SECONDS: Final = 6.0
LARGEST: Final = 512 * 1024
# How many are asked for at the same time; whoever draws maps for free is not flooded.
AT_ONCE: Final = 4
KEPT: Final = 200 * 1024 * 1024

_TYPES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "image/webp"),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One square of a map."""

    body: bytes
    media_type: str


class Tiles:
    """Tiles of the source *template* (``https://…/{z}/{x}/{y}.png``), kept in *folder*."""

    def __init__(self, template: str, folder: Path, client: Client) -> None:
        self._template = template
        # Another source is another map: its tiles do not mix with those of before.
        self._folder = folder / hashlib.sha256(template.encode()).hexdigest()[:12]
        self._root = folder
        self._client = client
        self._asked: dict[Path, asyncio.Task[Tile | None]] = {}
        self._missing: dict[Path, datetime] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    @property
    def are_there(self) -> bool:
        """Whether there is a source at all."""
        return bool(self._template)

    async def get(self, zoom: int, column: int, row: int, now: datetime) -> Tile:
        """Return a tile: kept, asked for, or kept long ago.

        Raises :class:`NotFound` for a tile that no map has, or that nobody gives now.
        """
        if not self.are_there or not 0 <= zoom <= MAX_ZOOM:
            raise NotFound
        if not (0 <= column < 1 << zoom and 0 <= row < 1 << zoom):
            raise NotFound
        path = self._folder / str(zoom) / str(column) / str(row)
        kept = await run_in_threadpool(_read, path)
        if kept is not None and now - kept[1] < FRESH:
            return kept[0]
        found = await self._fetched(path, zoom, column, row, now)
        if found is None and kept is not None:
            return kept[0]
        if found is None:
            raise NotFound
        return found

    async def _fetched(
        self, path: Path, zoom: int, column: int, row: int, now: datetime
    ) -> Tile | None:
        """Ask for a tile once, however many visitors wait for it."""
        if (until := self._missing.get(path)) is not None:
            if now < until:
                return None
            del self._missing[path]
        task = self._asked.get(path)
        if task is None:
            task = asyncio.create_task(self._ask(path, zoom, column, row))
            self._asked[path] = task
            task.add_done_callback(lambda _: self._asked.pop(path, None))
        found = await asyncio.shield(task)
        if found is None:
            if len(self._missing) >= 10_000:
                self._missing.clear()
            self._missing[path] = now + MISSING
        return found

    async def _ask(self, path: Path, zoom: int, column: int, row: int) -> Tile | None:
        url = self._template.format(z=zoom, x=column, y=row)
        try:
            async with self._turns, asyncio.timeout(SECONDS):
                answer = await self._client.get(url, accept="image/*", limit=LARGEST)
        except (FederationError, TimeoutError) as error:
            _log.info("tile_missing", zoom=zoom, reason=str(error))
            return None
        media_type = _type(answer.body)
        if media_type is None:
            _log.warning("tile_refused", zoom=zoom, reason="This is not a picture.")
            return None
        await run_in_threadpool(_write, path, answer.body)
        return Tile(answer.body, media_type)

    async def prune(self) -> int:
        """Forget the oldest until the rest has room; return how many were forgotten."""
        return await run_in_threadpool(_prune, self._root, KEPT)


def _type(body: bytes) -> str | None:
    """Return what picture these bytes begin; what is not one is not shown (W-ORI-06)."""
    return next((name for mark, name in _TYPES if body.startswith(mark)), None)


def _read(path: Path) -> tuple[Tile, datetime] | None:
    try:
        body = path.read_bytes()
        changed = path.stat().st_mtime
    except OSError:
        return None
    media_type = _type(body)
    if media_type is None:
        return None
    return Tile(body, media_type), datetime.fromtimestamp(changed, UTC)


def _write(path: Path, body: bytes) -> None:
    """Put a whole file in its place, or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        Path(name).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _prune(root: Path, room: int) -> int:
    found = sorted(_files(root), reverse=True)
    forgotten = 0
    for _changed, size, path in found:
        room -= size
        if room < 0:
            with contextlib.suppress(OSError):
                path.unlink()
                forgotten += 1
    return forgotten


def _files(root: Path) -> Iterator[tuple[float, int, Path]]:
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder) / name
            with contextlib.suppress(OSError):
                status = path.stat()
                yield status.st_mtime, status.st_size, path
