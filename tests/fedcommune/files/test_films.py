"""Sounds and films written anew, telling nothing of where they were taken; needs ffmpeg."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from fedcommune.errors import Invalid
from fedcommune.files import films
from fedcommune.files.films import Films

FFMPEG = shutil.which("ffmpeg")
with_ffmpeg = pytest.mark.skipif(FFMPEG is None, reason="ffmpeg is not on this machine")

PLAYLIST = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


def made(folder: Path, name: str, *arguments: str) -> bytes:
    """Have ffmpeg make something of its own test pictures and tones."""
    assert FFMPEG is not None
    path = folder / name
    subprocess.run(
        [FFMPEG, "-y", "-loglevel", "error", *arguments, str(path)], check=True, capture_output=True
    )
    return path.read_bytes()


def film(folder: Path, name: str = "film.mp4", *, heard: bool = True) -> bytes:
    sound = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2") if heard else ()
    return made(
        folder,
        name,
        *("-f", "lavfi", "-i", "testsrc=duration=2:size=320x240:rate=10", *sound),
        *("-metadata", "location=+21.1706+055.2882/", "-metadata", "title=Chez Marie", "-shortest"),
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 20, "mov"),
        (b"\x00\x00\x00\x18ftypavif" + b"\x00" * 20, None),
        (b"\x1a\x45\xdf\xa3" + b"\x00" * 20, "matroska"),
        (b"OggS" + b"\x00" * 20, "ogg"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "wav"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", None),
        (b"ID3\x04", "mp3"),
        (PLAYLIST, None),
        (b"ffconcat version 1.0\nfile /etc/passwd", None),
        (b"\xff\xd8\xff\xe0", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_sec_med_04_only_what_contains_itself_is_taken_for_a_film(
    content: bytes, kind: str | None
) -> None:
    assert films.format_of(content) == kind


async def test_without_the_program_it_is_said_that_only_pictures_can_be_sent() -> None:
    workshop = Films("/nowhere/ffmpeg")

    assert not workshop.open
    with pytest.raises(Invalid, match="Only pictures"):
        await workshop.written_anew(b"OggS")


@with_ffmpeg
@pytest.mark.parametrize(("name", "heard"), [("a.mp4", True), ("a.webm", True), ("a.mov", False)])
async def test_sec_med_02_a_film_plays_everywhere_and_tells_nothing(
    tmp_path: Path, name: str, heard: bool
) -> None:
    sent = film(tmp_path, name, heard=heard)
    assert b"Chez Marie" in sent

    written = await Films("ffmpeg").written_anew(sent)

    assert written.kind == ("video" if heard else "gifv")
    assert (written.width, written.height) == (320, 240)
    assert 1.5 < written.duration < 2.5
    assert written.content[4:8] == b"ftyp"
    for told in (b"Chez Marie", b"+21.1706", b"055.2882"):
        assert told not in written.content
    assert written.preview is not None
    assert written.preview.startswith(b"\x89PNG")


@with_ffmpeg
async def test_a_sound_becomes_mp3(tmp_path: Path) -> None:
    sent = made(
        tmp_path,
        "a.ogg",
        *("-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-c:a", "libvorbis"),
        *("-metadata", "artist=Marie"),
    )

    written = await Films("ffmpeg").written_anew(sent)

    assert (written.kind, written.ending) == ("audio", "mp3")
    assert films.format_of(written.content) == "mp3"
    assert b"Marie" not in written.content
    assert written.preview is None


@with_ffmpeg
@pytest.mark.parametrize("content", [b"OggS" + b"\x00" * 500, b"\x1a\x45\xdf\xa3rubbish", PLAYLIST])
async def test_what_is_no_film_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="not a sound or a film"):
        await Films("ffmpeg").written_anew(content)
