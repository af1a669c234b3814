"""A map that forgets: strangers choose its keys, so it must not grow with them (SEC-DOS-08)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """At most *limit* entries, each for at most *lifetime*; the least recently used leave first."""

    __slots__ = ("_entries", "_lifetime", "_limit")

    def __init__(self, limit: int, lifetime: timedelta) -> None:
        self._limit = limit
        self._lifetime = lifetime
        self._entries: OrderedDict[K, tuple[datetime, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K, now: datetime) -> V | None:
        """Return what was put under *key* less than a lifetime ago."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if now - entry[0] >= self._lifetime:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def put(self, key: K, value: V, now: datetime) -> None:
        """Remember *value* from *now* on."""
        self._entries[key] = (now, value)
        self._entries.move_to_end(key)
        while len(self._entries) > self._limit:
            self._entries.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget *key*, if it was there."""
        self._entries.pop(key, None)
