"""Everybody, for those who moderate: find them, let them in, take measures, give back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fedcommune.domain.accounts import queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Permission, Role
from fedcommune.domain.moderation import actions, people
from fedcommune.domain.moderation.model import Action
from fedcommune.domain.moderation.people import STATUSES, Person, Status, Wanted
from fedcommune.errors import Invalid, NotFound
from fedcommune.mastodon import entities
from fedcommune.mastodon.admin import render
from fedcommune.mastodon.admin.paging import paged
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.render import roles

ACTIONS: Final = (
    Action.NONE,
    Action.SENSITIVE,
    Action.DISABLE,
    Action.SILENCE,
    Action.SUSPEND,
)


async def listed(call: Call) -> Answer:
    """``GET /api/v1/admin/accounts``: each filter is a flag of its own."""
    params = call.params
    status: Status | None = next((each for each in STATUSES if params.flag(each)), None)
    local = True if params.flag("local") else False if params.flag("remote") else None
    return await _listed(call, local, status, staff=params.flag("staff"))


async def listed_2(call: Call) -> Answer:
    """``GET /api/v2/admin/accounts``: origin, status and roles have values."""
    params = call.params
    origin = params.text("origin")
    if origin not in ("", "local", "remote"):
        raise Invalid("origin", "Choose local or remote.")
    said = params.text("status")
    status = next((each for each in STATUSES if each == said), None)
    if said and status is None:
        raise Invalid("status", f"Choose one of {', '.join(STATUSES)}.")
    permissions = params.text("permissions")
    if permissions not in ("", "staff"):
        raise Invalid("permissions", "Choose staff.")
    return await _listed(
        call, origin == "local" if origin else None, status, staff=permissions == "staff"
    )


async def _listed(call: Call, local: bool | None, status: Status | None, *, staff: bool) -> Answer:
    params = call.params
    wanted: set[Role] | None = None
    if params.texts("role_ids"):
        named = params.texts("role_ids")
        wanted = {role for role, id_ in roles.IDS.items() if id_ in named}
    if staff:
        wanted = {role for role in Role if role.moderates} & (wanted or set(Role))
    if params.identifier("invited_by") is not None:
        return []  # nobody notes down who came by whose invitation
    where = Wanted(
        local=local,
        status=status,
        roles=wanted,
        username=params.text("username").strip().removeprefix("@"),
        name=params.text("display_name").strip(),
        domain=params.text("by_domain").strip().lower(),
        email=params.text("email").strip(),
        address=params.text("ip").strip(),
    )

    async def read(**page: Any) -> list[Person]:
        return await people.listed(call.db, where, **page)

    async def shown(found: list[Person]) -> Answer:
        return await render.persons(call, found)

    return await paged(call, read, shown, lambda each: each.account.id)


async def show(call: Call) -> Answer:
    return await render.person(call, await _person(call))


async def _person(call: Call) -> Person:
    found = await people.by_id(call.db, call.number())
    if found is None or found.account.deleted_at is not None:
        raise NotFound
    return found


async def _account(call: Call, db: Any) -> Account:
    account = await queries.by_id(db, call.number())
    if account is None or account.deleted_at is not None:
        raise NotFound
    return account


async def act(call: Call) -> Answer:
    """``POST /api/v1/admin/accounts/:id/action``: a measure, told to whom it concerns."""
    params = call.params
    said = params.text("type", "none")
    action = next((each for each in ACTIONS if each.value == said), None)
    if action is None:
        raise Invalid("type", f"Choose one of {', '.join(ACTIONS)}.")
    async with call.transaction() as tx:
        await actions.act(
            tx,
            await _account(call, tx.db),
            action,
            by=call.account,
            text=params.text("text").strip(),
            report_id=params.identifier("report_id"),
            letter=params.flag("send_email_notification"),
        )
    return {}


async def approve(call: Call) -> Answer:
    async with call.transaction() as tx:
        _, account = await actions.approve(tx, await _account(call, tx.db), by=call.account)
        await actions.announce(tx, account)
    return await show(call)


async def reject(call: Call) -> Answer:
    """Refuse somebody who waits; the answer is the last that is ever seen of them."""
    last = await show(call)
    async with call.transaction() as tx:
        await actions.reject(tx, await _account(call, tx.db), by=call.account)
    return last


async def delete(call: Call) -> Answer:
    """Delete the data of somebody suspended; the answer is what was there."""
    last = await show(call)
    async with call.transaction() as tx:
        await actions.delete_data(tx, await _account(call, tx.db), by=call.account)
    return last


Measure = Callable[..., Awaitable[None]]


def _undoing(measure: Measure) -> Callable[[Call], Awaitable[Answer]]:
    async def undo(call: Call) -> Answer:
        async with call.transaction() as tx:
            await measure(tx, await _account(call, tx.db), by=call.account)
        return await show(call)

    return undo


async def all_roles(call: Call) -> list[entities.Role]:
    """``GET /api/v1/admin/roles``: what one may be here."""
    return [roles.role(call.instance, each) for each in Role]


_ALL: Final = "/api/v1/admin/accounts"
_ONE: Final = f"{_ALL}/{{id}}"
_READ: Final = "admin:read:accounts"
_WRITE: Final = "admin:write:accounts"
_USERS: Final = Permission.MANAGE_USERS


def _reads(path: str, handler: Callable[[Call], Awaitable[Answer]]) -> Endpoint:
    return Endpoint("GET", path, handler, _READ, permission=_USERS)


def _does(path: str, handler: Callable[[Call], Awaitable[Answer]]) -> Endpoint:
    return Endpoint("POST", path, handler, _WRITE, permission=_USERS)


ENDPOINTS: Final = (
    _reads(_ALL, listed),
    _reads("/api/v2/admin/accounts", listed_2),
    _reads(_ONE, show),
    _does(f"{_ONE}/action", act),
    _does(f"{_ONE}/approve", approve),
    _does(f"{_ONE}/reject", reject),
    _does(f"{_ONE}/enable", _undoing(actions.enable)),
    _does(f"{_ONE}/unsilence", _undoing(actions.unsilence)),
    _does(f"{_ONE}/unsuspend", _undoing(actions.unsuspend)),
    _does(f"{_ONE}/unsensitive", _undoing(actions.desensitise)),
    Endpoint("DELETE", _ONE, delete, _WRITE, permission=Permission.DELETE_USER_DATA),
    _reads("/api/v1/admin/roles", all_roles),
)
