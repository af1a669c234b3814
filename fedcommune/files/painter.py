"""Decode pictures of strangers and draw them anew, in a process that can do nothing else.

Run by path, never imported: ``python -I painter.py``. It reads one order after the other
from its standard input and writes one answer to each: a line of JSON, then so many bytes.
It cannot open a file or a socket (no descriptor is left to open), nor write one, and its
memory and its time are limited (SEC-MED-04).
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings
from typing import Any, BinaryIO, Final

import blurhash
from PIL import (
    AvifImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageChops,
    ImageCms,
    ImageFile,
    ImageOps,
    ImagePalette,
    ImageSequence,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

# Imported now, because nothing can be imported later.
LOADED: Final = (
    AvifImagePlugin,
    ExifTags,
    GifImagePlugin,
    ImageChops,
    ImagePalette,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
FORMATS: Final = tuple(
    each for each in ("JPEG", "PNG", "GIF", "WEBP", "AVIF") if each in Image.OPEN
)

MAX_PIXELS: Final = 33_177_600
LONGEST_SIDE: Final = 16_000
MAX_FRAMES: Final = 500
# Of all frames together: what one still picture may have, six times.
MAX_FRAMES_PIXELS: Final = 200_000_000

# What is kept of a larger one, what a small one has, and a frame of one that moves.
MAX_KEPT_PIXELS: Final = 8_294_400
SMALL_PIXELS: Final = 230_400
MAX_MOVING_PIXELS: Final = 921_600

MEMORY: Final = 2 * 1024**3
SECONDS: Final = 30


class Refused(Exception):
    """The picture is not drawn; the text is for whoever sent it."""


def main() -> None:
    """Draw until there are no more orders."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    PngImagePlugin.MAX_TEXT_CHUNK = 64 * 1024
    PngImagePlugin.MAX_TEXT_MEMORY = 256 * 1024
    reading, writing = sys.stdin.buffer, sys.stdout.buffer
    _warm_up()
    _confine()
    while line := reading.readline():
        order = json.loads(line)
        content = reading.read(order["length"])
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS, resource.RLIM_INFINITY))
        _answer(writing, order, content)


def _answer(writing: BinaryIO, order: dict[str, Any], content: bytes) -> None:
    parts: list[bytes] = []
    try:
        answer = draw(order, content, parts)
    except Refused as error:
        answer, parts = {"refused": str(error)}, []
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        answer, parts = {"refused": "size"}, []
    except MemoryError:
        answer, parts = {"refused": "size"}, []
    except Exception as error:  # whatever a decoder stumbles over, it is not a picture
        answer, parts = {"refused": "unreadable", "why": type(error).__name__}, []
    answer["lengths"] = [len(part) for part in parts]
    writing.write(json.dumps(answer).encode() + b"\n")
    for part in parts:
        writing.write(part)
    writing.flush()


def draw(order: dict[str, Any], content: bytes, parts: list[bytes]) -> dict[str, Any]:
    """Draw what *order* asks for into *parts*; return what there is to say of it.

    The purpose ``attachment`` makes the picture, a small one, and a blurhash; ``cover`` one
    picture of exactly *width* and *height*, ``within`` one that is not larger.
    """
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        width, height = opened.size
        if width * height > MAX_PIXELS or max(width, height) > LONGEST_SIDE:
            raise Refused("size")
        moves = opened.format in ("GIF", "WEBP") and getattr(opened, "n_frames", 1) > 1
        kind = opened.format or ""
        if order["purpose"] != "attachment":
            if kind == "JPEG":  # decoded at a fraction of its size, when that is enough
                opened.draft(None, (order["width"] * 2, order["height"] * 2))
            return fitted(order, upright(opened), kind, parts)
        if moves:
            ending, original, size = drawn_moving(opened)
            opened.seek(0)
            still = upright(opened)
        else:
            still = upright(opened)
            ending, original = drawn(within(still, MAX_KEPT_PIXELS), kind)
            size = within(still, MAX_KEPT_PIXELS).size
    small = within(still, SMALL_PIXELS)
    small_ending, small_drawn = drawn(small, kind)
    parts += [original, small_drawn]
    return {
        "endings": [ending, small_ending],
        "sizes": [size, small.size],
        "blurhash": blurred(small),
    }


