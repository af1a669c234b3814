"""SQL: from where nobody signs up, and whom that concerns."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Final, Literal, TypeAlias

from fedcommune.database import Executor

Severity: TypeAlias = Literal["sign_up_requires_approval", "sign_up_block", "no_access"]
SEVERITIES: Final[tuple[Severity, ...]] = (
    "sign_up_requires_approval",
    "sign_up_block",
    "no_access",
)
Order: TypeAlias = Literal["asc", "desc"]
_IP: Final = "id, network::text as network, severity, comment, created_at, expires_at"


@dataclass(frozen=True, slots=True)
class EmailDomainBlock:
    """Addresses of this domain, and of those below it, are not taken. Times are UTC."""

    id: int
    domain: str
    allow_with_approval: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EmailBlock:
    """One address that is not taken, as :func:`canonical_digest` knows it."""

    id: int
    email_hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AddressBlock:
    """What people of a network (``192.0.2.0/24``) may not. Times are UTC."""

    id: int
    network: str
    severity: Severity
    comment: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Barrier:
    """What stands in the way of one who signs up: nothing, a wait, or everything."""

    refused: bool = False
    waits: bool = False


def canonical_digest(email: str) -> str:
    """Return the digest of an address as one person can write it: no dots, no ``+``, any case."""
    name, _, domain = email.strip().lower().rpartition("@")
    name = name.partition("+")[0].replace(".", "")
    return hashlib.sha256(f"{name}@{domain}".encode()).hexdigest()


async def before(db: Executor, email: str, address: str, now: datetime) -> Barrier:
    """Return what stands in the way of whoever signs up with *email* from the IP *address*."""
    row = await db.fetchrow(
        """
        select exists (
                   select from commune.email_domain_block
                   where commune.is_of_host($1, domain) and not allow_with_approval
               ) or exists (
                   select from commune.canonical_email_block where email_hash = $2
               ) or exists (
                   select from commune.ip_block
                   where network >>= $3::text::inet
                     and severity <> 'sign_up_requires_approval'
                     and (expires_at is null or expires_at > $4)
               ) as refused,
               exists (
                   select from commune.email_domain_block
                   where commune.is_of_host($1, domain) and allow_with_approval
               ) or exists (
                   select from commune.ip_block
                   where network >>= $3::text::inet
                     and severity = 'sign_up_requires_approval'
                     and (expires_at is null or expires_at > $4)
               ) as waits
        """,
        email.rpartition("@")[2].lower(),
        canonical_digest(email),
        _ip(address),
        now,
    )
    assert row is not None, "a select of two answers returns a row"
    return Barrier(**row)


async def shut_out(db: Executor, address: str, now: datetime) -> bool:
    """Tell whether nobody signs in from the IP *address*."""
    found = await db.fetchval(
        """
        select exists (
            select from commune.ip_block
            where network >>= $1::text::inet
              and severity = 'no_access'
              and (expires_at is null or expires_at > $2)
        )
        """,
        _ip(address),
        now,
    )
    return bool(found)


def _ip(address: str) -> str | None:
    """Return the address when it is one: what stands behind a socket of a file has none."""
    try:
        return str(ip_address(address))
    except ValueError:
        return None


async def insert_email_domain(db: Executor, block: EmailDomainBlock) -> bool:
    """Store a block; return whether there was none of that domain."""
    found = await db.fetchval(
        """
        insert into commune.email_domain_block (id, domain, allow_with_approval, created_at)
        values ($1, $2, $3, $4)
        on conflict (domain) do nothing
        returning id
        """,
        block.id,
        block.domain,
        block.allow_with_approval,
        block.created_at,
    )
    return found is not None


async def email_domain(db: Executor, domain: str) -> EmailDomainBlock | None:
    row = await db.fetchrow(
        """
        select id, domain, allow_with_approval, created_at
        from commune.email_domain_block
        where domain = $1
        """,
        domain,
    )
    return None if row is None else EmailDomainBlock(**row)


async def email_domains(
    db: Executor,
    *,
    id_: int | None = None,
    ceiling: int = 2**63 - 1,
    floor: int = 0,
    order: Order = "desc",
    limit: int = 100,
) -> list[EmailDomainBlock]:
    """Return the domains of which no address is taken, the latest first; or the one of *id_*."""
    rows = await db.fetch(
        f"""
        select id, domain, allow_with_approval, created_at
        from commune.email_domain_block
        where ($1::bigint is null or id = $1)
          and id < $2
          and id > $3
        order by id {order}
        limit $4
        """,
        id_,
        ceiling,
        floor,
        limit,
    )
    return sorted((EmailDomainBlock(**row) for row in rows), key=lambda each: each.id, reverse=True)


async def remove_email_domain(db: Executor, id_: int) -> str | None:
    """Forget a block; return its domain, None when there is none."""
    found: str | None = await db.fetchval(
        "delete from commune.email_domain_block where id = $1 returning domain", id_
    )
    return found


async def insert_email(db: Executor, block: EmailBlock) -> bool:
    """Store a block; return whether there was none of that address."""
    found = await db.fetchval(
        """
        insert into commune.canonical_email_block (id, email_hash, created_at)
        values ($1, $2, $3)
        on conflict (email_hash) do nothing
        returning id
        """,
        block.id,
        block.email_hash,
        block.created_at,
    )
    return found is not None


async def emails(
    db: Executor,
    *,
    id_: int | None = None,
    email_hash: str | None = None,
    ceiling: int = 2**63 - 1,
    floor: int = 0,
    order: Order = "desc",
    limit: int = 100,
) -> list[EmailBlock]:
    """Return the addresses that are not taken, the latest first; or that of *id_*, or digest."""
    rows = await db.fetch(
        f"""
        select id, email_hash, created_at
        from commune.canonical_email_block
        where ($1::bigint is null or id = $1)
          and ($2::text is null or email_hash = $2)
          and id < $3
          and id > $4
        order by id {order}
        limit $5
        """,
        id_,
        email_hash,
        ceiling,
        floor,
        limit,
    )
    return sorted((EmailBlock(**row) for row in rows), key=lambda each: each.id, reverse=True)


async def remove_email(db: Executor, id_: int) -> str | None:
    """Forget a block; return its digest, None when there is none."""
    found: str | None = await db.fetchval(
        "delete from commune.canonical_email_block where id = $1 returning email_hash", id_
    )
    return found


async def insert_address(db: Executor, block: AddressBlock) -> bool:
    """Store a block; return whether there was none of that network."""
    found = await db.fetchval(
        """
        insert into commune.ip_block (id, network, severity, comment, created_at, expires_at)
        values ($1, $2::text::cidr, $3, $4, $5, $6)
        on conflict (network) do nothing
        returning id
        """,
        block.id,
        block.network,
        block.severity,
        block.comment,
        block.created_at,
        block.expires_at,
    )
    return found is not None


async def update_address(db: Executor, block: AddressBlock) -> bool:
    """Store what changed of a block, its network apart; return whether there is one."""
    found = await db.fetchval(
        """
        update commune.ip_block
        set severity = $2, comment = $3, expires_at = $4
        where id = $1
        returning id
        """,
        block.id,
        block.severity,
        block.comment,
        block.expires_at,
    )
    return found is not None


async def addresses(
    db: Executor,
    *,
    id_: int | None = None,
    ceiling: int = 2**63 - 1,
    floor: int = 0,
    order: Order = "desc",
    limit: int = 100,
) -> list[AddressBlock]:
    """Return the networks that are kept away, the latest first; or that of *id_*."""
    rows = await db.fetch(
        f"""
        select {_IP}
        from commune.ip_block
        where ($1::bigint is null or id = $1)
          and id < $2
          and id > $3
        order by id {order}
        limit $4
        """,
        id_,
        ceiling,
        floor,
        limit,
    )
    return sorted((AddressBlock(**row) for row in rows), key=lambda each: each.id, reverse=True)


async def remove_address(db: Executor, id_: int) -> str | None:
    """Forget a block; return its network, None when there is none."""
    found: str | None = await db.fetchval(
        "delete from commune.ip_block where id = $1 returning network::text", id_
    )
    return found
