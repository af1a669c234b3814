"""The dates that keys and proofs carry: exact, and allowed to lie centuries ahead."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from federation.errors import RefusedError

_INSTANT: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


def read(value: object) -> datetime:
    """Return the RFC 3339 date-time *value* in UTC, whatever its year.

    Unlike the dates of posts these are never stored, and «until the year 3000» is a usual
    way to say «for ever». RefusedError(401) without a full date, time and zone.
    """
    match = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise RefusedError("A date must be written as in «2026-09-01T12:00:00Z».", 401)
    day, time, fraction, zone = match.groups()
    try:
        return datetime.fromisoformat(
            f"{day}T{time}.{(fraction or '0')[:6]:0<6}{'+00:00' if zone == 'Z' else zone}"
        ).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RefusedError("A date of a key or proof does not exist.", 401) from error


def write(moment: datetime) -> str:
    """Return *moment* (aware) to the second in UTC, as ``created`` carries it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
