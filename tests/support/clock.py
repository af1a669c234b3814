"""A clock that the test moves by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

BEGINNING = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


class Clock:
    """Call it for the time (aware, UTC); it stands still until :meth:`forward`."""

    def __init__(self, now: datetime = BEGINNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> datetime:
        """Move on *by* so much; return the new time."""
        self.now += by
        return self.now
