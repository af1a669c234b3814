"""Keep a local actor up to date: its profile and its keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from msgspec import structs

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import lines, outgoing, queries
from fedcommune.domain.accounts.actions.opening import (
    MAIN_KEY,
    PROOF_KEY,
    check_profile,
    keep_pair,
)
from fedcommune.domain.accounts.model import KEYS_OVERLAP, Account, Changes, Profile
from fedcommune.domain.accounts.queries import proofs
from fedcommune.domain.emojis import outgoing as emojis
from fedcommune.domain.media import actions as media
from fedcommune.domain.media.model import File
from fedcommune.errors import NotFound
from federation.keys import Pair
from outbox.addressing import Recipient

NO_PICTURES: Final[Mapping[str, File | None]] = MappingProxyType({})


async def edit(
    tx: Transaction,
    account: Account,
    changes: Changes,
    *,
    pictures: Mapping[str, File | None] = NO_PICTURES,
    point: tuple[float | None, float | None] | None = None,
    also: Iterable[Recipient] = (),
) -> Account:
    """Change the profile of a local actor; return it as it is now.

    *pictures* gives its ``icon`` and its ``image`` a file, or takes them away, *point* puts it
    somewhere on the map, or nowhere. The addresses that it names are looked at soon: whether
    they lead back to it. Its followers are told, and *also* others.
    Raises Invalid when something is too long, NotFound when the actor is not ours or is gone.
    """
    if not account.local or account.deleted_at is not None:
        raise NotFound
    wanted: dict[str, Any] = {
        name: value
        for name in Changes.__dataclass_fields__
        if (value := getattr(changes, name)) is not None
    }
    taken = {name: None for name in ("icon", "image") if wanted.get(name) == ""}
    for part, file in {**taken, **pictures}.items():
        await media.portray(tx, account.id, part, file)
        wanted[part] = None if file is None else tx.instance.media(file.name)
    changed = structs.replace(account, **wanted)
    if point is not None:
        changed = structs.replace(changed, latitude=point[0], longitude=point[1])
    named = await emojis.tags_of(tx, *_texts(changed))
    pairs = tuple((tag["name"].strip(":"), tag["icon"]["url"]) for tag in named)
    proven = await proofs.name(tx.db, account.id, lines.addresses(changed), tx.now)
    changed = structs.replace(
        changed, details=replace(changed.details, emojis=pairs, verified=proven)
    )
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
    changed = await queries.update(tx.db, structs.replace(changed, updated_at=tx.now))
    await outgoing.updated(tx, changed, also=also)
    return changed


def _texts(account: Account) -> list[str]:
    """Where a profile may name pictures that stand for words."""
    texts = (text for field in account.fields for text in (field.name, field.value))
    return [account.name, account.source, *texts]


async def prove(tx: Transaction, account: Account, url: str, *, links_back: bool) -> Account:
    """Note whether the page at *url*, which our *account* names, leads back to it (rel=me).

    Its followers are told when that changed. Return the account as it is now.
    """
    await proofs.judge(tx.db, account.id, url, tx.now, links_back=links_back)
    proven = await proofs.verified(tx.db, account.id)
    if proven == account.details.verified:
        return account
    details = replace(account.details, verified=proven)
    if details.vouched_at is not None and details.website not in dict(proven):
        # The word of the commune stood on this proof.
        details = replace(details, vouched_at=None)
    changed = await queries.update(
        tx.db, structs.replace(account, details=details, updated_at=tx.now)
    )
    await outgoing.updated(tx, changed)
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
    changed = await queries.update(tx.db, structs.replace(account, updated_at=tx.now))
    await outgoing.updated(tx, changed)
    return changed
