"""One thing that a stranger may try, and short words for the usual ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from tests.hostile.siege import Message, Siege

Said = Callable[[Siege], Message | bytes]
LATER: Final = "2026-09-20T08:00:00Z"


@dataclass(frozen=True, slots=True)
class Attack:
    """Somebody sends something; *answer* is what the inbox says to it.

    *name* begins with the id of the requirement.
    """

    name: str
    said: Said
    by: str = "mallory"
    answer: int = 202


def note_with(**changes: Any) -> Said:
    """A note of Mallory with impossible properties."""
    return lambda siege: siege.says("mallory", "Create", siege.note("mallory", "odd", **changes))


def activity_with(**changes: Any) -> Said:
    """An activity of Mallory with impossible properties."""
    return lambda siege: {
        **siege.says("mallory", "Like", siege.note("ada", "kept")["id"]),
        **changes,
    }


def about(type_: str, by: str, target: Callable[[Siege], object], **more: Any) -> Said:
    return lambda siege: siege.says(by, type_, target(siege), **more)


def kept(siege: Siege) -> str:
    return str(siege.note("ada", "kept")["id"])


def raw(text: str) -> Said:
    """Bytes that Mallory signs, with an id and an actor in front."""

    def said(siege: Siege) -> bytes:
        start = orjson.dumps(siege.says("mallory", "Like", kept(siege))).decode()[:-1]
        return f"{start},{text}}}".encode()

    return said
