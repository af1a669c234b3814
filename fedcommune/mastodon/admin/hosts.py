"""Other servers, for those who decide about them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final, Literal

from fedcommune.database import Transaction
from fedcommune.domain.accounts.roles import Permission
from fedcommune.domain.hosts import queries
from fedcommune.domain.hosts.model import Allowance, Host, Policy, Rules, normalise
from fedcommune.domain.moderation import actions
from fedcommune.errors import Invalid, NotFound
from fedcommune.mastodon import errors
from fedcommune.mastodon.admin.entities import AdminDomainAllow, AdminDomainBlock
from fedcommune.mastodon.admin.paging import paged
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.json import moment
from fedcommune.mastodon.parameters import Parameters
from federation.errors import RefusedError

Severity = Literal["silence", "suspend", "noop"]
_SEVERITIES: Final[Mapping[Policy, Severity]] = {
    Policy.BLOCKED: "suspend",
    Policy.LIMITED: "silence",
    Policy.OPEN: "noop",
}
MAX_COMMENT: Final = 2_000


async def blocks(call: Call) -> Answer:
    async def read(**page: Any) -> list[Host]:
        return await queries.decided(call.db, **page)

    async def shown(found: list[Host]) -> Answer:
        return [_block(each) for each in found]

    return await paged(call, read, shown, lambda each: each.decision_id or 0)


async def block(call: Call) -> Answer:
    return _block(await _decided(call, call.db))


async def add_block(call: Call) -> Answer:
    """``POST /api/v1/admin/domain_blocks``; 422, and what is there, when it is decided about."""
    domain = call.params.required("domain")
    async with call.transaction() as tx:
        known = await _known(tx, domain)
        if known is not None:
            return errors.refusal(
                422,
                "Validation failed: Domain has already been taken",
                existing_domain_block=_block(known),
            )
        rules, severity, reason = _said(call.params, None)
        return _block(await _decide(call, tx, domain, severity, reason, rules))


async def change_block(call: Call) -> Answer:
    async with call.transaction() as tx:
        host = await _decided(call, tx.db)
        rules, severity, reason = _said(call.params, host)
        return _block(await _decide(call, tx, host.name, severity, reason, rules))


async def remove_block(call: Call) -> Answer:
    async with call.transaction() as tx:
        host = await _decided(call, tx.db)
        await actions.allow_host(tx, host.name, by=call.account)
    return {}


async def _known(tx: Transaction, domain: str) -> Host | None:
    try:
        host = await queries.by_name(tx.db, normalise(domain))
    except RefusedError:
        return None
    return host if host is not None and host.decision_id is not None else None


async def _decided(call: Call, db: Any) -> Host:
    host = await queries.by_decision(db, call.number())
    if host is None:
        raise NotFound
    return host


def _said(params: Parameters, host: Host | None) -> tuple[Rules, Severity, str]:
    """Return what is decided; what is not said stays as it is of *host*."""
    before = Rules() if host is None else host.rules
    stands: Severity = "silence" if host is None else _SEVERITIES[host.policy]
    said = params.text("severity", stands)
    severity = next((each for each in _SEVERITIES.values() if each == said), None)
    if severity is None:
        raise Invalid("severity", "Choose silence, suspend or noop.")
    public, private = params.maybe("public_comment"), params.maybe("private_comment")
    if len(public or "") > MAX_COMMENT or len(private or "") > MAX_COMMENT:
        raise Invalid("public_comment", f"A comment has at most {MAX_COMMENT} characters.")
    rules = Rules(
        reject_media=params.flag("reject_media", default=before.reject_media),
        reject_reports=params.flag("reject_reports", default=before.reject_reports),
        public_comment=before.public_comment if public is None else public,
        obfuscate=params.flag("obfuscate", default=before.obfuscate),
    )
    reason = ("" if host is None else host.reason) if private is None else private
    return rules, severity, reason


_DECISIONS: Final = {
    "suspend": actions.block_host,
    "silence": actions.limit_host,
    "noop": actions.restrain_host,
}


async def _decide(
    call: Call, tx: Transaction, name: str, severity: Severity, reason: str, rules: Rules
) -> Host:
    return await _DECISIONS[severity](tx, name, by=call.account, reason=reason, rules=rules)


def _block(host: Host) -> AdminDomainBlock:
    return AdminDomainBlock(
        id=str(host.decision_id),
        domain=host.name,
        digest=hashlib.sha256(host.name.encode()).hexdigest(),
        created_at=moment(host.policy_at or host.first_seen_at),
        severity=_SEVERITIES[host.policy],
        reject_media=host.rules.reject_media,
        reject_reports=host.rules.reject_reports,
        private_comment=host.reason or None,
        public_comment=host.rules.public_comment or None,
        obfuscate=host.rules.obfuscate,
    )


async def allowances(call: Call) -> Answer:
    async def read(**page: Any) -> list[Allowance]:
        return await queries.allowances(call.db, **page)

    async def shown(found: list[Allowance]) -> Answer:
        return [_allow(each) for each in found]

    return await paged(call, read, shown, lambda each: each.id)


async def allowance(call: Call) -> Answer:
    found = await queries.allowance(call.db, call.number())
    if found is None:
        raise NotFound
    return _allow(found)


async def add_allowance(call: Call) -> Answer:
    """``POST /api/v1/admin/domain_allows``: note a server down; it is heard in any case."""
    domain = call.params.required("domain")
    async with call.transaction() as tx:
        return _allow(await actions.note_host(tx, domain, by=call.account))


async def remove_allowance(call: Call) -> Answer:
    async with call.transaction() as tx:
        await actions.strike_host(tx, call.number(), by=call.account)
    return {}


def _allow(found: Allowance) -> AdminDomainAllow:
    return AdminDomainAllow(
        id=str(found.id), domain=found.host, created_at=moment(found.created_at)
    )


_BLOCKS: Final = "/api/v1/admin/domain_blocks"
_ALLOWS: Final = "/api/v1/admin/domain_allows"
_MAY: Final = Permission.MANAGE_FEDERATION
_READ: Final = "admin:read:domain_blocks"
_WRITE: Final = "admin:write:domain_blocks"
_READ_ALLOWS: Final = "admin:read:domain_allows"
_WRITE_ALLOWS: Final = "admin:write:domain_allows"

ENDPOINTS: Final = (
    Endpoint("GET", _BLOCKS, blocks, _READ, permission=_MAY),
    Endpoint("POST", _BLOCKS, add_block, _WRITE, permission=_MAY),
    Endpoint("GET", f"{_BLOCKS}/{{id}}", block, _READ, permission=_MAY),
    Endpoint("PUT", f"{_BLOCKS}/{{id}}", change_block, _WRITE, permission=_MAY),
    Endpoint("DELETE", f"{_BLOCKS}/{{id}}", remove_block, _WRITE, permission=_MAY),
    Endpoint("GET", _ALLOWS, allowances, _READ_ALLOWS, permission=_MAY),
    Endpoint("POST", _ALLOWS, add_allowance, _WRITE_ALLOWS, permission=_MAY),
    Endpoint("GET", f"{_ALLOWS}/{{id}}", allowance, _READ_ALLOWS, permission=_MAY),
    Endpoint("DELETE", f"{_ALLOWS}/{{id}}", remove_allowance, _WRITE_ALLOWS, permission=_MAY),
)
