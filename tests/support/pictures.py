"""Pictures for the tests, drawn here: plain, turned, placed on a map, moving, too large."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

# What a telephone writes into the pictures it takes.
CAMERA = "Telephone of Marie"


def drawn(size: tuple[int, int] = (800, 600), colour: str = "#3a7ca5") -> Image.Image:
    """Return a picture whose left upper corner is white, to see how it is turned."""
    picture = Image.new("RGB", size, colour)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, size[0] // 4, size[1] // 4), fill="white")
    return picture


def encoded(picture: Image.Image, kind: str = "PNG", **more: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **more)
    return written.getvalue()


def png(size: tuple[int, int] = (800, 600), colour: str = "#3a7ca5") -> bytes:
    return encoded(drawn(size, colour))


def from_a_telephone(size: tuple[int, int] = (800, 600)) -> bytes:
    """Return a JPEG that lies on its side and tells where and with what it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise
    exif[0x0110] = CAMERA
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "S", (21.0, 10.0, 14.0), "E", (55.0, 17.0, 17.0)
    return encoded(drawn(size), "JPEG", exif=exif.tobytes(), comment=b"a secret comment")


def moving(frames: int = 4, size: tuple[int, int] = (120, 80)) -> bytes:
    """Return a GIF of so many frames."""
    first, *others = (Image.new("RGB", size, (20 * n % 256, 90, 90)) for n in range(frames))
    return encoded(first, "GIF", save_all=True, append_images=others, duration=80, loop=0)


def bomb() -> bytes:
    """Return a PNG of a few kilobytes that would be 2,500 megapixels."""
    small = encoded(Image.new("1", (8, 8)))
    return small[:16] + (50_000).to_bytes(4, "big") * 2 + small[24:]


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))
