"""Reports, for those who look into them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts.roles import Permission
from fedcommune.domain.moderation import actions, queries
from fedcommune.domain.moderation.categories import CATEGORIES
from fedcommune.domain.moderation.model import Report
from fedcommune.errors import Invalid, NotFound
from fedcommune.mastodon.admin import render
from fedcommune.mastodon.admin.paging import paged
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.instance import house_rules


async def listed(call: Call) -> Answer:
    """``GET /api/v1/admin/reports``: open ones; with ``resolved`` closed ones; with both, all."""
    params = call.params
    closed: bool | None = params.flag("resolved")
    if closed and params.flag("unresolved"):
        closed = None
    reporter_id = params.identifier("account_id")
    account_id = params.identifier("target_account_id")
    domain = params.text("by_target_domain").strip().lower()

    async def read(**page: Any) -> list[Report]:
        return await queries.listed(
            call.db,
            closed=closed,
            reporter_id=reporter_id,
            account_id=account_id,
            domain=domain,
            **page,
        )

    async def shown(found: list[Report]) -> Answer:
        return await render.reports(call, found)

    return await paged(call, read, shown, lambda each: each.id)


async def show(call: Call) -> Answer:
    found = await queries.by_id(call.db, call.number())
    if found is None:
        raise NotFound
    return await render.report(call, found)


async def change(call: Call) -> Answer:
    """``PUT /api/v1/admin/reports/:id``: another category, other rules."""
    params = call.params
    said, rule_ids = params.text("category"), params.identifiers("rule_ids")
    if said and said not in CATEGORIES:
        raise Invalid("category", f"Choose one of {', '.join(CATEGORIES)}.")
    known = {rule.id for rule in house_rules(call)}
    if any(str(each) not in known for each in rule_ids):
        raise Invalid("rule_ids", "There are no such rules.")
    async with call.transaction() as tx:
        found = await queries.by_id(tx.db, call.number())
        if found is None:
            raise NotFound
        category = next((each for each in CATEGORIES if each == said), found.category)
        if rule_ids and not said:
            category = "violation"
        chosen = rule_ids if "rule_ids" in params else found.rule_ids
        await actions.change_report(
            tx,
            found.id,
            category,
            chosen if category == "violation" else (),
            by=call.account,
        )
    return await show(call)


async def _assign(tx: Transaction, call: Call) -> None:
    await actions.assign_report(tx, call.number(), call.account, by=call.account)


async def _unassign(tx: Transaction, call: Call) -> None:
    await actions.assign_report(tx, call.number(), None, by=call.account)


async def _resolve(tx: Transaction, call: Call) -> None:
    found = await queries.by_id(tx.db, call.number())
    if found is None or found.closed_at is None:
        await actions.close_report(tx, call.number(), by=call.account)


async def _reopen(tx: Transaction, call: Call) -> None:
    found = await queries.by_id(tx.db, call.number())
    if found is None or found.closed_at is not None:
        await actions.reopen_report(tx, call.number(), by=call.account)


def _doing(what: Callable[[Transaction, Call], Awaitable[None]]) -> Callable[..., Any]:
    async def do(call: Call) -> Answer:
        async with call.transaction() as tx:
            await what(tx, call)
        return await show(call)

    return do


_ALL: Final = "/api/v1/admin/reports"
_ONE: Final = f"{_ALL}/{{id}}"
_MAY: Final = Permission.MANAGE_REPORTS


def _does(word: str, what: Callable[[Transaction, Call], Awaitable[None]]) -> Endpoint:
    return Endpoint("POST", f"{_ONE}/{word}", _doing(what), "admin:write:reports", permission=_MAY)


ENDPOINTS: Final = (
    Endpoint("GET", _ALL, listed, "admin:read:reports", permission=_MAY),
    Endpoint("GET", _ONE, show, "admin:read:reports", permission=_MAY),
    Endpoint("PUT", _ONE, change, "admin:write:reports", permission=_MAY),
    _does("assign_to_self", _assign),
    _does("unassign", _unassign),
    _does("resolve", _resolve),
    _does("reopen", _reopen),
)
