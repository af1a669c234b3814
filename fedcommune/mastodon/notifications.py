"""What the caller is told: one by one, in groups, and what waits to be let in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

from msgspec import Struct

from fedcommune.database import Executor
from fedcommune.domain.citizens.queries import people
from fedcommune.domain.notifications import groups, listing, policies
from fedcommune.domain.notifications.groups import Group
from fedcommune.domain.notifications.listing import Wanted
from fedcommune.domain.notifications.model import Kind
from fedcommune.domain.notifications.policies import Policy, Waiting
from fedcommune.errors import Invalid, NotFound
from fedcommune.mastodon import entities
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.json import moment
from fedcommune.mastodon.pagination import linked, page
from fedcommune.mastodon.render import account as accounts
from fedcommune.mastodon.render import notification as render
from fedcommune.mastodon.render import status as statuses
from fedcommune.mastodon.render.fallback import Known

MOST_UNREAD: Final = 1_000
TREATMENTS: Final = ("accept", "filter", "drop")
_POLICIES: Final = tuple(Policy.__dataclass_fields__)


class PolicySummary(Struct, frozen=True, kw_only=True):
    """How much waits."""

    pending_requests_count: int
    pending_notifications_count: int


class NotificationPolicy(Struct, frozen=True, kw_only=True):
    """What becomes of notifications of whom."""

    for_not_following: str
    for_not_followers: str
    for_new_accounts: str
    for_private_mentions: str
    for_limited_accounts: str
    summary: PolicySummary


class NotificationRequest(Struct, frozen=True, kw_only=True):
    """What waits from one account; the id is that account's."""

    id: str
    created_at: str
    updated_at: str
    notifications_count: str
    account: entities.Account
    last_status: entities.Status | None = None


def _wanted(call: Call) -> Wanted:
    params = call.params
    kinds: Collection[Kind] | None = None
    types, without = params.texts("types"), params.texts("exclude_types")
    if types or without:
        kinds = (render.kinds(types) if types else set(Kind)) - render.kinds(without)
    return Wanted(
        kinds=kinds,
        from_id=params.identifier("account_id"),
        waiting=None if params.flag("include_filtered") else False,
    )


async def _known(call: Call, db: Executor) -> Known | None:
    """Return what the app shows by itself (``supported_types``); None when it does not say."""
    if "supported_types" not in call.params or call.caller is None:
        return None
    citizen_id = call.caller.grant.token.citizen_id
    citizen = None if citizen_id is None else await people.by_account(db, citizen_id)
    language = call.instance.language if citizen is None else citizen.language
    return Known(frozenset(call.params.texts("supported_types")), language)


async def show_all(call: Call) -> Answer:
    part, wanted = page(call, 40, 80), _wanted(call)
    async with call.reading() as db:
        found = await listing.listed(
            db,
            call.account.id,
            call.now,
            wanted,
            ceiling=part.ceiling,
            floor=part.floor,
            order=part.order,
            limit=part.limit,
        )
        found.sort(key=lambda each: each.id, reverse=True)
        shown = await render.notifications(
            db, call.instance, found, call.viewer, call.now, await _known(call, db)
        )
    return linked(call, shown, [each.id for each in found])


async def show(call: Call) -> Answer:
    async with call.reading() as db:
        found = await listing.one(db, call.account.id, call.number(), call.now)
        if found is None:
            raise NotFound
        shown = await render.notifications(
            db, call.instance, [found], call.viewer, call.now, await _known(call, db)
        )
    if not shown:
        raise NotFound
    return shown[0]


async def clear(call: Call) -> Answer:
    async with call.transaction() as tx:
        await listing.clear(tx.db, call.account.id)
    return {}


async def dismiss(call: Call) -> Answer:
    async with call.transaction() as tx:
        if not await listing.dismiss(tx.db, call.account.id, [call.number()]):
            raise NotFound
    return {}


async def unread_count(call: Call) -> Answer:
    wanted, limit = _wanted(call), _most(call)
    async with call.reading() as db:
        found = await listing.listed(
            db,
            call.account.id,
            call.now,
            wanted,
            floor=await listing.last_read(db, call.account.id),
            limit=limit,
        )
    return {"count": len(found)}


def _most(call: Call) -> int:
    return max(1, min(call.params.number("limit") or 100, MOST_UNREAD))


# In groups


def _grouped_kinds(call: Call) -> Collection[Kind]:
    types = call.params.texts("grouped_types")
    return render.kinds(types) if types else groups.GROUPED


async def show_groups(call: Call) -> Answer:
    part, wanted, kinds = page(call, 40, 80), _wanted(call), _grouped_kinds(call)
    async with call.reading() as db:
        found = await groups.page(
            db,
            call.account.id,
            call.now,
            wanted,
            kinds=kinds,
            ceiling=part.ceiling,
            floor=part.floor,
            ascending=part.order == "asc",
            limit=part.limit,
        )
        shown = await render.grouped(
            db, call.instance, found, call.viewer, call.now, await _known(call, db)
        )
    ids = sorted((each.id for group in found for each in group.notifications), reverse=True)
    return linked(call, shown, ids)


async def unread_groups(call: Call) -> Answer:
    wanted, kinds, limit = _wanted(call), _grouped_kinds(call), _most(call)
    async with call.reading() as db:
        found = await groups.page(
            db,
            call.account.id,
            call.now,
            wanted,
            kinds=kinds,
            floor=await listing.last_read(db, call.account.id),
            limit=limit,
        )
    return {"count": len(found)}


async def _group(call: Call) -> Group:
    found = await groups.one(call.db, call.account.id, call.now, call.path["group_key"])
    if found is None:
        raise NotFound
    return found


