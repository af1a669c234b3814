"""What one process has under way: leased lanes, bodies in memory, what has just finished."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Collection
from datetime import datetime
from typing import Final

from federation.keys import Signer
from outbox import store
from outbox.lanes import Health
from outbox.ports import Executor
from outbox.store import Delivery, Said

_BODIES: Final = 16 * 1024 * 1024  # bytes of activities kept in memory


class Lane:
    """A leased host: what it waits for, what is under way, how it is."""

    def __init__(self, host: str, health: Health, since: datetime) -> None:
        self.host = host
        self.health = health
        self.since = since
        self.queue: deque[tuple[Delivery, Said, Signer]] = deque()
        self.running: dict[int, asyncio.Task[None]] = {}  # by the key of the delivery
        self.unsettled: set[int] = set()  # keys under way, or finished and not yet settled
        self.ask_again = False  # something was added or has finished since we last looked
        self.failed = False

    def is_idle(self) -> bool:
        return not self.running and not self.queue

    def put_back(self) -> None:
        """Forget what has not begun; it stays on the queue in the database."""
        self.unsettled.difference_update(delivery.key for delivery, _, _ in self.queue)
        self.queue.clear()


class Bodies:
    """The activities that many deliveries share, read once, up to 16 MiB of them."""

    def __init__(self) -> None:
        self._said: OrderedDict[int, Said] = OrderedDict()
        self._size = 0

    async def get(self, db: Executor, keys: Collection[int]) -> dict[int, Said]:
        """Return the activities of *keys*; one that was forgotten meanwhile is missing."""
        found = {key: self._said[key] for key in keys if key in self._said}
        missing = set(keys) - found.keys()
        if missing:
            fresh = await store.said(db, missing)
            found.update(fresh)
            self._said.update(fresh)
            self._size += sum(len(said.body) for said in fresh.values())
        for key in found:
            self._said.move_to_end(key)
        while self._size > _BODIES:
            _, oldest = self._said.popitem(last=False)
            self._size -= len(oldest.body)
        return found


class Finished:
    """What has finished since the last settlement."""

    def __init__(self) -> None:
        self.lanes: dict[str, Lane] = {}
        self.keys: list[tuple[str, int]] = []
        self.gone: list[tuple[str, str]] = []
        self._closed: list[int] = []
        self._private: set[int] = set()
        self._postponed: list[store.Postponed] = []

    def __len__(self) -> int:
        return len(self.keys)

    def close(self, delivery: Delivery, said: Said) -> None:
        self.keys.append((delivery.host, delivery.key))
        self._closed.append(delivery.key)
        if not said.public:
            self._private.add(said.key)

    def postpone(self, delivery: Delivery, attempts: int, next_at: datetime) -> None:
        self.keys.append((delivery.host, delivery.key))
        self._postponed.append(store.Postponed(delivery.key, attempts, next_at))

    async def write(self, db: Executor, now: datetime) -> None:
        if self._closed:
            await store.finish(db, self._closed)
        if self._private:
            await store.clear(db, self._private)
        if self._postponed:
            await store.postpone(db, self._postponed)
        if self.gone:
            await store.report_gone(db, self.gone, now=now)
