"""Entities become JSON; moments become text the way apps parse them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from starlette.responses import Response

JSON: Final = "application/json; charset=utf-8"
_ENCODER: Final = msgspec.json.Encoder()


def written(answer: Any, status: int = 200) -> Response:
    """Return *answer* as a response; one that is a response already is left alone."""
    if isinstance(answer, Response):
        return answer
    return Response(_ENCODER.encode(answer), status, headers={"Content-Type": JSON})


def moment(value: datetime) -> str:
    """``2026-11-23T10:30:00.000Z``: UTC, to the millisecond."""
    return f"{value.astimezone(UTC).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def maybe(value: datetime | None) -> str | None:
    return None if value is None else moment(value)


def midnight(value: datetime) -> str:
    """The day of *value*, as the moment it begins: accounts were created then."""
    return f"{day(value)}T00:00:00.000Z"


def day(value: datetime) -> str:
    """``2026-11-23``."""
    return value.astimezone(UTC).date().isoformat()
