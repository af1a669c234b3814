"""Lists: people whom the caller reads apart."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from fedcommune.database import Executor
from fedcommune.domain.lists import actions, queries
from fedcommune.domain.lists.model import PeopleList
from fedcommune.errors import NotFound
from fedcommune.mastodon.accounts import one as account_of
from fedcommune.mastodon.accounts import paged, shown
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.pagination import page
from fedcommune.mastodon.timelines import listed


class ListEntity(Struct, frozen=True, kw_only=True):
    """A list of its owner."""

    id: str
    title: str
    replies_policy: str
    exclusive: bool


def _entity(found: PeopleList) -> ListEntity:
    return ListEntity(
        id=str(found.id),
        title=found.title,
        replies_policy=found.replies,
        exclusive=found.exclusive,
    )


async def show_all(call: Call) -> Answer:
    return [_entity(each) for each in await queries.of_account(call.db, call.account.id)]


async def show(call: Call) -> Answer:
    return _entity(await _own(call))


async def create(call: Call) -> Answer:
    params = call.params
    async with call.transaction() as tx:
        made = await actions.make(
            tx,
            call.account,
            title=params.required("title"),
            replies=params.text("replies_policy", "list"),
            exclusive=params.flag("exclusive"),
        )
    return _entity(made)


async def change(call: Call) -> Answer:
    params = call.params
    async with call.transaction() as tx:
        changed = await actions.change(
            tx,
            call.account,
            call.number(),
            title=params.maybe("title"),
            replies=params.maybe("replies_policy"),
            exclusive=params.truth("exclusive"),
        )
    return _entity(changed)


async def delete(call: Call) -> Answer:
    async with call.transaction() as tx:
        if not await queries.remove(tx.db, call.account.id, call.number()):
            raise NotFound
    return {}


async def members(call: Call) -> Answer:
    """Who is on it; a limit of 0 asks for everybody."""
    found = await _own(call)
    everybody = call.params.number("limit") == 0
    people = await queries.members(
        call.db, call.account.id, found.id, page(call, 40, 80), all_=everybody
    )
    return await shown(call, [one for _, one in people]) if everybody else await paged(call, people)


async def add_members(call: Call) -> Answer:
    ids = call.params.identifiers("account_ids")
    async with call.transaction() as tx:
        await actions.add(tx, call.account, call.number(), ids)
    return {}


async def take_out_members(call: Call) -> Answer:
    ids = call.params.identifiers("account_ids")
    async with call.transaction() as tx:
        found = await actions.one(tx, call.account, call.number())
        await queries.take_out(tx.db, call.account.id, found.id, ids)
    return {}


async def with_account(call: Call) -> Answer:
    """Those of the caller's lists on which an account is."""
    account = await account_of(call)
    found = await queries.with_member(call.db, call.account.id, account.id)
    return [_entity(each) for each in found]


async def timeline(call: Call) -> Answer:
    part = page(call)
    async with call.reading() as db:
        found = await _own(call, "list_id", db)
        entries = await queries.timeline(db, call.account.id, found.id, part)
        return await listed(call, db, entries, hiding="home")


async def _own(call: Call, name: str = "id", db: Executor | None = None) -> PeopleList:
    found = await queries.by_id(db or call.db, call.account.id, call.number(name))
    if found is None:
        raise NotFound
    return found


_ALL: Final = "/api/v1/lists"
_ONE: Final = f"{_ALL}/{{id}}"

ENDPOINTS: Final = (
    Endpoint("GET", _ALL, show_all, "read:lists"),
    Endpoint("POST", _ALL, create, "write:lists"),
    Endpoint("GET", _ONE, show, "read:lists"),
    Endpoint("PUT", _ONE, change, "write:lists"),
    Endpoint("DELETE", _ONE, delete, "write:lists"),
    Endpoint("GET", f"{_ONE}/accounts", members, "read:lists"),
    Endpoint("POST", f"{_ONE}/accounts", add_members, "write:lists"),
    Endpoint("DELETE", f"{_ONE}/accounts", take_out_members, "write:lists"),
    Endpoint("GET", "/api/v1/accounts/{id}/lists", with_account, "read:lists"),
    Endpoint("GET", "/api/v1/timelines/list/{list_id}", timeline, "read:lists"),
)
