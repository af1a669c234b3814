"""What there is to say about a page that a post leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# A page that cannot be had now is asked for again, this many times.
MAX_ATTEMPTS: Final = 3
AGAIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Card:
    """A page as it presents itself: plain text in every field, never HTML (SEC-XSS-02).

    ``published_at`` is UTC. No picture: whoever reads would tell the other server so.
    """

    url: str
    title: str
    description: str = ""
    provider: str = ""
    author: str = ""
    language: str | None = None
    published_at: datetime | None = None
