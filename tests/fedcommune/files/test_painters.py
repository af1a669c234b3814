"""Pictures drawn anew in processes that can do nothing else, and that end when idle."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from fedcommune.errors import Invalid
from fedcommune.files import painters as painters_module
from fedcommune.files.painters import PAINTER, Painters
from tests.support import pictures


@pytest.fixture
async def painters() -> AsyncIterator[Painters]:
    made = Painters(1, idle=0.2)
    yield made
    await made.aclose()


def children() -> list[psutil.Process]:
    return [
        each
        for each in psutil.Process().children()
        if str(PAINTER) in each.cmdline() and each.status() != psutil.STATUS_ZOMBIE
    ]


async def test_there_is_no_process_before_the_first_picture_nor_after_the_last(
    painters: Painters,
) -> None:
    assert children() == []

    await painters.attachment(pictures.png())
    await painters.attachment(pictures.png())
    assert len(children()) == 1
    for _ in range(100):
        await asyncio.sleep(0.1)
        if not children():
            break

    assert children() == []
    assert painters.running == 0
    # And it begins again.
    assert (await painters.attachment(pictures.png())).whole.ending == "png"


async def test_a_painter_that_dies_costs_one_picture(painters: Painters) -> None:
    await painters.attachment(pictures.png())
    (process,) = children()
    os.kill(process.pid, signal.SIGKILL)
    process.wait(5)

    drawn = [
        await asyncio.gather(painters.attachment(pictures.png()), return_exceptions=True)
        for _ in range(2)
    ]

    assert not isinstance(drawn[-1][0], BaseException)


async def test_sec_med_04_who_takes_too_long_is_stopped(
    painters: Painters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(painters_module, "PATIENCE", 0.001)

    with pytest.raises(Invalid, match="too long"):
        await painters.attachment(pictures.png((3000, 2000)))

    assert children() == []


def test_sec_med_04_a_painter_can_open_neither_files_nor_sockets(tmp_path: Path) -> None:
    script = tmp_path / "inside.py"
    script.write_text(
        f"""
import importlib.util, socket
spec = importlib.util.spec_from_file_location("painter", {str(PAINTER)!r})
painter = importlib.util.module_from_spec(spec)
spec.loader.exec_module(painter)
painter._warm_up()
painter._confine()
for what in (lambda: open("/etc/passwd"), lambda: open("/tmp/x", "w"), socket.socket):
    try:
        what()
    except OSError as error:
        print(error.errno)
try:
    bytearray(3 * 1024**3)
except MemoryError:
    print("memory")
"""
    )

    done = subprocess.run(
        [sys.executable, "-I", str(script)], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["24", "24", "24", "memory"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
async def test_every_kind_that_is_announced_is_drawn(painters: Painters, kind: str) -> None:
    sent = pictures.encoded(pictures.drawn(), kind)

    drawing = await painters.attachment(sent)
    face = await painters.sized(sent, 100, 100, "cover")
    small = await painters.sized(sent, 100, 100, "within")

    assert (drawing.whole.width, drawing.whole.height) == (800, 600)
    assert (face.whole.width, face.whole.height) == (100, 100)
    assert (small.whole.width, small.whole.height) == (100, 75)
    assert pictures.opened(drawing.whole.content).size == (800, 600)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
async def test_every_mode_of_a_picture_becomes_plain_colours(painters: Painters, mode: str) -> None:
    from PIL import Image

    drawing = await painters.attachment(pictures.encoded(Image.new(mode, (40, 30))))

    assert pictures.opened(drawing.whole.content).mode in ("RGB", "RGBA")


async def test_a_large_picture_is_kept_smaller(painters: Painters) -> None:
    drawing = await painters.attachment(pictures.encoded(pictures.drawn((5000, 4000)), "JPEG"))

    assert drawing.whole.width * drawing.whole.height <= 8_294_400
    assert drawing.small.width * drawing.small.height <= 230_400
