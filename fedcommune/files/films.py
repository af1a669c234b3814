"""Sounds and films: recognised, then written anew by ffmpeg, which can read nothing but them."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from fedcommune.errors import Invalid

CONFINED: Final = Path(__file__).with_name("confined.py")

MAX_BYTES: Final = 40 * 1024 * 1024
MAX_SECONDS: Final = 600
# Seconds that one film may take.
PATIENCE: Final = 600.0
LONGEST_SIDE: Final = 1280
FRAMES: Final = 30

_DURATION: Final = re.compile(r"Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
_VIDEO: Final = re.compile(r"Stream #.*?: Video: .*?, (\d{2,5})x(\d{2,5})")
_PICTURE_IN_SOUND: Final = "(attached pic)"
_AUDIO: Final = re.compile(r"Stream #.*?: Audio: ")


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Film:
    """A film or a sound that was written anew; *preview* is a picture as it was found in it."""

    kind: Literal["video", "gifv", "audio"]
    ending: Literal["mp4", "mp3"]
    content: bytes
    duration: float
    width: int | None = None
    height: int | None = None
    preview: bytes | None = None


def format_of(content: bytes) -> str | None:
    """Return as what ffmpeg is to read *content*, by its first bytes; None for anything else.

    Formats that name other files (HLS, concat and the like) are never among them (SEC-MED-04).
    """
    if content[4:8] == b"ftyp" and content[8:12] not in (b"avif", b"avis", b"heic", b"mif1"):
        return "mov"
    if content.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if content.startswith(b"OggS"):
        return "ogg"
    if content.startswith(b"RIFF") and content[8:12] == b"WAVE":
        return "wav"
    if content.startswith(b"fLaC"):
        return "flac"
    if content.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")):
        return "mp3"
    if content.startswith((b"\xff\xf1", b"\xff\xf9")):
        return "aac"
    return None


class Films:
    """The workshop for sounds and films; there is none when *program* is not found."""

    def __init__(self, program: str) -> None:
        self._program = program

    @cached_property
    def found(self) -> str | None:
        """Where the program is."""
        return shutil.which(self._program) if self._program else None

    @property
    def open(self) -> bool:
        """Whether sounds and films can be sent."""
        return self.found is not None

    def check(self, content: bytes) -> None:
        """Raise :class:`Invalid` for what cannot be worked on here."""
        if not self.open:
            raise Invalid("file", _("Only pictures can be sent here: JPEG, PNG, GIF or WebP."))
        if len(content) > MAX_BYTES:
            raise Invalid("file", _("This file is too large: send one of at most 40 MB."))

    async def written_anew(self, content: bytes) -> Film:
        """Return *content* as everybody can play it, without anything said about it.

        Raises :class:`Invalid` for what is no sound or film, or is too long.
        """
        self.check(content)
        kind = format_of(content)
        if kind is None:
            raise _unreadable()
        with tempfile.TemporaryDirectory(prefix="fedcommune-film-") as folder:
            sent = Path(folder) / "sent"
            await asyncio.to_thread(sent.write_bytes, content)
            told = await self._run("-f", kind, "-i", str(sent), fails=True)
            duration, shape = _duration(told), _shape(told)
            if duration is None or not (shape or _AUDIO.search(told)):
                raise _unreadable()
            if duration > MAX_SECONDS:
                raise Invalid("file", _("This is too long: send at most ten minutes."))
            read = ("-f", kind, "-i", str(sent))
            if shape is None:
                return await self._sound(read, Path(folder), duration)
            return await self._film(read, Path(folder), duration, bool(_AUDIO.search(told)))

    async def _sound(self, read: tuple[str, ...], folder: Path, duration: float) -> Film:
        made = folder / "made.mp3"
        await self._run(
            *read, *_BARE, "-vn", "-c:a", "libmp3lame", "-q:a", "3", "-f", "mp3", str(made)
        )
        return Film("audio", "mp3", await asyncio.to_thread(made.read_bytes), duration)

    async def _film(
        self, read: tuple[str, ...], folder: Path, duration: float, heard: bool
    ) -> Film:
        made, preview = folder / "made.mp4", folder / "preview.png"
        scale = (
            f"scale='min({LONGEST_SIDE},iw)':'min({LONGEST_SIDE},ih)'"
            ":force_original_aspect_ratio=decrease:force_divisible_by=2"
        )
        await self._run(
            *read,
            *_BARE,
            *("-map", "0:v:0", "-map", "0:a:0?", "-vf", scale, "-fpsmax", str(FRAMES)),
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-pix_fmt", "yuv420p"),
            *("-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", "-f", "mp4", str(made)),
        )
        drawn = ("-f", "mov", "-i", str(made), "-frames:v", "1", "-f", "image2", str(preview))
        told = await self._run(*drawn)
        shape = _shape(told)
        return Film(
            "video" if heard else "gifv",
            "mp4",
            await asyncio.to_thread(made.read_bytes),
            duration,
            shape[0] if shape else None,
            shape[1] if shape else None,
            await asyncio.to_thread(preview.read_bytes),
        )

    async def _run(self, *arguments: str, fails: bool = False) -> str:
        """Run the program; return what it tells. It *fails* when it is only asked to look."""
        assert self.found is not None, "check() was asked before"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(CONFINED),
            self.found,
            *("-nostdin", "-hide_banner", "-y", "-protocol_whitelist", "file,pipe"),
            *arguments,
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=PIPE,
            env={},
        )
        try:
            async with asyncio.timeout(PATIENCE):
                _out, told = await process.communicate()
        except BaseException as error:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            if isinstance(error, TimeoutError):
                raise Invalid("file", _("This takes too long: send something shorter.")) from None
            raise
        if process.returncode and not fails:
            raise _unreadable()
        return told.decode("utf-8", "replace")


# Nothing of what is said about the file goes along: no place, no name, no chapters.
_BARE: Final = ("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn")


def _unreadable() -> Invalid:
    return Invalid("file", _("This is not a sound or a film that we can read."))


def _duration(told: str) -> float | None:
    found = _DURATION.search(told)
    return None if found is None else int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])


def _shape(told: str) -> tuple[int, int] | None:
    for line in told.splitlines():
        found = _VIDEO.search(line)
        if found is not None and _PICTURE_IN_SOUND not in line:
            return int(found[1]), int(found[2])
    return None
