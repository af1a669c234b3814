"""Places as they leave: Place documents, and Create, Update, Delete around them."""

from __future__ import annotations

from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.places.model import Place
from fedcommune.domain.visibility import Visibility
from federation.vocabulary import points, tags
from outbox import envelope
from outbox.addressing import Recipient


async def document(tx: Transaction, place: Place, owner: Account) -> dict[str, Any]:
    """Return our *place*, without ``@context``: what is sent, and what is served (product 8.4)."""
    claimed = None
    if place.claimed_by is not None:
        claimed = await account_queries.by_id(tx.db, place.claimed_by)
    return points.write(
        points.PointView(
            id=place.object_id,
            owner=owner.actor_id,
            name=place.name,
            latitude=place.latitude,
            longitude=place.longitude,
            kind=place.kind,
            category=place.category,
            summary=place.summary,
            content=place.content,
            street=place.street,
            postal_code=place.postal_code,
            locality=place.locality,
            opening_hours=place.opening_hours,
            accessibility=place.accessibility,
            website=place.website,
            url=tx.instance.place_page(place.id),
            same_as=place.same_as,
            claimable=place.claimable and claimed is None,
            claimed_by=None if claimed is None else claimed.actor_id,
            published=place.created_at,
            updated=place.updated_at if place.updated_at > place.created_at else None,
        ),
        followers=owner.followers_url or f"{owner.actor_id}/followers",
        tags=[tags.hashtag_link(tx.instance.tag_page(name), name) for name in place.tags],
    )


async def created(tx: Transaction, place: Place, owner: Account) -> None:
    """Tell the neighbours that *place* is there."""
    await _send(
        tx,
        place,
        owner,
        envelope.create(
            tx.instance.answer("create", place.object_id),
            owner.actor_id,
            await document(tx, place, owner),
        ),
    )


async def updated(tx: Transaction, place: Place, owner: Account) -> None:
    """Tell the neighbours what *place* is like now."""
    await _send(
        tx,
        place,
        owner,
        envelope.update(
            tx.instance.activity(identifiers.new(tx.now)),
            owner.actor_id,
            await document(tx, place, owner),
            published=tx.now,
        ),
    )


async def deleted(tx: Transaction, place: Place, owner: Account) -> None:
    """Tell the neighbours that *place* is no more."""
    said = await document(tx, place, owner)
    await _send(
        tx,
        place,
        owner,
        envelope.delete(
            tx.instance.answer("delete", place.object_id),
            owner.actor_id,
            place.object_id,
            to=said["to"],
            cc=said["cc"],
            former_type="Place",
            deleted=tx.now,
        ),
    )


async def _send(tx: Transaction, place: Place, owner: Account, activity: dict[str, Any]) -> None:
    await accounts.send(
        tx,
        owner,
        activity,
        to=await _neighbours(tx, owner),
        visibility=Visibility.PUBLIC,
        order=place.object_id,
    )


async def _neighbours(tx: Transaction, owner: Account) -> list[Recipient]:
    """Those who follow the owner, and those who follow the commune: it tells of all its places."""
    found = await account_queries.followers_recipients(tx.db, owner.id)
    if owner.actor_id != tx.instance.actor:
        commune = await account_queries.by_actor_id(tx.db, tx.instance.actor)
        if commune is not None:
            found += await account_queries.followers_recipients(tx.db, commune.id)
    return found
