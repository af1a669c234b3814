"""What is said among few, thread by thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from msgspec import Struct

from fedcommune.database import Executor
from fedcommune.domain.conversations import queries
from fedcommune.domain.conversations.model import Conversation
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import NotFound
from fedcommune.instance import Instance
from fedcommune.mastodon import entities
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.pagination import linked, page
from fedcommune.mastodon.render import account as accounts
from fedcommune.mastodon.render import status as statuses


class ConversationEntity(Struct, frozen=True, kw_only=True):
    """A thread among few."""

    id: str
    unread: bool
    accounts: list[entities.Account]
    last_status: entities.Status | None


async def show_all(call: Call) -> Answer:
    part = page(call)
    async with call.reading() as db:
        found = await queries.listed(
            db,
            call.account.id,
            ceiling=part.ceiling,
            floor=part.floor,
            order=part.order,
            limit=part.limit,
        )
        entities_ = await shown(db, call.instance, found, call.viewer, call.now)
    return linked(call, entities_, [each.last_id for each in found])


async def read(call: Call) -> Answer:
    found = await _own(call)
    async with call.transaction() as tx:
        await queries.read(tx.db, call.account.id, found)
    seen = [replace(found, unread=False)]
    (entity,) = await shown(call.db, call.instance, seen, call.viewer, call.now)
    return entity


async def delete(call: Call) -> Answer:
    found = await _own(call)
    async with call.transaction() as tx:
        await queries.hide(tx.db, call.account.id, found)
    return {}


async def direct(call: Call) -> Answer:
    """What was said among few, to or by the caller: apps of before conversations ask for it."""
    part = page(call)
    async with call.reading() as db:
        found = await queries.direct(db, call.account.id, part)
        shown = await statuses.of_posts(db, call.instance, found, call.viewer, call.now)
    return linked(call, shown, [each.id for each in found])


async def _own(call: Call) -> Conversation:
    found = await queries.one(call.db, call.account.id, call.number())
    if found is None:
        raise NotFound
    return found


async def shown(
    db: Executor, instance: Instance, found: Sequence[Conversation], viewer: Viewer, now: datetime
) -> list[ConversationEntity]:
    """Return the entities of *found*, in their order, as *viewer*, one of its people, sees them."""
    people = await accounts.by_ids(
        db, instance, {account_id for each in found for account_id in each.people}
    )
    last = await statuses.by_ids(db, instance, viewer, [each.last_id for each in found], now)
    return [
        ConversationEntity(
            id=str(each.id),
            unread=each.unread,
            accounts=[people[one] for one in each.people if one in people],
            last_status=last.get(each.last_id),
        )
        for each in found
    ]


_ALL: Final = "/api/v1/conversations"

ENDPOINTS: Final = (
    Endpoint("GET", _ALL, show_all, "read:statuses"),
    Endpoint("POST", f"{_ALL}/{{id}}/read", read, "write:conversations"),
    Endpoint("DELETE", f"{_ALL}/{{id}}", delete, "write:conversations"),
    Endpoint("GET", "/api/v1/timelines/direct", direct, "read:statuses"),
)
