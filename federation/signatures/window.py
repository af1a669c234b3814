"""When a signature may have been made, as its reader sees it (W-SIG-07, SEC-SIG-04)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from federation.errors import RefusedError

OLDEST: Final = timedelta(minutes=65)
NEWEST: Final = timedelta(minutes=60)

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
# "Sun, 06 Nov 1994 08:49:37 GMT"
_FIXDATE_LENGTH: Final = 29


def check(made: datetime, now: datetime) -> None:
    """Raise RefusedError(401) unless *made* lies within 65 minutes before and 60 after *now*."""
    if made < now - OLDEST:
        raise RefusedError("The signature is too old: sign each attempt anew.", 401)
    if made > now + NEWEST:
        raise RefusedError("The signature was made in the future: set the clock right.", 401)


def check_expiry(expires: datetime, created: datetime | None, now: datetime) -> None:
    """Raise RefusedError(401) when *expires* has passed at *now* or precedes *created*."""
    if created is not None and expires < created:
        raise RefusedError("The signature expires before it was made.", 401)
    if expires < now:
        raise RefusedError("The signature has expired.", 401)


def from_epoch(seconds: int) -> datetime:
    """Return the moment *seconds* after 1970 in UTC; RefusedError(401) beyond the years we know."""
    if not 0 <= seconds < 4_102_444_800:
        raise RefusedError("The signature was not made between 1970 and 2100.", 401)
    return datetime.fromtimestamp(seconds, UTC)


def from_fixdate(text: str) -> datetime:
    """Return the moment of an IMF-fixdate (RFC 9110 §5.6.7) in UTC; RefusedError(401) otherwise."""
    try:
        if (
            len(text) != _FIXDATE_LENGTH
            or not text.isascii()
            or text[:3] not in _DAYS
            or text[3:5] != ", "
            or (text[7], text[11], text[16], text[25:]) != (" ", " ", " ", " GMT")
            or (text[19], text[22]) != (":", ":")
        ):
            raise ValueError(text)
        day, year, hour, minute, second = (
            _digits(part)
            for part in (text[5:7], text[12:16], text[17:19], text[20:22], text[23:25])
        )
        month = _MONTHS.index(text[8:11]) + 1
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise RefusedError(
            "The Date must be written as in «Sun, 06 Nov 1994 08:49:37 GMT».", 401
        ) from error


def fixdate(now: datetime) -> str:
    """Return *now* (aware) as the ``Date`` header writes it."""
    return _fixdate(int(now.timestamp()))


@lru_cache(maxsize=16)
def _fixdate(seconds: int) -> str:
    # strftime would write the names of days and months in the language of the machine.
    moment = datetime.fromtimestamp(seconds, UTC)
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day:02} {_MONTHS[moment.month - 1]} "
        f"{moment.year:04} {moment.hour:02}:{moment.minute:02}:{moment.second:02} GMT"
    )


def _digits(text: str) -> int:
    if not text.isdigit():
        raise ValueError(text)
    return int(text)
