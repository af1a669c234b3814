"""What can go wrong among ourselves, sorted by what the person can do; no HTTP in sight.

CommuneError
  ├─ NotFound        it does not exist, or is not for you to see
  ├─ NotAllowed      you may see it, not do that
  ├─ Invalid         what you typed needs a correction
  ├─ Conflict        somebody was there before
  └─ TooMany         slow down
"""

from __future__ import annotations


class CommuneError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or str(type(self).__doc__).strip())


class NotFound(CommuneError):
    """It does not exist, or is not for you to see."""


class NotAllowed(CommuneError):
    """You are not allowed to do this."""


class Invalid(CommuneError):
    """Something you typed needs a correction. ``field`` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Conflict(CommuneError):
    """Somebody was there before you: look again and retry."""


class TooMany(CommuneError):
    """Too many requests: wait a moment. ``retry_after`` is in seconds."""

    def __init__(self, message: str | None = None, *, retry_after: float = 60.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
