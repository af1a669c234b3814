"""What leaves in the name of an actor of ours; the one place where an activity leaves at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import structlog

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import lines, queries
from fedcommune.domain.accounts import personal as personal_facts
from fedcommune.domain.accounts.model import Account, ActorKey, Kind, featuring
from fedcommune.domain.accounts.model import Field as Line
from fedcommune.domain.emojis import outgoing as emojis
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.visibility import ANYONE, Visibility
from fedcommune.instance import Instance
from fedcommune.keyring import SWITCH_AFTER
from federation import iris
from federation.boxes import without_blind_copies
from federation.errors import RefusedError
from federation.keys import load_public_der, load_public_raw, to_multibase, to_pem
from federation.names import PUBLIC
from federation.proofs import integrity, linked_data
from federation.vocabulary import actors
from federation.vocabulary import tags as tag_links
from federation.vocabulary.actors import ActorProfile, Field
from federation.vocabulary.context import with_context
from federation.vocabulary.places import Place
from outbox import addressing, envelope, publish
from outbox.addressing import Recipient

_log = structlog.get_logger(__name__)

# What may be forwarded by others, or read after we are gone, carries proofs of its own
# (W-OIP-02, W-LDS-02).
PROVEN: Final = frozenset({"Create", "Update", "Delete", "Announce", "Move"})
# What the instance says it can do (FEP-844e).
CAPABILITIES: Final = (
    (
        "https://datatracker.ietf.org/doc/html/rfc9421",
        "RFC 9421: HTTP Message Signatures",
    ),
)
# Those in whose name no app acts.
_VOICES: Final = frozenset({Kind.COMMUNE, Kind.FEED, Kind.SQUARE})
# What even somebody on the other side of a block must hear: endings, never news.
ENDINGS: Final = frozenset({"Delete", "Undo", "Reject", "Block", "Leave", "Remove"})


async def send(
    tx: Transaction,
    actor: Account,
    activity: Mapping[str, Any],
    *,
    to: Iterable[Recipient],
    visibility: Visibility,
    order: str | None = None,
) -> None:
    """Queue *activity*, said by our *actor*, for the recipients *to*.

    Adds the ``@context``, removes blind copies, and proves what is open and lasting
    (FEP-8b32, and a Linked Data signature for those who forward only that). Nothing is
    delivered to ourselves, to refused hosts (SEC-MOD-01), nor, except for endings, across
    a block (SEC-MOD-02). Two activities with the same *order* (an object's id) reach an
    inbox one after the other. Raises RefusedError for an activity that is incomplete, too
    long, or somebody else's.
    """
    tx.told.append(activity)
    recipients = await _reachable(tx, actor, str(activity.get("type")), to)
    inboxes = addressing.inboxes(
        recipients,
        ours=tx.instance.owns,
        private=visibility in (Visibility.LIMITED, Visibility.DIRECT),
    )
    if not inboxes and not visibility.is_open:
        return
    document = without_blind_copies(activity)
    if visibility.is_open and document.get("type") in PROVEN:
        document = await _proven(tx, actor, document, forwarded=bool(inboxes))
    else:
        document = with_context(document)
    await publish.publish(
        tx.db,
        document,
        actor_id=actor.actor_id,
        inboxes=inboxes,
        now=tx.now,
        order=order,
        public=visibility.is_open,
    )


async def tell(
    tx: Transaction, actor: Account, activity: Mapping[str, Any], whom: Account, *, order: str
) -> None:
    """Queue *activity*, said by our *actor* to *whom* and to nobody else; as :func:`send`."""
    await send(tx, actor, activity, to=[whom.recipient], visibility=Visibility.DIRECT, order=order)


async def _reachable(
    tx: Transaction, actor: Account, kind: str, to: Iterable[Recipient]
) -> list[Recipient]:
    """Return those recipients who are not ours, on no refused host, beyond no block."""
    outside: dict[Recipient, str] = {}
    for recipient in to:
        if tx.instance.owns(recipient.actor_id):
            continue
        try:
            outside[recipient] = iris.authority(recipient.inbox)
        except RefusedError as error:
            _log.warning("recipient_left_out", actor=recipient.actor_id, reason=str(error))
    refused = await hosts.refused_among(tx.db, set(outside.values()))
    blocked: set[str] = set()
    if outside and kind not in ENDINGS:
        blocked = await queries.blocked_recipients(
            tx.db, actor.id, [recipient.actor_id for recipient in outside]
        )
    return [
        recipient
        for recipient, host in outside.items()
        if host not in refused and recipient.actor_id not in blocked
    ]


async def _proven(
    tx: Transaction, actor: Account, activity: Mapping[str, Any], *, forwarded: bool
) -> dict[str, Any]:
    """Return *activity* with its proofs.

    The integrity proof comes first, over everything but the Linked Data signature, which
    whoever verifies the proof drops. The context does not name ``proof``, so that it is no
    part of the graph that the signature covers: as a graph within the graph, strict readers
    (we too) would have to refuse it. Each of the two then holds without the other.
    """
    document = with_context(activity)
    signer = await tx.keyring.signer(tx.db, actor.actor_id, tx.now)
    if signer.proof_key is not None and signer.proof_key_id is not None:
        document = integrity.sign(
            document, key=signer.proof_key, key_id=signer.proof_key_id, now=tx.now
        )
    if forwarded:
        document = linked_data.sign(document, key=signer.key, key_id=signer.key_id, now=tx.now)
    return document


def document(
    instance: Instance,
    account: Account,
    keys: Sequence[ActorKey],
    *,
    feeds: Sequence[str] = (),
    tags: Sequence[Mapping[str, Any]] = (),
    personal: Sequence[Line] = (),
) -> dict[str, Any]:
    """Return the document of one of our actors, without ``@context`` (W-DOC-03).

    *keys* are those in force, the one that signs first among its kind; *feeds* the ids of
    the topical actors, which the commune names; *tags* the pictures that its texts name, *personal*
    what a citizen shows to everybody. Raises ValueError without an RSA key.
    """
    main = next((key for key in keys if key.algorithm == "rsa"), None)
    if main is None:
        raise ValueError(f"The actor {account.actor_id} has no RSA key: nobody could follow it.")
    details = account.details
    at_once, when_asked = featuring(account) or ((), ())
    profile = ActorProfile(
        id=account.actor_id,
        type=account.type,
        kind=account.kind.value,
        username=account.username,
        domain=account.domain,
        name=account.name,
        inbox=account.inbox,
        outbox=f"{account.actor_id}/outbox",
        shared_inbox=instance.shared_inbox,
        public_key_id=main.id,
        public_key_pem=to_pem(load_public_der(main.public)),
        summary=account.summary,
        url=account.url,
        followers=account.followers_url,
        following=f"{account.actor_id}/following",
        featured=account.featured_url,
        featured_collections=instance.collections(account.actor_id),
        features_at_once=at_once,
        features_when_asked=when_asked,
        icon=account.icon,
        image=account.image,
        icon_described=details.icon_described,
        image_described=details.image_described,
        fields=tuple(
            Field(each.name, lines.own(each.value))
            for each in (*lines.told(instance, account), *personal, *account.fields)
        ),
        locked=account.locked,
        discoverable=account.discoverable,
        indexable=account.indexable,
        published=account.created_at,
        updated=account.updated_at,
        also_known_as=account.also_known_as,
        moved_to=account.moved_to,
        location=_location(account),
        territory=account.territory,
        feeds=tuple(feeds),
        openness=details.openness,
        members=f"{account.actor_id}/members" if details.openness else None,
        places=f"{account.actor_id}/places" if account.kind is Kind.COMMUNE else None,
        needs=f"{account.actor_id}/needs" if details.openness else None,
        upcoming_events=None if account.kind is Kind.CITIZEN else f"{account.actor_id}/events",
        stage=details.stage,
        starts_at=details.starts_at,
        ends_at=details.ends_at,
        carried_by=details.carried_by,
        parent=details.parent,
        endpoints=None if account.kind in _VOICES else _endpoints(instance),
        tags=(
            *tags,
            *(tag_links.hashtag_link(instance.tag_page(each), each) for each in details.tags),
        ),
        opening_hours=details.opening_hours,
        accessibility=details.accessibility,
    )
    if account.kind is Kind.COMMUNE:
        profile = replace(
            profile,
            location=place_of(instance),
            postal_codes=instance.postal_codes,
            epci=instance.epci,
            timezone=instance.timezone,
            capabilities=CAPABILITIES,
        )
    written = actors.write(profile)
    # The key that signs stands alone in publicKey, where everybody reads only one; the
    # others are Multikeys (W-KEY-04, FEP-521a).
    multikeys = [
        {
            "id": key.id,
            "type": "Multikey",
            "controller": account.actor_id,
            "publicKeyMultibase": to_multibase(
                load_public_raw(key.public)
                if key.algorithm == "ed25519"
                else load_public_der(key.public)
            ),
        }
        for key in keys
        if key is not main
    ]
    return {**written, "assertionMethod": multikeys} if multikeys else written


def _endpoints(instance: Instance) -> dict[str, str]:
    """Return where apps act for an actor that people act as (C2S-33, ActivityPub 4.1)."""
    return {
        "proxyUrl": instance.proxy,
        "uploadMedia": instance.uploads,
        "oauthAuthorizationEndpoint": instance.oauth_authorization,
        "oauthTokenEndpoint": instance.oauth_token,
    }


def place_of(instance: Instance) -> Place:
    """Return where the commune itself is: a Place with an id of its own."""
    return Place(
        name=instance.name,
        latitude=instance.latitude,
        longitude=instance.longitude,
        id=instance.territory,
    )


def _location(account: Account) -> Place | None:
    details = account.details
    if account.latitude is None and not details.locality:
        return None
    return Place(
        name=account.name,
        latitude=account.latitude,
        longitude=account.longitude,
        street=details.street,
        postal_code=details.postal_code,
        locality=details.locality,
        country="FR" if details.locality else "",
    )


async def describe(tx: Transaction, account: Account) -> dict[str, Any]:
    """Return the document of our *account* as it is now, without ``@context``."""
    keys = await queries.keys_of(tx.db, account.id, tx.now)
    switched = [key for key in keys if key.created_at <= tx.now - SWITCH_AFTER]
    # As the keyring chooses: the newest that others had time to learn, else the oldest.
    ordered = [*reversed(switched), *(key for key in keys if key not in switched)]
    feeds: list[str] = []
    if account.kind is Kind.COMMUNE:
        local = await queries.local_of_kinds(tx.db, [Kind.FEED, Kind.SQUARE])
        feeds = [feed.actor_id for feed in local]
    texts = (text for field in account.fields for text in (field.name, field.value))
    tags = await emojis.tags_of(tx, account.name, account.source, *texts)
    told = await personal_facts.shown(tx.db, tx.instance, ANYONE, [account.id])
    return document(
        tx.instance, account, ordered, feeds=feeds, tags=tags, personal=told.get(account.id, ())
    )


async def updated(
    tx: Transaction,
    account: Account,
    *,
    also: Iterable[Recipient] = (),
) -> None:
    """Tell the followers of our *account*, and *also* others, what it is like now."""
    followers = account.followers_url or f"{account.actor_id}/followers"
    await send(
        tx,
        account,
        envelope.update(
            tx.instance.activity(identifiers.new(tx.now)),
            account.actor_id,
            await describe(tx, account),
            to=[PUBLIC],
            cc=[followers],
            published=tx.now,
        ),
        to=[*await queries.followers_recipients(tx.db, account.id), *also],
        visibility=Visibility.PUBLIC,
        order=account.actor_id,
    )


async def deleted(tx: Transaction, account: Account) -> None:
    """Tell every server we know that our *account* is no more (W-ACT-DeleteActor)."""
    await send(
        tx,
        account,
        envelope.delete_actor(tx.instance.answer("delete", account.actor_id), account.actor_id),
        to=await queries.known_recipients(tx.db),
        visibility=Visibility.PUBLIC,
        order=account.actor_id,
    )
