"""What is alike is told together: likes and boosts of one post, new followers of half a day."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.notifications import listing
from fedcommune.domain.notifications.listing import LAST, Wanted
from fedcommune.domain.notifications.model import Kind, Notification

GROUPED: Final = frozenset({Kind.FAVOURITE, Kind.REBLOG, Kind.FOLLOW})
SAMPLES: Final = 8
# A group is of one half of a day (UTC), in seconds.
_SPAN: Final = 12 * 3600
# How many rows one page of groups looks at, at most.
_BATCH: Final = 200
_BATCHES: Final = 10
_KEY: Final = re.compile(
    r"(?:ungrouped-([0-9]{1,19})|(favourite|reblog)-([0-9]{1,19})-([0-9]{1,9})|follow-([0-9]{1,9}))"
)


@dataclass(frozen=True, slots=True)
class Group:
    """Notifications of one ``key``, the latest first; at least one."""

    key: str
    notifications: tuple[Notification, ...]

    @property
    def latest(self) -> Notification:
        return self.notifications[0]

    @property
    def people(self) -> list[int]:
        """Who did it, each once, the latest first."""
        return list(dict.fromkeys(each.from_id for each in self.notifications))


def key(notification: Notification, kinds: Collection[Kind] = GROUPED) -> str:
    """Return the name of the group of a notification, when *kinds* are told together."""
    if notification.kind not in kinds or notification.kind not in GROUPED:
        return f"ungrouped-{notification.id}"
    span = int(notification.created_at.timestamp()) // _SPAN
    if notification.kind is Kind.FOLLOW:
        return f"follow-{span}"
    return f"{notification.kind}-{notification.post_id}-{span}"


def gathered(
    notifications: Iterable[Notification], kinds: Collection[Kind] = GROUPED
) -> list[Group]:
    """Return the groups of *notifications*, that of the latest first."""
    found: dict[str, list[Notification]] = {}
    for each in sorted(notifications, key=lambda one: one.id, reverse=True):
        found.setdefault(key(each, kinds), []).append(each)
    return [Group(name, tuple(members)) for name, members in found.items()]


async def page(
    db: Executor,
    account_id: int,
    now: datetime,
    wanted: Wanted,
    *,
    kinds: Collection[Kind] = GROUPED,
    ceiling: int = LAST,
    floor: int = 0,
    ascending: bool = False,
    limit: int = 40,
) -> list[Group]:
    """Return up to *limit* groups, that of the latest first.

    A page ends where another group would begin, so that nothing is told twice or never: what
    belongs to a group and is older stands on the next page under the same key.
    """
    rows: list[Notification] = []
    names: set[str] = set()
    for _ in range(_BATCHES):
        batch = await listing.listed(
            db,
            account_id,
            now,
            wanted,
            ceiling=ceiling,
            floor=floor,
            order="asc" if ascending else "desc",
            limit=_BATCH,
        )
        for each in batch:
            name = key(each, kinds)
            if name not in names and len(names) == limit:
                return gathered(rows, kinds)
            names.add(name)
            rows.append(each)
        if len(batch) < _BATCH:
            break
        floor, ceiling = (batch[-1].id, ceiling) if ascending else (floor, batch[-1].id)
    return gathered(rows, kinds)


async def one(db: Executor, account_id: int, now: datetime, name: str) -> Group | None:
    """Return the group of this name as *account_id* was told it."""
    found = _KEY.fullmatch(name)
    if found is None:
        return None
    if found[1]:
        notification = await listing.one(db, account_id, min(int(found[1]), LAST), now)
        return None if notification is None else Group(name, (notification,))
    kind, span = Kind(found[2] or Kind.FOLLOW), int(found[4] or found[5])
    wanted = Wanted(kinds=(kind,))
    if found[3]:
        wanted = replace(wanted, post_id=min(int(found[3]), LAST))
    members = await listing.listed(
        db,
        account_id,
        now,
        wanted,
        ceiling=min((span + 1) * _SPAN * 1000 << 16, LAST),
        floor=min((span * _SPAN * 1000 << 16) - 1, LAST),
        limit=_BATCH * _BATCHES,
    )
    members = [each for each in members if key(each) == name]
    return Group(name, tuple(members)) if members else None
