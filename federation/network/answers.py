"""What a stranger answered, read with suspicion: sizes, media type, and what to do next."""

from __future__ import annotations

import re
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from federation import names
from federation.errors import FederationError, GoneError, RefusedError, UnavailableError

MAX_HEADERS: Final = 16 * 1024
_DAY: Final = 24 * 3600.0
_PARAMETER: Final = re.compile(
    r";[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64})=(\"[^\"\\]{0,512}\"|[^\s;\",\\]{0,512})[ \t]*"
)
_ESSENCE: Final = re.compile(r"[ \t]*([!#$&^_.+0-9A-Za-z-]{1,64}/[!#$&^_.+0-9A-Za-z-]{1,64})[ \t]*")


@dataclass(frozen=True, slots=True)
class Response:
    """One answer to a GET: the address it really came from, and its decoded body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without parameters, lower case; empty when absent or malformed."""
        return media_type(self.headers.get("Content-Type", ""))[0]

    @property
    def is_as2(self) -> bool:
        """Whether the media type is that of an ActivityStreams document (SEC-NET-09)."""
        return is_as2(self.headers.get("Content-Type", ""))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a POST. *retry_after* is in seconds, at most a day, when it was said."""

    status: int
    retry_after: float | None
    headers: Mapping[str, str]
    body: bytes


def is_as2(header: str) -> bool:
    """Tell whether a Content-Type is that of ActivityStreams (SEC-NET-09).

    ``application/ld+json`` only with the profile, read as a parameter.
    """
    essence, parameters = media_type(header)
    if essence == names.LD_JSON:
        return names.AS2 in parameters.get("profile", "").split()
    return essence == names.ACTIVITY_JSON


def media_type(header: str) -> tuple[str, dict[str, str]]:
    """Split a Content-Type into its lower-case essence and its parameters (SEC-NET-09).

    A header that is not exactly one media type yields ``("", {})``.
    """
    match = _ESSENCE.match(header)
    if match is None or len(header) > 1024:
        return "", {}
    parameters: dict[str, str] = {}
    position = match.end()
    while position < len(header):
        found = _PARAMETER.match(header, position)
        if found is None:
            # One stray semicolon at the end is common, and harmless.
            return (
                ("", {}) if header[position:].strip(" \t") != ";" else (_lower(match), parameters)
            )
        parameters.setdefault(found[1].lower(), found[2].strip('"'))
        position = found.end()
    return _lower(match), parameters


def _lower(match: re.Match[str]) -> str:
    return match[1].lower()


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how many seconds a server asks us to wait, from 0 to a day, or None.

    Source: RFC 9110 §10.2.3 (a number of seconds or a date). *now* is aware.
    """
    value = headers.get("Retry-After", "").strip()
    if not value or len(value) > 64:
        return None
    if value.isascii() and value.isdigit():
        return min(float(value), _DAY)
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return min(max((moment - now).total_seconds(), 0.0), _DAY)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def failure(response: Response, now: datetime) -> FederationError | None:
    """Return what is wrong with *response*, sorted by what to do next; None for a success."""
    status = response.status
    if 200 <= status < 300:
        return None
    if status == 410:
        return GoneError("The other server says that this no longer exists.")
    if status in (408, 425, 429) or status >= 500:
        return UnavailableError(
            "The other server asks to come back later.",
            retry_after=retry_after(response.headers, now),
        )
    if status == 404:
        return RefusedError("The other server knows nothing at this address.", 404)
    return RefusedError("The other server does not show this to us.", status)


async def decoded(chunks: AsyncIterator[bytes], *, headers: Mapping[str, str], limit: int) -> bytes:
    """Return the body made of *chunks*, at most *limit* bytes on the wire and decoded (SEC-NET-08).

    One layer of gzip is undone although it was not asked for; any other coding is refused.
    Raises RefusedError.
    """
    length = headers.get("Content-Length", "")
    if length.isdigit() and int(length[:20]) > limit:
        raise _too_long()
    coding = headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip"):
        raise RefusedError("The answer is packed in a way that we did not ask for.")
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS) if coding.endswith("gzip") else None
    body = bytearray()
    wire = 0
    async for chunk in chunks:
        wire += len(chunk)
        if inflate is not None:
            chunk = _inflated(inflate, chunk, limit + 1 - len(body))
        body += chunk
        if wire > limit or len(body) > limit:
            raise _too_long()
    if inflate is not None and not inflate.eof:
        raise RefusedError("The packed answer is cut short.")
    return bytes(body)


def _inflated(inflate: zlib._Decompress, chunk: bytes, ceiling: int) -> bytes:
    """Unpack *chunk*; the ceiling is one byte above the limit, so whoever reaches it is refused."""
    try:
        data = inflate.decompress(chunk, ceiling)
    except zlib.error as error:
        raise RefusedError("The packed answer is broken.") from error
    if inflate.unused_data:
        raise RefusedError("The packed answer has something behind it.")
    return data


def _too_long() -> RefusedError:
    return RefusedError("The answer is too long.")
