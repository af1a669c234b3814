"""The same ``Idempotency-Key``, the same answer: an app that did not hear us asks again."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.reading import markers
from fedcommune.domain.reading.model import MAX_KEY
from fedcommune.errors import Invalid
from fedcommune.mastodon.call import Call

HEADER = "Idempotency-Key"


def key_of(call: Call) -> str | None:
    """Return the key of a request. Raises :class:`Invalid` for one that is too long."""
    key = call.request.headers.get(HEADER, "").strip()
    if len(key) > MAX_KEY:
        raise Invalid(HEADER, f"A key has at most {MAX_KEY} characters.")
    return key or None


async def made_before(tx: Transaction, account: Account, key: str | None) -> int | None:
    """Return the id of what *account* made with this key within the last hour.

    Who comes with the same key meanwhile waits for this transaction to end.
    """
    return None if key is None else await markers.made_before(tx.db, account.id, key, tx.now)


async def remember(tx: Transaction, account: Account, key: str | None, result_id: int) -> None:
    """Let the key stand for what was made, for an hour."""
    if key is not None:
        await markers.remember_made(tx.db, account.id, key, result_id, tx.now)
