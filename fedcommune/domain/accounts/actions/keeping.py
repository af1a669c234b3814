"""Keep a local actor up to date: its profile and its keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing, queries
from fedcommune.domain.accounts.actions.opening import (
    MAIN_KEY,
    PROOF_KEY,
    check_profile,
    keep_pair,
)
from fedcommune.domain.accounts.model import KEYS_OVERLAP, Account, Changes, Profile
from fedcommune.errors import NotFound
from federation.keys import Pair
from outbox.addressing import Recipient


async def edit(
    tx: Transaction,
    account: Account,
    changes: Changes,
    *,
    also: Iterable[Recipient] = (),
) -> Account:
    """Change the profile of a local actor; return it as it is now.

    Its followers are told, and *also* others.
    Raises Invalid when something is too long, NotFound when the actor is not ours or is gone.
    """
    if not account.local or account.deleted_at is not None:
        raise NotFound
    wanted: dict[str, Any] = {
        name: value
        for name in Changes.__dataclass_fields__
        if (value := getattr(changes, name)) is not None
    }
    for name in ("icon", "image"):
        if wanted.get(name) == "":
            wanted[name] = None
    changed = replace(account, **wanted)
    check_profile(
        changed.name,
        Profile(
            summary=changed.summary,
            source=changed.source,
            fields=changed.fields,
            latitude=changed.latitude,
            longitude=changed.longitude,
        ),
    )
    if changed == account:
        return account
    changed = await queries.update(tx.db, replace(changed, updated_at=tx.now))
    await outgoing.updated(tx, changed, also=also)
    return changed


async def rotate_keys(
    tx: Transaction,
    account: Account,
    pair: Pair,
) -> Account:
    """Give a local actor a new pair of keys and announce them, signed with the old (W-KEY-04).

    The new keys sign ten minutes later (``Keyring.signer``); the old ones stay listed for
    48 hours. Raises NotFound when the actor is not ours or is gone.
    """
    if not account.local or account.deleted_at is not None:
        raise NotFound
    old = await queries.keys_of(tx.db, account.id, tx.now)
    suffix = f"-{identifiers.new(tx.now):x}"
    rsa_id = f"{account.actor_id}#{MAIN_KEY}{suffix}"
    ed25519_id = f"{account.actor_id}#{PROOF_KEY}{suffix}"
    await keep_pair(tx, account, pair, rsa_id, ed25519_id)
    await queries.expire_keys(tx.db, account.id, [key.id for key in old], tx.now + KEYS_OVERLAP)
    changed = await queries.update(tx.db, replace(account, updated_at=tx.now))
    await outgoing.updated(tx, changed)
    return changed
