"""Let people keep to themselves what they take part in."""

from __future__ import annotations

from dataclasses import replace

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.links import queries
from fedcommune.domain.links.model import Link
from fedcommune.errors import NotFound


async def hide(tx: Transaction, subject: Account, link_id: int, *, hidden: bool) -> Link:
    """Let *subject*, one of ours, keep one of their links to themselves, or show it again.

    Those who run what they take part in know it all the same; the documents of the other side
    stand on the other side's server. Raises NotFound for another's link.
    """
    link = await queries.locked(tx.db, link_id)
    if link is None or link.subject_id != subject.id or not subject.local:
        raise NotFound
    await queries.hide(tx.db, link.id, hidden=hidden)
    return replace(link, hidden=hidden)
