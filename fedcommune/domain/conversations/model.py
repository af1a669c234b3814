"""What a conversation among few is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conversation:
    """Direct posts of one thread, as one of its people sees them.

    ``id`` is the first post that they see, ``last_id`` the latest; ``people`` are the others.
    """

    id: int
    name: str
    last_id: int
    unread: bool
    people: tuple[int, ...]