def fitted(
    order: dict[str, Any], still: Image.Image, kind: str, parts: list[bytes]
) -> dict[str, Any]:
    """Draw one picture that covers, or stays within, the size that is asked for."""
    room = (order["width"], order["height"])
    if order["purpose"] == "cover":
        picture = ImageOps.fit(still, room, Image.Resampling.LANCZOS)
    else:
        picture = still.copy()
        picture.thumbnail(room, Image.Resampling.LANCZOS)
    ending, content = drawn(picture, kind)
    parts.append(content)
    return {"endings": [ending], "sizes": [picture.size], "blurhash": blurred(picture)}


def upright(opened: Image.Image) -> Image.Image:
    """Return the picture as it is looked at: turned, in sRGB, eight bits a colour, bare."""
    profile = opened.info.get("icc_profile")
    opened.load()
    picture = ImageOps.exif_transpose(opened)
    transparent = "A" in picture.getbands() or "transparency" in picture.info
    if picture.mode.startswith(("I", "F")):
        picture = picture.convert("F").point(lambda value: value / 256).convert("L")
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        picture = _in_srgb(picture, profile)
    picture = picture.convert("RGBA" if transparent else "RGB")
    # Pixels and nothing else: what was written beside them stays behind.
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """Return the colours as they were meant; a profile that makes no sense is left aside."""
    try:
        turned = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return picture if turned is None else turned


def within(picture: Image.Image, pixels: int) -> Image.Image:
    """Return *picture* made so small that it has at most so many *pixels*."""
    width, height = picture.size
    if width * height <= pixels:
        return picture
    scale = (pixels / (width * height)) ** 0.5
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def drawn(picture: Image.Image, kind: str) -> tuple[str, bytes]:
    """Return the ending and the bytes of *picture*: what has holes or sharp lines as PNG."""
    written = io.BytesIO()
    if kind == "WEBP":
        picture.save(written, "WEBP", quality=82, method=4)
        return "webp", written.getvalue()
    if picture.mode == "RGBA" or kind in ("PNG", "GIF"):
        picture.save(written, "PNG", compress_level=6)
        return "png", written.getvalue()
    picture.save(written, "JPEG", quality=85, progressive=True)
    return "jpg", written.getvalue()


def drawn_moving(opened: Image.Image) -> tuple[str, bytes, tuple[int, int]]:
    """Return the ending, the bytes and the size of a picture that moves."""
    frames = getattr(opened, "n_frames", 1)
    width, height = opened.size
    if frames > MAX_FRAMES or frames * width * height > MAX_FRAMES_PIXELS:
        raise Refused("frames")
    loop = int(opened.info.get("loop", 0))
    drawn_frames: list[Image.Image] = []
    durations: list[int] = []
    for frame in ImageSequence.Iterator(opened):
        # Faster than this nobody shows them, and slower is a picture that stands.
        durations.append(max(20, min(int(frame.info.get("duration") or 100), 10_000)))
        drawn_frames.append(within(frame.convert("RGBA"), MAX_MOVING_PIXELS))
    first, *others = drawn_frames
    written = io.BytesIO()
    if opened.format == "GIF":
        first.save(
            written,
            "GIF",
            save_all=True,
            append_images=others,
            duration=durations,
            loop=loop,
            disposal=2,
        )
        return "gif", written.getvalue(), first.size
    first.save(
        written,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=durations,
        loop=loop,
        quality=75,
        method=3,
    )
    return "webp", written.getvalue(), first.size


def blurred(picture: Image.Image) -> str:
    """Return a few letters from which an app draws what the picture is like."""
    tiny = picture.convert("RGB")
    tiny.thumbnail((64, 64))
    across, down = (4, 3) if tiny.width >= tiny.height else (3, 4)
    # The library closes the picture that it is given.
    return str(blurhash.encode(tiny.copy(), x_components=across, y_components=down))


def _warm_up() -> None:
    """Draw one tiny picture of each kind, so that whatever is loaded late is loaded now."""
    for kind in ("JPEG", "PNG", "GIF", "WEBP", "AVIF"):
        written = io.BytesIO()
        try:
            Image.new("RGB", (8, 8)).save(written, kind)
        except (OSError, KeyError, ValueError):
            continue  # this Pillow was built without it
        for purpose in ("attachment", "cover"):
            order = {"purpose": purpose, "width": 4, "height": 4}
            draw(order, written.getvalue(), [])


def _confine() -> None:
    """Give up what drawing does not need, for good."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Standard input, output and error are open already; nothing else can be.
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


if __name__ == "__main__":
    main()
