"""A folder of files with random names: written whole or not at all, and nothing leads out of it.

What is kept here is kept before the transaction that names it. A file that no transaction
named in the end is found by :meth:`Store.sweep`, and goes.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import stat
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

# How a file that we wrote may be called, its ending from our own list (SEC-MED-05).
MEDIA_TYPES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
    "raw": "",  # sent, and not looked into yet: nobody is shown it
}
_NAME: Final = re.compile(rf"[0-9a-f]{{32}}\.({'|'.join(MEDIA_TYPES)})")
_SHARD: Final = re.compile(r"[0-9a-f]{2}")
# A file that was written so recently may still be waiting for its transaction.
YOUNG: Final = timedelta(hours=1)

Known = Callable[[list[str]], Awaitable[Collection[str]]]


def is_name(text: str) -> bool:
    """Tell whether *text* is the name of a file of ours: 128 random bits and an ending."""
    return _NAME.fullmatch(text) is not None


def media_type(name: str) -> str:
    """Return the media type of the file *name*: by our own list, never by what was sent."""
    return MEDIA_TYPES[name.rpartition(".")[2]]


class Store:
    """The files of one commune, below *folder*; it is made when the first one comes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def keep(self, content: bytes, ending: str) -> str:
        """Write *content* so that it survives a power cut; return its name. Raises OSError."""
        name = new_name(ending)
        await asyncio.to_thread(self._write, name, content)
        return name

    async def read(self, name: str) -> bytes | None:
        """Return the content of *name*, None when there is no such file."""
        path = await asyncio.to_thread(self.find, name)
        return None if path is None else await asyncio.to_thread(path.read_bytes)

    def find(self, name: str) -> Path | None:
        """Return where *name* stands, None when it does not: never a link, never a folder."""
        if not is_name(name):
            return None
        path = self.path(name)
        try:
            found = path.lstat()
        except OSError:
            return None
        return path if stat.S_ISREG(found.st_mode) else None

    def path(self, name: str) -> Path:
        """Return where *name* stands, or would. Raises ValueError for what is no name of ours."""
        if not is_name(name):
            raise ValueError(f"{name!r} is not the name of a file of ours.")
        return self.folder / name[:2] / name

    async def remove(self, *names: str) -> None:
        """Remove those of *names* that there are."""
        await asyncio.to_thread(self._remove, names)

    async def sweep(self, known: Known, *, younger: timedelta = YOUNG) -> int:
        """Remove the files that *known* does not know, but the *younger* ones; return how many.

        *known* is asked with the names in one folder at a time, and answers with those of
        them that stay. Files begun and never finished go too.
        """
        removed = 0
        before = time.time() - younger.total_seconds()
        for shard in await asyncio.to_thread(self._shards):
            old = await asyncio.to_thread(self._older, shard, before)
            kept = set(await known([name for name in old if is_name(name)])) if old else set()
            gone = [name for name in old if name not in kept]
            await asyncio.to_thread(self._discard, shard, gone)
            removed += len(gone)
        return removed

    def _write(self, name: str, content: bytes) -> None:
        path = self.path(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        begun = path.with_name(f"{name}.{secrets.token_hex(4)}.part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            with os.fdopen(os.open(begun, flags, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            begun.rename(path)
        except BaseException:
            begun.unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def _remove(self, names: Collection[str]) -> None:
        for name in names:
            self.path(name).unlink(missing_ok=True)

    def _shards(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(
            each
            for each in self.folder.iterdir()
            if _SHARD.fullmatch(each.name) and each.is_dir() and not each.is_symlink()
        )

    def _older(self, shard: Path, before: float) -> list[str]:
        return sorted(each.name for each in _files(shard) if each.lstat().st_mtime < before)

    def _discard(self, shard: Path, names: Collection[str]) -> None:
        for name in names:
            (shard / name).unlink(missing_ok=True)


def new_name(ending: str) -> str:
    """Return a name that nobody guesses, of the kind *ending* (``jpg``)."""
    name = f"{secrets.token_hex(16)}.{ending}"
    if not is_name(name):
        raise ValueError(f"Files of ours do not end in {ending!r}.")
    return name


def _files(folder: Path) -> Iterator[Path]:
    for each in folder.iterdir():
        with suppress(FileNotFoundError):
            if stat.S_ISREG(each.lstat().st_mode):
                yield each


def _sync(folder: Path) -> None:
    """Let the new name of a file survive a power cut too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
