"""Open an actor of ours: its name, its keys, its addresses."""

from __future__ import annotations

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries
from fedcommune.domain.accounts.model import (
    MAX_FIELDS,
    MAX_NAME,
    MAX_SUMMARY,
    RESERVED,
    TYPES,
    Account,
    Kind,
    Profile,
    folded,
    is_username,
)
from fedcommune.errors import Conflict, Invalid
from federation.keys import Pair


def _(message: str) -> str:
    """Mark *message* for the catalogues; it is translated where it is shown."""
    return message


MAIN_KEY = "main-key"
PROOF_KEY = "ed25519-key"

# What the server itself opens may bear the names that people may not take.
_OFFICIAL = frozenset({Kind.COMMUNE, Kind.FEED, Kind.SQUARE, Kind.AUTHORITY})


async def open_(
    tx: Transaction,
    *,
    kind: Kind | str,
    username: str,
    name: str,
    pair: Pair,
    profile: Profile | None = None,
    summary: str = "",
    locked: bool = False,
) -> Account:
    """Open a local actor of *kind* and keep its keys, sealed.

    The ActivityStreams type follows from the kind (product rule 8.1). *pair* is made
    before the transaction (``federation.keys.generate``). *summary* (sanitised HTML) and
    *locked* are short for a whole *profile*. Raises Invalid for a name that nobody may
    bear, and Conflict for one that somebody bears, bore, or that looks like theirs.
    """
    kind = Kind(kind)
    if kind is Kind.STRANGER:
        raise Invalid("kind", _("An actor of ours needs one of our kinds."))
    profile = profile or Profile(summary=summary, locked=locked)
    check_profile(name, profile)
    username = username.strip()
    await _check_username(tx, kind, username)

    instance = tx.instance
    account_id = identifiers.new(tx.now)
    actor_id = instance.actor if kind is Kind.COMMUNE else instance.account(account_id)
    if kind is Kind.COMMUNE and await queries.by_actor_id(tx.db, actor_id) is not None:
        raise Conflict(_("This commune already has its actor: there is one, and it stays."))
    account = await queries.insert(
        tx.db,
        Account(
            id=account_id,
            actor_id=actor_id,
            local=True,
            type=TYPES[kind],
            kind=kind,
            username=username,
            domain=instance.domain,
            name=name.strip(),
            summary=profile.summary,
            source=profile.source,
            url=instance.profile_page(username),
            inbox=f"{actor_id}/inbox",
            shared_inbox=instance.shared_inbox,
            followers_url=f"{actor_id}/followers",
            featured_url=f"{actor_id}/featured",
            icon=profile.icon,
            image=profile.image,
            fields=profile.fields,
            locked=profile.locked,
            discoverable=profile.discoverable,
            indexable=profile.indexable,
            latitude=profile.latitude,
            longitude=profile.longitude,
            territory=instance.insee or None,
            also_known_as=(),
            moved_to=None,
            moved_at=None,
            created_at=tx.now,
            updated_at=tx.now,
            fetched_at=None,
            suspended_at=None,
            deleted_at=None,
            details=profile.details,
        ),
    )
    await keep_pair(tx, account, pair, f"{actor_id}#{MAIN_KEY}", f"{actor_id}#{PROOF_KEY}")
    return account


async def keep_pair(
    tx: Transaction, account: Account, pair: Pair, rsa_id: str, ed25519_id: str
) -> None:
    """Store both keys of *pair*, their private halves sealed (SEC-SIG-11)."""
    await queries.insert_key(
        tx.db,
        key_id=rsa_id,
        account_id=account.id,
        algorithm="rsa",
        public=pair.rsa_public,
        private=tx.keyring.seal(pair.rsa_private, rsa_id),
        now=tx.now,
    )
    await queries.insert_key(
        tx.db,
        key_id=ed25519_id,
        account_id=account.id,
        algorithm="ed25519",
        public=pair.ed25519_public,
        private=tx.keyring.seal(pair.ed25519_private, ed25519_id),
        now=tx.now,
    )


def check_profile(name: str | None, profile: Profile) -> None:
    """Raise Invalid when a part of a profile is too long."""
    if name is not None and not 1 <= len(name.strip()) <= MAX_NAME:
        raise Invalid("name", _("A name has 1 to {limit} characters."), limit=MAX_NAME)
    if len(profile.summary) > MAX_SUMMARY or len(profile.source) > MAX_SUMMARY:
        raise Invalid(
            "summary", _("A presentation has at most {limit} characters."), limit=MAX_SUMMARY
        )
    if len(profile.fields) > MAX_FIELDS:
        raise Invalid("fields", _("A profile has at most {limit} fields."), limit=MAX_FIELDS)
    if (profile.latitude is None) != (profile.longitude is None):
        raise Invalid("latitude", _("A point on the map needs both latitude and longitude."))


async def _check_username(tx: Transaction, kind: Kind, username: str) -> None:
    if kind is Kind.COMMUNE and username == tx.instance.host:
        return
    if not is_username(username):
        raise Invalid(
            "username", _("A user name has 1 to 30 characters among a–z, 0–9 and the underscore.")
        )
    looks = folded(username)
    if kind not in _OFFICIAL and looks in {folded(each) for each in RESERVED}:
        raise Invalid("username", _("This name is kept for the server: choose another."))
    if await queries.looks_taken(tx.db, looks):
        raise Conflict(_("This name is taken, or looks like one that is: choose another."))
