"""What moderation says to other servers: a report, in the commune's name."""

from __future__ import annotations

from collections.abc import Sequence

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.visibility import Visibility
from outbox import envelope


async def flag(
    tx: Transaction,
    commune: Account,
    reported: Account,
    object_ids: Sequence[str],
    content: str,
) -> None:
    """Forward a report about *reported* and what it made; who reports is not named (W-ACT-Flag)."""
    await accounts.send(
        tx,
        commune,
        envelope.flag(
            tx.instance.activity(identifiers.new(tx.now)),
            commune.actor_id,
            [reported.actor_id, *object_ids],
            content=content,
            to=[reported.actor_id],
        ),
        to=[reported.recipient],
        visibility=Visibility.DIRECT,
    )
