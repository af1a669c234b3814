"""Structured field values (RFC 9651) as strangers write them, with one kind of failure."""

from __future__ import annotations

from typing import Any, Final

import http_sf

from federation.errors import RefusedError
from federation.signatures.message import MAX_FIELD

# A key twice is legal in RFC 9651 (the last one wins) and has no honest use in a signature.
_UNREADABLE: Final = (ValueError, TypeError, OverflowError, OSError)


def dictionary(value: str) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Return the members of a dictionary field: name → (value, parameters).

    Raises RefusedError(400) for anything but a dictionary of at most 8 KiB in which no key
    and no parameter comes twice.
    """
    if len(value) > MAX_FIELD:
        raise RefusedError("A signature header is longer than 8 KiB.", 400)
    try:
        members = http_sf.parse(value.encode("ascii"), tltype="dictionary", on_duplicate_key=_twice)
    except _UNREADABLE as error:
        raise RefusedError("A signature header is not a structured field.", 400) from error
    if not isinstance(members, dict):
        raise RefusedError("A signature header is not a dictionary.", 400)
    return {
        name: member if isinstance(member, tuple) else (member, {})
        for name, member in members.items()
    }


def written(items: list[Any], parameters: dict[str, Any]) -> str:
    """Return the one canonical spelling of an inner list with its parameters."""
    try:
        return http_sf.ser([(items, parameters)])
    except _UNREADABLE as error:
        raise RefusedError("A signature header cannot be written canonically.", 400) from error


def _twice(key: str, kind: str) -> None:
    raise RefusedError(f"The {kind} key {key} comes twice in a signature header.", 400)
