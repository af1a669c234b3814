"""Learn of actors elsewhere, only from documents that came from their own origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import structs

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries
from fedcommune.domain.accounts.model import (
    MAX_DESCRIBED,
    MAX_EMOJIS,
    Account,
    Details,
    Field,
    Kind,
)
from fedcommune.domain.hosts import queries as hosts
from fedcommune.text import html
from federation import iris, keys
from federation.errors import GoneError, RefusedError
from federation.keys import PublicKey
from federation.vocabulary import actors
from federation.vocabulary.actors import ActorView


class Handle(Protocol):
    """What ``federation.webfinger.Handle`` is; that module reaches the network, we must not."""

    @property
    def username(self) -> str: ...

    @property
    def domain(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Name:
    username: str
    domain: str


async def learn(
    tx: Transaction, document: Mapping[str, Any], handle: Handle | None = None
) -> Account:
    """Keep what a freshly fetched actor *document* says, and its keys; return the account.

    *document* was fetched from the actor's own origin, never taken from a message: that
    is what allows a key to change (W-KEY-04). *handle* is the one that both the actor and
    its domain agree on (W-WF-05); without one, what was known stays, and a new actor is
    called by the host of its id.

    Raises RefusedError for an id of ours (SEC-ORI-06), an id that is something else here
    (SEC-ORI-07), a refused host (SEC-MOD-01) or a document that is no actor; GoneError
    when the actor was deleted (SEC-ORI-10). Nothing changes then.
    """
    view = actors.read(document)
    actor_id = view.id
    if tx.instance.owns(actor_id):
        raise RefusedError("This actor would be ours: nobody else speaks for it.")
    # Two messages of one newcomer may be handled at once: the second waits, then updates.
    await tx.db.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", actor_id)
    if await queries.is_dead(tx.db, actor_id):
        raise GoneError(f"{actor_id} was deleted.")
    if await queries.is_a_post(tx.db, actor_id):
        raise RefusedError("This id is a post here: it cannot become an actor.")
    name = _normalised(handle)
    if name is not None and name.domain == tx.instance.domain:
        raise RefusedError("A handle of our domain belongs to our own actors.")
    authorities = {iris.authority(actor_id), *(() if name is None else (name.domain,))}
    if await hosts.refused_among(tx.db, authorities):
        raise RefusedError("This server is refused here.", 403)
    if (await hosts.rules_for(tx.db, authorities)).reject_media:
        view = replace(view, icon=None, image=None)

    stored = await queries.by_actor_id(tx.db, actor_id)
    account = await (_insert(tx, view, name) if stored is None else _update(tx, stored, view, name))
    await _learn_keys(tx, account, keys.keys_of(document))
    return account


async def known(
    tx: Transaction, actor_id: str, gathered: Mapping[str, Any] | None, handle: Handle | None = None
) -> Account:
    """Return the account of *actor_id*; learn it from the *gathered* document when it is new.

    Raises RefusedError when it is neither known nor gathered, or is one of ours that does
    not exist.
    """
    account = await queries.by_actor_id(tx.db, actor_id)
    if account is not None:
        return account
    if gathered is None or gathered.get("id") != actor_id:
        raise RefusedError(f"The actor {actor_id} is not known here and could not be fetched.")
    return await learn(tx, gathered, handle)


def _normalised(handle: Handle | None) -> _Name | None:
    return None if handle is None else _Name(handle.username, iris.domain(handle.domain))


async def _insert(tx: Transaction, view: ActorView, name: _Name | None) -> Account:
    account_id = identifiers.new(tx.now)
    if name is None:
        username, domain = view.username, iris.authority(view.id)
        if await queries.by_handle(tx.db, username, domain) is not None:
            username = f"{username}.{account_id}"
    else:
        username, domain = name.username, name.domain
        await queries.release_handle(tx.db, username, domain)
    await hosts.seen(tx.db, iris.authority(view.id), tx.now)
    return await queries.insert(
        tx.db,
        _as_said(
            tx,
            view,
            Account(
                id=account_id,
                actor_id=view.id,
                local=False,
                type=view.type,
                kind=Kind.STRANGER,
                username=username,
                domain=domain,
                name="",
                summary="",
                source="",
                url=None,
                inbox=view.inbox,
                shared_inbox=None,
                followers_url=None,
                featured_url=None,
                icon=None,
                image=None,
                fields=(),
                locked=False,
                discoverable=False,
                indexable=False,
                latitude=None,
                longitude=None,
                territory=None,
                also_known_as=(),
                moved_to=None,
                moved_at=None,
                created_at=tx.now,
                updated_at=tx.now,
                fetched_at=tx.now,
                suspended_at=None,
                deleted_at=None,
            ),
        ),
    )


async def _update(tx: Transaction, stored: Account, view: ActorView, name: _Name | None) -> Account:
    said = _as_said(tx, view, stored)
    if name is not None:
        if (name.username.lower(), name.domain) != (stored.username.lower(), stored.domain):
            await queries.release_handle(tx.db, name.username, name.domain)
        said = structs.replace(said, username=name.username, domain=name.domain)
    return await queries.update(tx.db, said)


def _as_said(tx: Transaction, view: ActorView, account: Account) -> Account:
    """Return *account* with everything that the actor says of itself, cleaned."""
    point, policy = view.location, view.feature_policy
    return structs.replace(
        account,
        type=view.type,
        kind=Kind(view.kind),
        name=html.line(view.name),
        summary=html.clean(view.summary),
        url=view.url,
        inbox=view.inbox,
        shared_inbox=view.shared_inbox,
        followers_url=view.followers,
        featured_url=view.featured,
        icon=view.icon,
        image=view.image,
        fields=tuple(Field(html.line(each.name), html.clean(each.value)) for each in view.fields),
        locked=view.locked,
        discoverable=view.discoverable,
        indexable=view.indexable,
        latitude=None if point is None else point.latitude,
        longitude=None if point is None else point.longitude,
        territory=view.territory,
        details=Details(
            stage=view.stage,
            openness=view.openness,
            members=view.members,
            starts_at=view.starts_at,
            ends_at=view.ends_at,
            carried_by=view.carried_by,
            parent=view.parent,
            emojis=tuple((each.shortcode, each.url) for each in view.emojis[:MAX_EMOJIS]),
            collections=view.featured_collections,
            features_at_once=None if policy is None else policy.automatic,
            features_when_asked=None if policy is None else policy.manual,
            icon_described=html.line(view.icon_described, limit=MAX_DESCRIBED),
            image_described=html.line(view.image_described, limit=MAX_DESCRIBED),
            tags=view.hashtags,
            street="" if point is None else html.line(point.street),
            postal_code="" if point is None else html.line(point.postal_code),
            locality="" if point is None else html.line(point.locality),
            opening_hours=html.line(view.opening_hours),
            accessibility=view.accessibility,
            epci=view.epci,
        ),
        also_known_as=view.also_known_as,
        moved_to=view.moved_to if view.moved_to != view.id else None,
        updated_at=tx.now,
        fetched_at=tx.now,
    )


async def _learn_keys(tx: Transaction, account: Account, listed: list[PublicKey]) -> None:
    for key in listed:
        if isinstance(key.key, Ed25519PublicKey):
            public = keys.public_raw(key.key)
        else:
            public = keys.public_der(key.key)
        await queries.learn_key(
            tx.db,
            key_id=key.id,
            account_id=account.id,
            algorithm=key.algorithm,
            public=public,
            expires_at=key.expires,
            revoked_at=key.revoked,
            now=tx.now,
        )
    await queries.revoke_keys_except(tx.db, account.id, [key.id for key in listed], tx.now)
