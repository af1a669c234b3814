"""From where nobody signs up: e-mail domains, single addresses, networks."""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import ip_network
from typing import Final

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import barriers
from fedcommune.domain.citizens.barriers import AddressBlock, EmailBlock, EmailDomainBlock, Severity
from fedcommune.domain.hosts.model import normalise
from fedcommune.domain.moderation.log import record
from fedcommune.domain.moderation.model import Measure
from fedcommune.errors import Conflict, Invalid, NotFound
from federation.errors import RefusedError


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


_HASH: Final = re.compile(r"[0-9a-f]{64}")
# A wider network than these is a mistake.
_WIDEST: Final = {4: 8, 6: 16}


async def block_email_domain(
    tx: Transaction,
    name: str,
    *,
    by: Account | None = None,
    allow_with_approval: bool = False,
) -> EmailDomainBlock:
    """Let nobody sign up with an address of this domain, or of one below it.

    With *allow_with_approval* they may, and wait for a moderator. Raises Invalid, Conflict.
    """
    try:
        domain = normalise(name)
    except RefusedError as error:
        raise Invalid(
            "domain", _("This is not the name of a domain: {error}"), error=error
        ) from error
    made = await barriers.insert_email_domain(
        tx.db,
        EmailDomainBlock(identifiers.new(tx.now), domain, allow_with_approval, tx.now),
    )
    if not made:
        raise Conflict(_("This domain is blocked already."))
    await record(tx, Measure.BLOCK_EMAIL_DOMAIN, by=by, about=domain)
    found = await barriers.email_domain(tx.db, domain)
    assert found is not None, "a block that was just made exists"
    return found


async def unblock_email_domain(tx: Transaction, id_: int, *, by: Account | None = None) -> None:
    """Take a domain of addresses again. Raises NotFound."""
    domain = await barriers.remove_email_domain(tx.db, id_)
    if domain is None:
        raise NotFound
    await record(tx, Measure.UNBLOCK_EMAIL_DOMAIN, by=by, about=domain)


async def block_email(
    tx: Transaction, *, email: str = "", email_hash: str = "", by: Account | None = None
) -> EmailBlock:
    """Let nobody sign up with this address, however they write it; known by its digest alone.

    Raises Invalid without an address or the hexadecimal SHA-256 of one, Conflict.
    """
    digest = barriers.canonical_digest(email) if email else email_hash.strip().lower()
    if _HASH.fullmatch(digest) is None:
        raise Invalid("email", _("Give an e-mail address, or its SHA-256 in hexadecimal digits."))
    made = EmailBlock(identifiers.new(tx.now), digest, tx.now)
    if not await barriers.insert_email(tx.db, made):
        raise Conflict(_("This address is blocked already."))
    await record(tx, Measure.BLOCK_EMAIL, by=by, about=digest)
    return made


async def unblock_email(tx: Transaction, id_: int, *, by: Account | None = None) -> None:
    """Take an address again. Raises NotFound."""
    digest = await barriers.remove_email(tx.db, id_)
    if digest is None:
        raise NotFound
    await record(tx, Measure.UNBLOCK_EMAIL, by=by, about=digest)


async def block_address(
    tx: Transaction,
    network: str,
    severity: Severity,
    *,
    by: Account | None = None,
    comment: str = "",
    expires_at: datetime | None = None,
) -> AddressBlock:
    """Keep the people of a network from signing up, or from signing in too (``no_access``).

    Raises Invalid for what is no network or too wide a one, Conflict.
    """
    made = AddressBlock(
        identifiers.new(tx.now), _network(network), severity, comment, tx.now, expires_at
    )
    if not await barriers.insert_address(tx.db, made):
        raise Conflict(_("This network is blocked already."))
    await record(tx, Measure.BLOCK_ADDRESS, by=by, about=made.network, reason=comment)
    return made


async def change_address(
    tx: Transaction, changed: AddressBlock, *, by: Account | None = None
) -> AddressBlock:
    """Change what is kept from a network. Raises NotFound, Invalid."""
    if not await barriers.update_address(tx.db, changed):
        raise NotFound
    await record(tx, Measure.CHANGE_ADDRESS, by=by, about=changed.network, reason=changed.comment)
    return changed


async def unblock_address(tx: Transaction, id_: int, *, by: Account | None = None) -> None:
    """Let the people of a network in again. Raises NotFound."""
    network = await barriers.remove_address(tx.db, id_)
    if network is None:
        raise NotFound
    await record(tx, Measure.UNBLOCK_ADDRESS, by=by, about=network)


def _network(text: str) -> str:
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        raise Invalid("ip", _("Write an address or a network, such as 192.0.2.0/24.")) from None
    if network.prefixlen < _WIDEST[network.version]:
        raise Invalid("ip", _("This network is too wide: it would shut out half the world."))
    return str(network)
