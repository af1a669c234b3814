"""What can go wrong with a stranger, sorted by what to do next.

FederationError
  ├─ RefusedError        never again: malformed, forged or forbidden
  ├─ UnavailableError    later: the other server cannot answer now
  ├─ GoneError           forget it: the other server says it no longer exists
  └─ IgnoredError        understood, and none of our business
"""

from __future__ import annotations

from federation.boxes import Error


class FederationError(Error):  # type: ignore[misc]  # little-boxes ships no types
    """A message or a server did not behave as we need."""

    def __init__(self, message: str | None = None, status_code: int | None = None) -> None:
        super().__init__(message or str(type(self).__doc__).strip(), status_code)

    def __str__(self) -> str:
        return str(self.message)


class RefusedError(FederationError):
    """What was received is malformed, forged or forbidden: do not try again."""

    status_code = 400


class UnavailableError(FederationError):
    """The other server cannot answer now: try again later.

    ``retry_after`` is the number of seconds it asked us to wait, when it said so.
    """

    status_code = 503

    def __init__(
        self,
        message: str | None = None,
        status_code: int | None = None,
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, status_code)
        self.retry_after = retry_after


class GoneError(FederationError):
    """The other server says that this no longer exists: forget it."""

    status_code = 410


class IgnoredError(FederationError):
    """The activity is understood and does not concern anybody here."""

    status_code = 202
