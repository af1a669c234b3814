"""From where nobody signs up, for those who decide about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from fedcommune.domain.accounts.roles import Permission
from fedcommune.domain.citizens import barriers
from fedcommune.domain.citizens.barriers import (
    SEVERITIES,
    AddressBlock,
    EmailBlock,
    EmailDomainBlock,
    Severity,
)
from fedcommune.domain.moderation import actions
from fedcommune.errors import Invalid, NotFound
from fedcommune.mastodon.admin.entities import (
    AdminCanonicalEmailBlock,
    AdminEmailDomainBlock,
    AdminIpBlock,
)
from fedcommune.mastodon.admin.paging import paged
from fedcommune.mastodon.call import Answer, Call, Endpoint, Handler
from fedcommune.mastodon.json import maybe, moment

MAX_SECONDS: Final = 10 * 365 * 24 * 3600


def _many(read: Callable[..., Any], shown: Callable[[Any], Any]) -> Handler:
    async def many(call: Call) -> Answer:
        async def rows(**page: Any) -> list[Any]:
            return list(await read(call.db, **page))

        async def entities(found: list[Any]) -> Sequence[Any]:
            return [shown(each) for each in found]

        return await paged(call, rows, entities, lambda each: int(each.id))

    return many


def _one(read: Callable[..., Any], shown: Callable[[Any], Any]) -> Handler:
    async def one(call: Call) -> Answer:
        found = await read(call.db, id_=call.number())
        if not found:
            raise NotFound
        answer: Answer = shown(found[0])
        return answer

    return one


def _gone(remove: Callable[..., Any]) -> Handler:
    async def gone(call: Call) -> Answer:
        async with call.transaction() as tx:
            await remove(tx, call.number(), by=call.account)
        return {}

    return gone


# Domains of e-mail addresses


async def add_email_domain(call: Call) -> Answer:
    domain = call.params.required("domain")
    async with call.transaction() as tx:
        made = await actions.block_email_domain(
            tx,
            domain,
            by=call.account,
            allow_with_approval=call.params.flag("allow_with_approval"),
        )
    return _email_domain(made)


def _email_domain(found: EmailDomainBlock) -> AdminEmailDomainBlock:
    return AdminEmailDomainBlock(
        id=str(found.id),
        domain=found.domain,
        created_at=moment(found.created_at),
        allow_with_approval=found.allow_with_approval,
        history=[],
    )


# Single addresses


async def add_email(call: Call) -> Answer:
    params = call.params
    async with call.transaction() as tx:
        made = await actions.block_email(
            tx,
            email=params.text("email").strip(),
            email_hash=params.text("canonical_email_hash"),
            by=call.account,
        )
    return _email(made)


async def try_email(call: Call) -> Answer:
    """``POST …/canonical_email_blocks/test``: whether an address is blocked, however written."""
    digest = barriers.canonical_digest(call.params.required("email"))
    return [_email(each) for each in await barriers.emails(call.db, email_hash=digest)]


def _email(found: EmailBlock) -> AdminCanonicalEmailBlock:
    return AdminCanonicalEmailBlock(id=str(found.id), canonical_email_hash=found.email_hash)


# Networks


async def add_address(call: Call) -> Answer:
    params = call.params
    network = params.required("ip")
    severity = _severity(call)
    if severity is None:
        raise Invalid("severity", f"Choose one of {', '.join(SEVERITIES)}.")
    seconds = _seconds(call)
    async with call.transaction() as tx:
        made = await actions.block_address(
            tx,
            network,
            severity,
            by=call.account,
            comment=params.text("comment")[:500],
            expires_at=None if seconds is None else tx.now + timedelta(seconds=seconds),
        )
    return _address(made)


async def change_address(call: Call) -> Answer:
    params, severity, seconds = call.params, _severity(call), _seconds(call)
    async with call.transaction() as tx:
        found = await barriers.addresses(tx.db, id_=call.number())
        if not found:
            raise NotFound
        comment = params.maybe("comment")
        changed = replace(
            found[0],
            severity=severity or found[0].severity,
            comment=found[0].comment if comment is None else comment[:500],
            expires_at=found[0].expires_at
            if "expires_in" not in params
            else None
            if seconds is None
            else tx.now + timedelta(seconds=seconds),
        )
        await actions.change_address(tx, changed, by=call.account)
    return _address(changed)


def _severity(call: Call) -> Severity | None:
    said = call.params.text("severity")
    found = next((each for each in SEVERITIES if each == said), None)
    if said and found is None:
        raise Invalid("severity", f"Choose one of {', '.join(SEVERITIES)}.")
    return found


def _seconds(call: Call) -> int | None:
    """Return for how long; None is for ever."""
    seconds = call.params.number("expires_in")
    if seconds is not None and not 0 < seconds <= MAX_SECONDS:
        raise Invalid("expires_in", "Say it in seconds, of at most ten years.")
    return seconds


def _address(found: AddressBlock) -> AdminIpBlock:
    return AdminIpBlock(
        id=str(found.id),
        ip=found.network,
        severity=found.severity,
        comment=found.comment,
        created_at=moment(found.created_at),
        expires_at=maybe(found.expires_at),
    )


_MAY: Final = Permission.MANAGE_BLOCKS


def _all(
    what: str,
    read: Callable[..., Any],
    shown: Callable[[Any], Any],
    add: Handler,
    remove: Callable[..., Any],
) -> tuple[Endpoint, ...]:
    path = f"/api/v1/admin/{what}"
    reading, writing = f"admin:read:{what}", f"admin:write:{what}"
    return (
        Endpoint("GET", path, _many(read, shown), reading, permission=_MAY),
        Endpoint("POST", path, add, writing, permission=_MAY),
        Endpoint("GET", f"{path}/{{id}}", _one(read, shown), reading, permission=_MAY),
        Endpoint("DELETE", f"{path}/{{id}}", _gone(remove), writing, permission=_MAY),
    )


ENDPOINTS: Final = (
    *_all(
        "email_domain_blocks",
        barriers.email_domains,
        _email_domain,
        add_email_domain,
        actions.unblock_email_domain,
    ),
    *_all("canonical_email_blocks", barriers.emails, _email, add_email, actions.unblock_email),
    Endpoint(
        "POST",
        "/api/v1/admin/canonical_email_blocks/test",
        try_email,
        "admin:read:canonical_email_blocks",
        permission=_MAY,
    ),
    *_all("ip_blocks", barriers.addresses, _address, add_address, actions.unblock_address),
    Endpoint(
        "PUT",
        "/api/v1/admin/ip_blocks/{id}",
        change_address,
        "admin:write:ip_blocks",
        permission=_MAY,
    ),
)