async def show_group(call: Call) -> Answer:
    found = [await _group(call)]
    async with call.reading() as db:
        return await render.grouped(
            db, call.instance, found, call.viewer, call.now, await _known(call, db)
        )


async def group_accounts(call: Call) -> Answer:
    group = await _group(call)
    found = await accounts.by_ids(call.db, call.instance, group.people)
    return [found[each] for each in group.people if each in found]


async def dismiss_group(call: Call) -> Answer:
    group = await _group(call)
    async with call.transaction() as tx:
        await listing.dismiss(tx.db, call.account.id, [each.id for each in group.notifications])
    return {}


# From whom


async def show_policy(call: Call) -> Answer:
    return await _policy(call, await policies.of(call.db, call.account.id))


async def change_policy(call: Call) -> Answer:
    changes: dict[str, Any] = {}
    for name in _POLICIES:
        said = call.params.text(f"for_{name}")
        if said and said not in TREATMENTS:
            raise Invalid(f"for_{name}", f"Choose one of {', '.join(TREATMENTS)}.")
        if said:
            changes[name] = said
    async with call.transaction() as tx:
        policy = replace(await policies.of(tx.db, call.account.id), **changes)
        await policies.keep(tx.db, call.account.id, policy)
    return await _policy(call, policy)


async def _policy(call: Call, policy: Policy) -> NotificationPolicy:
    senders, notifications = await policies.summary(call.db, call.account.id)
    return NotificationPolicy(
        **{f"for_{name}": getattr(policy, name) for name in _POLICIES},
        summary=PolicySummary(
            pending_requests_count=senders, pending_notifications_count=notifications
        ),
    )


async def requests(call: Call) -> Answer:
    part = page(call, 40, 80)
    found = await policies.waiting(
        call.db, call.account.id, ceiling=part.ceiling, floor=part.floor, limit=part.limit
    )
    return linked(call, await _requests(call, found), [each.cursor for each in found])


async def show_request(call: Call) -> Answer:
    found = await policies.waiting(call.db, call.account.id, from_id=call.number())
    if not found:
        raise NotFound
    (shown,) = await _requests(call, found)
    return shown


async def _requests(call: Call, found: list[Waiting]) -> list[NotificationRequest]:
    posts = [each.post_id for each in found if each.post_id]
    async with call.reading() as db:
        senders = await accounts.by_ids(db, call.instance, [each.from_id for each in found])
        last = await statuses.by_ids(db, call.instance, call.viewer, posts, call.now)
    return [
        NotificationRequest(
            id=str(each.from_id),
            created_at=moment(each.first_at),
            updated_at=moment(each.last_at),
            notifications_count=str(each.count),
            account=senders[each.from_id],
            last_status=last.get(each.post_id or 0),
        )
        for each in found
    ]


async def accept_one(call: Call) -> Answer:
    return await _settle(call, [call.number()], accept=True)


async def dismiss_one(call: Call) -> Answer:
    return await _settle(call, [call.number()], accept=False)


async def accept_many(call: Call) -> Answer:
    return await _settle(call, call.params.identifiers("id")[:100], accept=True)


async def dismiss_many(call: Call) -> Answer:
    return await _settle(call, call.params.identifiers("id")[:100], accept=False)


async def _settle(call: Call, from_ids: list[int], *, accept: bool) -> Answer:
    async with call.transaction() as tx:
        for from_id in from_ids:
            if not await policies.waiting(tx.db, call.account.id, from_id=from_id):
                raise NotFound
        settle = policies.accept if accept else policies.dismiss
        await settle(tx.db, call.account.id, from_ids)
    return {}


async def merged(call: Call) -> Answer:
    """What was accepted is there as soon as it was accepted."""
    return {"merged": True}


_ALL: Final = "/api/v1/notifications"
_GROUPS: Final = "/api/v2/notifications"
_REQUESTS: Final = f"{_ALL}/requests"
_READ: Final = "read:notifications"
_WRITE: Final = "write:notifications"

ENDPOINTS: Final = (
    Endpoint("GET", _ALL, show_all, _READ),
    Endpoint("POST", f"{_ALL}/clear", clear, _WRITE),
    Endpoint("GET", f"{_ALL}/unread_count", unread_count, _READ),
    Endpoint("GET", f"{_ALL}/{{id}}", show, _READ),
    Endpoint("POST", f"{_ALL}/{{id}}/dismiss", dismiss, _WRITE),
    Endpoint("GET", _REQUESTS, requests, _READ),
    Endpoint("GET", f"{_REQUESTS}/merged", merged, _READ),
    Endpoint("POST", f"{_REQUESTS}/accept", accept_many, _WRITE),
    Endpoint("POST", f"{_REQUESTS}/dismiss", dismiss_many, _WRITE),
    Endpoint("GET", f"{_REQUESTS}/{{id}}", show_request, _READ),
    Endpoint("POST", f"{_REQUESTS}/{{id}}/accept", accept_one, _WRITE),
    Endpoint("POST", f"{_REQUESTS}/{{id}}/dismiss", dismiss_one, _WRITE),
    Endpoint("GET", _GROUPS, show_groups, _READ),
    Endpoint("GET", f"{_GROUPS}/policy", show_policy, _READ),
    Endpoint("PATCH", f"{_GROUPS}/policy", change_policy, _WRITE),
    Endpoint("GET", f"{_GROUPS}/unread_count", unread_groups, _READ),
    Endpoint("GET", f"{_GROUPS}/{{group_key}}", show_group, _READ),
    Endpoint("GET", f"{_GROUPS}/{{group_key}}/accounts", group_accounts, _READ),
    Endpoint("POST", f"{_GROUPS}/{{group_key}}/dismiss", dismiss_group, _WRITE),
)
