"""Every property of a stranger's document is read through one of these, whatever its shape.

What has an unexpected type counts as absent: nothing here raises (SEC-PAR-04).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from federation import iris as _iris
from federation.errors import RefusedError
from federation.names import AS2, AS2_SPELLINGS, PUBLIC, PUBLIC_SPELLINGS

MAX_ID: Final = 2048
MAX_TEXT: Final = 200_000
MAX_ADDRESSES: Final = 1_000
_BIGGEST: Final = 2**63 - 1

_POISON: Final = re.compile("[\x00\ud800-\udfff]")
_NOT_IN_IDS: Final = re.compile('[\x00-\x20\x7f-\x9f\ud800-\udfff\ufffd\\s"<>\\\\]')
_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)
_DIGITS: Final = re.compile(r"-?\d{1,19}", re.ASCII)


def one(value: object) -> Any:
    """Return the first of several values, or the only one; None when there is none."""
    if isinstance(value, list):
        return value[0] if value else None
    return value


def many(value: object) -> list[Any]:
    """Return the values as a list, whether there are none, one or several."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def clean(text: str) -> str:
    """Return *text* without U+0000 and lone surrogates, which no database takes (SEC-PAR-02)."""
    return _POISON.sub("", text) if _POISON.search(text) else text


def string(document: Mapping[str, Any], name: str, *, limit: int = MAX_TEXT) -> str | None:
    """Return the text *name* of *document*, cleaned, cut after *limit* characters."""
    value = one(document.get(name))
    return clean(value)[:limit] if isinstance(value, str) else None


def identifier(document: Mapping[str, Any]) -> str | None:
    """Return the id of *document*: one string, or None when it has none (it is anonymous).

    Raises RefusedError for an id that is anything but a string, or that contains what no
    IRI contains. Source: W-ORI-04, SEC-ORI-02.
    """
    value = document.get("id", document.get("@id"))
    if value is None:
        return None
    if not isinstance(value, str) or not _is_iri(value):
        raise RefusedError("The id of a document must be one IRI.")
    if "id" in document and document.get("@id", value) != value:
        raise RefusedError("This document has two ids.")
    return value


