"""Files in JSON, read whole and therefore not larger than a commune needs."""

from __future__ import annotations

from typing import Any, BinaryIO, Final

import orjson

from fedcommune.domain.portability.model import Unreadable
from fedcommune.domain.portability.readers import opened

LARGEST: Final = 64 * 1024 * 1024


def read(stream: BinaryIO) -> Any:
    """Return what a file in JSON says. Raises Unreadable."""
    head = opened.begin(stream)
    body = head + stream.read(LARGEST + 1 - len(head))
    if len(body) > LARGEST:
        raise Unreadable("At most 64 MB of JSON: take only what is in the commune.")
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"This is not JSON in UTF-8: {error}.") from None


def text(value: object) -> str:
    """Return a value that is a text or a number as text, anything else as nothing."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a list, or of words parted by commas or semicolons."""
    if isinstance(value, str):
        value = value.replace(";", ",").split(",")
    if not isinstance(value, list):
        return ()
    return tuple(word for each in value if (word := text(each)))


def branch(value: object) -> dict[str, Any]:
    """Return an object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}
