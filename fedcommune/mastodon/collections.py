"""Whom people recommend: read, made, filled; agreed to, and taken back (API version 10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from fedcommune import recommending
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import queries as blocks
from fedcommune.domain.collections import actions, queries
from fedcommune.domain.collections.model import Collection, Draft, Kind
from fedcommune.errors import Invalid, NotFound
from fedcommune.mastodon import entities
from fedcommune.mastodon import entities_collections as shapes
from fedcommune.mastodon.accounts import one as account_of
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.json import written
from fedcommune.mastodon.render import account as accounts_render
from fedcommune.mastodon.render import collection as render

_FARTHEST: Final = 1_000


async def of_account(call: Call) -> Answer:
    """The collections of an account: those it shows, and for itself all of them.

    For somebody signed in, a stranger's are read from its own server first, once in a while.
    """
    account = await account_of(call, "account_id")
    if not account.is_active or await _is_apart(call, account):
        raise NotFound
    if call.caller is not None and call.caller.account is not None:
        await recommending.refresh(call.commune, account)
    limit, skip = _part(call)
    found = await queries.of_account(
        call.db,
        account.id,
        unlisted=call.viewer.account_id == account.id,
        skip=skip,
        limit=limit,
    )
    return await _page(call, found, limit, skip)


async def with_account(call: Call) -> Answer:
    """The collections in which an account stands; for itself, also where it is asked to."""
    account = await account_of(call, "account_id")
    if not account.is_active or await _is_apart(call, account):
        raise NotFound
    limit, skip = _part(call)
    found = await queries.with_account(call.db, call.viewer, account.id, skip=skip, limit=limit)
    return await _page(call, found, limit, skip)


async def show(call: Call) -> Answer:
    """One collection, with its owner and who stands in it."""
    found = await queries.by_id(call.db, call.viewer, call.number())
    if found is None:
        raise NotFound
    entity = await render.collection(call.db, call.instance, found, call.viewer)
    ids = [int(each.account_id) for each in entity.items if each.account_id is not None]
    people = await accounts_render.by_ids(call.db, call.instance, [found.account_id, *ids])
    order = dict.fromkeys((found.account_id, *ids))
    return entities.CollectionWithAccounts(
        accounts=[people[each] for each in order if each in people], collection=entity
    )


async def create(call: Call) -> Answer:
    draft = _draft(call)
    if draft.name is None and draft.kind is None:
        call.params.required("name")
    people = await _people(call, call.params.identifiers("account_ids"))
    async with call.transaction() as tx:
        made = await actions.make(tx, call.account, draft, people)
    return await _wrapped(call, made)


async def change(call: Call) -> Answer:
    async with call.transaction() as tx:
        changed = await actions.change(tx, call.account, call.number(), _draft(call))
    return await _wrapped(call, changed)


async def delete(call: Call) -> Answer:
    async with call.transaction() as tx:
        await actions.delete(tx, call.account, call.number())
    return {}


async def add(call: Call) -> Answer:
    account_id = call.params.identifier("account_id")
    if account_id is None:
        raise Invalid("account_id", "`account_id` parameter is missing")
    (account,) = await _people(call, [account_id])
    async with call.transaction() as tx:
        made = await actions.add(tx, call.account, call.number("collection_id"), account)
    return shapes.WrappedCollectionItem(collection_item=render.item(made))


async def take_out(call: Call) -> Answer:
    async with call.transaction() as tx:
        await actions.take_out(tx, call.account, call.number("collection_id"), call.number())
    return {}


async def agree(call: Call) -> Answer:
    """Our own addition: say yes to a collection that asked."""
    async with call.transaction() as tx:
        agreed = await actions.agree(tx, call.account, call.number("collection_id"), call.number())
    return shapes.WrappedCollectionItem(collection_item=render.item(agreed))


async def revoke(call: Call) -> Answer:
    async with call.transaction() as tx:
        await actions.revoke(tx, call.account, call.number("collection_id"), call.number())
    return {}


def _draft(call: Call) -> Draft:
    params = call.params
    kind = params.text("kind")
    if kind and kind not in set(Kind):
        raise Invalid("kind", f"Choose one of {', '.join(Kind)}.")
    return Draft(
        name=params.maybe("name"),
        description=params.maybe("description"),
        language=params.maybe("language"),
        topic=params.maybe("tag_name"),
        sensitive=params.truth("sensitive"),
        discoverable=params.truth("discoverable"),
        kind=Kind(kind) if kind else None,
    )


async def _people(call: Call, ids: Sequence[int]) -> list[Account]:
    """Return the accounts of *ids*, as far as they are known. Raises :class:`Invalid`."""
    found = await accounts.by_ids(call.db, ids)
    if any(each not in found or not found[each].is_active for each in ids):
        raise Invalid("account_id", "There is no such account.")
    return [found[each] for each in ids]


async def _wrapped(call: Call, found: Collection) -> shapes.WrappedCollection:
    entity = await render.collection(call.db, call.instance, found, call.viewer)
    return shapes.WrappedCollection(collection=entity)


async def _is_apart(call: Call, account: Account) -> bool:
    viewer_id = call.viewer.account_id
    return viewer_id is not None and await blocks.between(call.db, viewer_id, account.id)


def _part(call: Call) -> tuple[int, int]:
    limit = max(1, min(call.params.number("limit") or 40, 80))
    return limit, max(0, min(call.params.number("offset") or 0, _FARTHEST))


async def _page(call: Call, found: Sequence[Collection], limit: int, skip: int) -> Response:
    """Return one page of collections, with where those around it are."""
    shown = await render.collections(call.db, call.instance, found, call.viewer)
    response = written(shapes.Collections(collections=shown))
    links = []
    if len(found) == limit:
        links.append(f'<{_address(call, limit, skip + limit)}>; rel="next"')
    if skip:
        links.append(f'<{_address(call, limit, max(0, skip - limit))}>; rel="prev"')
    if links:
        response.headers["Link"] = ", ".join(links)
    return response


def _address(call: Call, limit: int, offset: int) -> str:
    query = urlencode({"limit": limit, "offset": offset})
    path = call.request.scope["raw_path"].decode("ascii", "replace").partition("?")[0]
    return f"{call.instance.origin}{path}?{query}"


_OF: Final = "/api/v1/accounts/{account_id}"
_ALL: Final = "/api/v1/collections"
_ONE: Final = f"{_ALL}/{{id}}"
_ITEMS: Final = f"{_ALL}/{{collection_id}}/items"
_ITEM: Final = f"{_ITEMS}/{{id}}"

ENDPOINTS: Final = (
    Endpoint("GET", f"{_OF}/collections", of_account, "read:collections", "anyone"),
    Endpoint("GET", f"{_OF}/in_collections", with_account, "read:collections"),
    Endpoint("POST", _ALL, create, "write:collections"),
    Endpoint("GET", _ONE, show, "read:collections", "anyone"),
    Endpoint("PATCH", _ONE, change, "write:collections"),
    Endpoint("DELETE", _ONE, delete, "write:collections"),
    Endpoint("POST", _ITEMS, add, "write:collections"),
    Endpoint("DELETE", _ITEM, take_out, "write:collections"),
    Endpoint("POST", f"{_ITEM}/accept", agree, "write:collections"),
    Endpoint("POST", f"{_ITEM}/revoke", revoke, "write:collections"),
)