def types(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the type names of *document*, without ``as:`` or the ActivityStreams IRI."""
    value = document.get("type", document.get("@type"))
    if isinstance(value, str):
        return (_local_name(value),)
    return tuple(_local_name(item) for item in many(value)[:8] if isinstance(item, str))


def iri(value: object) -> str | None:
    """Return the IRI that *value* is or points to: a string, ``{"id"}``, ``{"href"}``, or a list.

    Any scheme; use :func:`link` for what will be asked or shown.
    """
    value = one(value)
    if isinstance(value, Mapping):
        value = value.get("id") or value.get("@id") or value.get("href")
    return value if isinstance(value, str) and _is_iri(value) else None


def iris(value: object) -> list[str]:
    """Return all the IRIs in *value*, in order, each once, Public in its full spelling."""
    found: dict[str, None] = {}
    for item in many(value):
        address = iri(item)
        if address is not None:
            found[PUBLIC if address in PUBLIC_SPELLINGS else address] = None
    return list(found)


def link(value: object, *, secure: bool = False) -> str | None:
    """Return the web address that *value* is or points to: http(s), without user name.

    Of several, a page (``text/html``) is preferred, as PeerTube lists its videos with the
    page among them. With *secure*, only https. Source: W-DOC-04, W-DOC-06, SEC-XSS-03.
    """
    candidates = many(value)[:50]
    pages = [
        item
        for item in candidates
        if isinstance(item, Mapping) and item.get("mediaType") == "text/html"
    ]
    for item in pages + candidates:
        if isinstance(item, Mapping):
            item = item.get("href") or item.get("url") or item.get("id")
        item = one(item)
        if isinstance(item, Mapping):
            item = item.get("href")
        if isinstance(item, str) and _is_iri(item):
            try:
                origin = _iris.origin(item)
            except RefusedError:
                continue
            if not secure or origin.scheme == "https":
                return item
    return None


def moment(value: object) -> datetime | None:
    """Return the RFC 3339 date-time *value* in UTC; None when it is none, or not of 1970–2100.

    Seconds and zone may be missing (then UTC), a leap second is the second before it.
    Source: RFC 3339 §5.6, SEC-PAR-03.
    """
    value = one(value)
    match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    day, minute, second, fraction, zone = match.groups()
    second = "59" if second == "60" else second or "00"
    zone = "+00:00" if zone in (None, "Z", "z") else zone
    try:
        when = datetime.fromisoformat(f"{day}T{minute}:{second}.{(fraction or '0')[:6]:0<6}{zone}")
        when = when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return when if 1970 <= when.year <= 2100 else None


def timestamp(when: datetime) -> str:
    """Return *when* (aware) as RFC 3339: UTC ends in ``Z``, another zone keeps its offset.

    To the second, or to the millisecond when there is a fraction. A local time (of an event)
    is kept local, which is why UTC is not forced.
    """
    precision = "milliseconds" if when.microsecond else "seconds"
    return when.isoformat(timespec=precision).replace("+00:00", "Z")


def natural(
    document: Mapping[str, Any], name: str, *, limit: int = MAX_TEXT
) -> tuple[str, str | None]:
    """Return the text *name* and its language (a BCP 47 tag, or None), from ``nameMap`` too.

    The text is empty when there is none. Source: ActivityStreams 2.0 §4.7, W-DOC-11.
    """
    text = string(document, name, limit=limit)
    translations = document.get(name + "Map")
    spoken = (
        {
            language: clean(said)[:limit]
            for language, said in list(translations.items())[:100]
            if isinstance(said, str) and isinstance(language, str)
        }
        if isinstance(translations, Mapping)
        else {}
    )
    if text is None:
        code, text = next(iter(spoken.items()), (None, ""))
        return text, _language(code)
    same = [code for code, said in spoken.items() if said == text]
    codes = same or (list(spoken) if len(spoken) == 1 else [])
    return text, _language(codes[0]) if codes else None


def number(value: object) -> int | None:
    """Return a whole number, also when it was written as text or with ``.0``, within 64 bits."""
    value = one(value)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return max(-_BIGGEST, min(value, _BIGGEST))


def count(value: object) -> int | None:
    """Return how many: a whole number, never below zero; None when it is not said."""
    found = number(value)
    return None if found is None else max(0, found)


def decimal(value: object) -> float | None:
    """Return a number with decimals (a latitude, say), also from a whole number."""
    value = one(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -1e15 < value < 1e15 else None


def boolean(value: object) -> bool | None:
    """Return yes or no, also when written as text; None when it is not said."""
    value = one(value)
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def speaks_activitystreams(document: Mapping[str, Any]) -> bool:
    """Tell whether the ``@context`` of *document* names ActivityStreams (W-DOC-11)."""
    return any(
        isinstance(item, str) and item in AS2_SPELLINGS
        for item in many(document.get("@context"))[:50]
    )


def language(value: object) -> str | None:
    """Return a BCP 47 language tag from ``"fr"`` or ``{"identifier": "fr"}`` (Lemmy, PeerTube)."""
    value = one(value)
    if isinstance(value, Mapping):
        value = value.get("identifier")
    return _language(value)


def _language(code: object) -> str | None:
    if not isinstance(code, str) or not _LANGUAGE.fullmatch(code):
        return None
    return None if code in ("und", "mul", "zxx") else code


def _is_iri(value: str) -> bool:
    return (
        0 < len(value) <= MAX_ID
        and not _NOT_IN_IDS.search(value)
        and (value.isascii() or len(value.encode()) <= MAX_ID)
    )


def _local_name(name: str) -> str:
    for prefix in ("as:", AS2 + "#"):
        name = name.removeprefix(prefix)
    return clean(name)[:200]
