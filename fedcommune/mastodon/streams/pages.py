"""What streams tell, as apps read it: made once for all readers to whom it looks the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from fedcommune.commune import Commune
from fedcommune.domain.conversations import queries as conversations
from fedcommune.domain.filters import queries as filter_queries
from fedcommune.domain.filters.model import Filter
from fedcommune.domain.notifications import listing
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.timelines.queries.live import Reading
from fedcommune.domain.visibility import ANYONE, Viewer
from fedcommune.mastodon import conversations as conversation_face
from fedcommune.mastodon import entities
from fedcommune.mastodon.render import filtered
from fedcommune.mastodon.render import notification as notifications
from fedcommune.mastodon.render import status as statuses


def text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


class Filters:
    """The filters of those who read just now, looked up once."""

    def __init__(self, commune: Commune) -> None:
        self._commune = commune
        self._known: dict[int, list[Filter]] = {}

    async def of(self, account_id: int, now: datetime) -> list[Filter]:
        """Return the filters of an account that are in force."""
        known = self._known.get(account_id)
        if known is None:
            pool = self._commune.database.pool
            known = await filter_queries.of_account(pool, account_id)
            self._known[account_id] = known
        return [each for each in known if each.expires_at is None or each.expires_at > now]

    def forget(self, account_id: int) -> None:
        self._known.pop(account_id, None)

    def keep(self, account_ids: set[int]) -> None:
        """Forget those of everybody else."""
        self._known = {who: what for who, what in self._known.items() if who in account_ids}


@dataclass(slots=True)
class Shown:
    """One entry as it looks to each reader: the same text for all to whom it looks the same."""

    commune: Commune
    entry: Entry
    filters: Filters
    _plain: entities.Status | None = None
    _texts: dict[int | None, str] = field(default_factory=dict)

    async def to(self, reading: Reading) -> str:
        """Return the status as that reader sees it, as JSON."""
        found = self._texts.get(reading.reader_id)
        if found is not None:
            return found
        held = await self._held(reading.reader_id)
        if not reading.own and not held:
            if None not in self._texts:
                self._texts[None] = text(await self._seen_by_anyone())
            return self._texts[None]
        if reading.own:
            viewer = Viewer(reading.reader_id)
            pool, instance = self.commune.database.pool, self.commune.instance
            now = self.commune.database.clock()
            shown = await statuses.status(pool, instance, self.entry, viewer, now)
        else:
            shown = await self._seen_by_anyone()
        if held:
            inner = shown.reblog and msgspec.structs.replace(shown.reblog, filtered=held)
            shown = msgspec.structs.replace(shown, filtered=held, reblog=inner)
        self._texts[reading.reader_id] = text(shown)
        return self._texts[reading.reader_id]

    async def _seen_by_anyone(self) -> entities.Status:
        # What hangs on it that not everybody may see is left out for all who share this.
        if self._plain is None:
            pool, instance = self.commune.database.pool, self.commune.instance
            now = self.commune.database.clock()
            self._plain = await statuses.status(pool, instance, self.entry, ANYONE, now)
        return self._plain

    async def _held(self, reader_id: int) -> list[entities.FilterResult]:
        post = self.entry.post
        if post.author_id == reader_id:
            return []
        filters = await self.filters.of(reader_id, self.commune.database.clock())
        return filtered.results(filters, post) if filters else []


async def notification(commune: Commune, account_id: int, id_: int) -> str | None:
    """Return what an account was told, as JSON; None when it may no longer hear of it."""
    pool, now = commune.database.pool, commune.database.clock()
    found = await listing.one(pool, account_id, id_, now)
    if found is None:
        return None
    shown = await notifications.notifications(
        pool, commune.instance, [found], Viewer(account_id), now
    )
    return text(shown[0]) if shown else None


async def conversation(commune: Commune, account_id: int, post_id: int) -> str | None:
    """Return the conversation whose latest post is *post_id*, as one of its people sees it."""
    pool = commune.database.pool
    name = await conversations.name_of(pool, post_id)
    found = [] if name is None else await conversations.listed(pool, account_id, name=name)
    latest = [each for each in found if each.last_id == post_id]
    if not latest:
        return None
    (shown,) = await conversation_face.shown(
        pool, commune.instance, latest, Viewer(account_id), commune.database.clock()
    )
    return text(shown)
