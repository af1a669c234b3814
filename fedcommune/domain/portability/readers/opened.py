"""A file just opened: is it text at all, in which encoding, and its lines one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from fedcommune.domain.portability.model import Unreadable

SAMPLE: Final = 64 * 1024
LONGEST_LINE: Final = 1024 * 1024
# Archives are never unpacked here: who does it sees how large they become.
_OTHER: Final = (
    (b"PK\x03\x04", "an archive or a spreadsheet"),
    (b"\x1f\x8b", "an archive"),
    (b"BZh", "an archive"),
    (b"\xfd7zXZ", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x28\xb5\x2f\xfd", "an archive"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
)
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")


def begin(stream: BinaryIO) -> bytes:
    """Return the first bytes of a file. Raises Unreadable for what is no text."""
    head = b""
    while len(head) < SAMPLE and (more := stream.read(SAMPLE - len(head))):
        head += more
    for magic, name in _OTHER:
        if head.startswith(magic):
            raise Unreadable(f"This is {name}: unpack it, or save it as text (CSV in UTF-8).")
    if head.startswith(_WIDE):
        raise Unreadable("This file is in UTF-16: save it in UTF-8.")
    if b"\x00" in head:
        raise Unreadable("This is no text: there are null bytes in it.")
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise Unreadable("This file is empty.")
    return head


def encoding_of(head: bytes) -> str:
    """Return ``utf-8`` when the first bytes of a file are UTF-8, else ``cp1252``."""
    try:
        # The last character may be cut in two.
        head.decode("utf-8") if len(head) < SAMPLE else head[: head.rfind(b"\n")].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def lines(stream: BinaryIO) -> Iterator[str]:
    """Yield the lines of a text file, with their ends.

    What is not of the encoding becomes lone surrogates, so that one line is refused and not
    the file. Raises Unreadable for what is no text, and for a line that never ends.
    """
    head = begin(stream)
    encoding = encoding_of(head)
    *whole, cut = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for line in whole:
        yield (line + b"\n").decode(encoding, "surrogateescape")
    number = len(whole) + 1
    # The sample may have cut a line in the middle.
    rest = cut + stream.readline(LONGEST_LINE)
    while rest:
        if len(rest) >= LONGEST_LINE and not rest.endswith(b"\n"):
            raise Unreadable(f"Line {number} is longer than a line can be: is this the file?")
        yield rest.decode(encoding, "surrogateescape")
        number += 1
        rest = stream.readline(LONGEST_LINE)
