"""A stranger's bytes become a document here, or are refused before they cost anything."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

import orjson

from federation.errors import RefusedError
from federation.names import MAX_DOCUMENT

MAX_DEPTH: Final = 32
MAX_NODES: Final = 20_000
# The largest number that every JSON reader understands alike (RFC 8259 §6, RFC 7493 §2.2).
MAX_NUMBER: Final = 2**53

# Possessive, and content with a missing closing quote: one pass whatever is thrown at it.
_STRINGS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_LONE_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def read(body: bytes, *, limit: int = MAX_DOCUMENT) -> dict[str, Any]:
    """Return the JSON object that *body* holds, as its author wrote it.

    Refused with 400 (413 when longer than *limit* bytes): anything that is not strict JSON
    in strict UTF-8 without byte order mark, a top level that is not an object, more than
    32 levels or 20,000 values, two members of one name in one object, NaN, infinities, and
    numbers of 2^53 and beyond. A lone surrogate becomes U+FFFD, which no id may contain.

    Source: RFC 8259, RFC 7493; W-DOC-11, SEC-PAR-01, SEC-PAR-02.
    """
    if len(body) > limit:
        raise RefusedError(f"This document is longer than {limit} bytes.", 413)
    simple = _is_simple(body)
    names = 0 if simple else _count_names(body)
    document = _parse(body)
    if not isinstance(document, dict):
        raise RefusedError("A document must be a JSON object.")
    members = _count_members(document)
    # A repeated name was lost in parsing, and its colon with it.
    if simple:
        repeated = orjson.dumps(document).count(b":") != body.count(b":")
    else:
        repeated = members != names
    if repeated:
        raise RefusedError("This document says the same thing twice: a name is repeated.")
    return document


def write(document: Mapping[str, Any]) -> bytes:
    """Return *document* as UTF-8 JSON; a float stays a float (``2.0``), order is kept."""
    return orjson.dumps(document)


def _is_simple(body: bytes) -> bool:
    """Tell whether *body* cannot be too deep or too large, and escapes none of its colons.

    Such are most messages: they need no look at what stands inside of strings.
    """
    return (
        body.count(b"[") + body.count(b"{") <= MAX_DEPTH
        and body.count(b",") < MAX_NODES - MAX_DEPTH
        and b"\\u003a" not in body
        and b"\\u003A" not in body
    )


def _count_names(body: bytes) -> int:
    """Count the names of members in *body*; refuse what is too deep or holds too much.

    Outside of strings, each colon of valid JSON stands between one name and its value.
    Linear time, before any parser sees the body.
    """
    if body.count(b'"') - body.count(b'\\"') > 4 * MAX_NODES:
        raise RefusedError(f"This document holds more than {MAX_NODES} values.")
    skeleton = _STRINGS.sub(b"", body)
    brackets = skeleton.translate(None, _NOT_BRACKETS)
    if skeleton.count(b",") + len(brackets) // 2 >= MAX_NODES:
        raise RefusedError(f"This document holds more than {MAX_NODES} values.")
    # Each round takes the innermost level away; what is left is deeper, or does not close.
    for _ in range(MAX_DEPTH):
        if not brackets:
            break
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise RefusedError(f"This document is not JSON, or deeper than {MAX_DEPTH} levels.")
    return skeleton.count(b":")


def _parse(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except ValueError as error:
        if not _SURROGATE.search(body):
            raise RefusedError("This document is not strict JSON.") from error
    # Some software cuts an emoji in two; the fast parser refuses the halves, this one does not.
    try:
        value = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError("This document is not strict JSON.") from error
    return _without_halves(value)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _without_halves(value: object) -> object:
    """Return *value* with U+FFFD for each lone surrogate; at most 32 levels deep."""
    if isinstance(value, str):
        return _LONE_SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_halves(item) for item in value]
    if isinstance(value, dict):
        return {_without_halves(name): _without_halves(item) for name, item in value.items()}
    return value


def _count_members(document: dict[str, Any]) -> int:
    """Count the members of every object inside *document*; refuse numbers out of range."""
    members = 0
    waiting: list[Any] = [document]
    for value in waiting:
        kind = type(value)
        if kind is dict:
            members += len(value)
            waiting += value.values()
        elif kind is list:
            waiting += value
        elif (kind is int or kind is float) and not -MAX_NUMBER < value < MAX_NUMBER:
            raise RefusedError("This document holds a number that is not safe to read.")
    return members
