"""Tell of a place, correct it, take it away, and keep what neighbours tell of theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.places import outgoing, queries
from fedcommune.domain.places.model import Draft, Place
from fedcommune.domain.posts import actions as post_actions
from fedcommune.domain.posts import queries as posts
from fedcommune.errors import Conflict, NotAllowed, NotFound
from fedcommune.text import html, markdown
from fedcommune.text.mentions import Links
from federation.errors import IgnoredError, RefusedError
from federation.vocabulary.points import PointView


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def add(tx: Transaction, by: Account, draft: Draft) -> Place:
    """Let *by*, one of ours, tell of a place; the neighbours are told.

    What a person tells of belongs to the commune: its actor tells of it, and everybody here
    may correct it. What an organisation tells of is its own. Raises Invalid for what needs a
    correction, Conflict when it was imported already, NotAllowed for strangers.
    """
    draft.check()
    owner = await _owner(tx, by)
    place_id = identifiers.new(tx.now)
    place = Place(
        id=place_id,
        object_id=tx.instance.place(place_id),
        local=True,
        owner_id=owner.id,
        claimed_by=None,
        imported_as=draft.imported_as,
        created_at=tx.now,
        updated_at=tx.now,
        deleted_at=None,
        told_by=None if draft.imported_as else by.id,
        **_said(tx, draft),
    )
    if not await queries.insert(tx.db, place):
        raise Conflict(_("This place is here already."))
    await outgoing.created(tx, place, owner)
    return place


async def correct(tx: Transaction, by: Account, place_id: int, draft: Draft) -> Place:
    """Let *by* say anew what a place of ours is like; what it was like before is kept.

    Raises NotFound when it is none of ours or gone, NotAllowed when it is an organisation's
    and *by* is another, Invalid for what needs a correction.
    """
    draft.check()
    stored, owner = await _ours(tx, by, place_id)
    place = replace(stored, **_said(tx, draft), updated_at=tx.now)
    if replace(place, updated_at=stored.updated_at) == stored:
        return stored
    await queries.add_revision(tx.db, stored, by.id, tx.now)
    await queries.rewrite(tx.db, place)
    await outgoing.updated(tx, place, owner)
    return place


async def remove(tx: Transaction, by: Account, place_id: int) -> None:
    """Let *by* say that a place of ours is no more; the post that told of it goes with it.

    Raises NotFound when it is none of ours or gone already, NotAllowed as :func:`correct`.
    """
    place, owner = await _ours(tx, by, place_id)
    await queries.add_revision(tx.db, place, by.id, tx.now)
    await queries.remove(tx.db, place.id, tx.now)
    await outgoing.deleted(tx, place, owner)
    await _unsay(tx, place, owner)


async def give(tx: Transaction, place_id: int, to: Account) -> Place:
    """Let *to*, an actor of ours that speaks for it, stand in the place of an entry.

    Raises NotFound when it is none of ours or gone, Conflict when somebody has it already.
    """
    stored = await queries.locked(tx.db, place_id)
    if stored is None or not stored.local:
        raise NotFound
    if stored.claimed_by is not None:
        raise Conflict(_("Somebody speaks for this place already."))
    owner = await _of(tx, stored)
    await queries.add_revision(tx.db, stored, to.id, tx.now)
    place = replace(stored, claimed_by=to.id, claimable=False, updated_at=tx.now)
    await queries.rewrite(tx.db, place)
    await outgoing.updated(tx, place, owner)
    return place


async def learn(tx: Transaction, view: PointView, owner: Account) -> Place:
    """Keep what a neighbour tells of a place of its own, as it is now.

    Raises RefusedError for an id of ours (SEC-ORI-06), for the place of another (SEC-ORI-04)
    or what is not for everybody; IgnoredError for what is older than what we know, or gone.
    """
    if tx.instance.owns(view.id) or owner.local:
        raise RefusedError("This place would be ours: nobody else speaks for it.")
    if view.owner != owner.actor_id:
        raise RefusedError("This place is not told by who sends it.")
    if not view.is_public:
        raise RefusedError("A place is for everybody or for nobody.")
    if await accounts.is_dead(tx.db, view.id):
        raise IgnoredError("This place was taken away.")
    claimed = None
    if view.claimed_by is not None:
        claimed = await accounts.by_actor_id(tx.db, view.claimed_by)
    said: dict[str, Any] = {
        "kind": view.kind,
        "category": view.category,
        "name": html.line(view.name),
        "summary": html.line(view.summary),
        "content": html.clean(view.content),
        "source": "",
        "latitude": view.latitude,
        "longitude": view.longitude,
        "street": html.line(view.street),
        "postal_code": html.line(view.postal_code),
        "locality": html.line(view.locality),
        "opening_hours": html.line(view.opening_hours),
        "accessibility": view.accessibility,
        "website": view.website,
        "tags": view.hashtags,
        "same_as": view.same_as,
        "claimable": view.claimable,
        "claimed_by": None if claimed is None else claimed.id,
    }
    known = await queries.stored(tx.db, view.id)
    changed_at = view.updated or view.published or tx.now
    if known is None:
        place_id = identifiers.new(tx.now)
        place = Place(
            id=place_id,
            object_id=view.id,
            local=False,
            owner_id=owner.id,
            imported_as=None,
            created_at=min(view.published or tx.now, tx.now),
            updated_at=min(changed_at, tx.now),
            deleted_at=None,
            **said,
        )
        if not await queries.insert(tx.db, place):
            raise IgnoredError("This place is known already.")
        return place
    if known.owner_id != owner.id:
        raise RefusedError("Only who tells of a place can change it.")
    if known.deleted_at is not None or changed_at <= known.updated_at:
        raise IgnoredError("This is not newer than what is known.")
    place = replace(known, updated_at=min(changed_at, tx.now), **said)
    await queries.rewrite(tx.db, place)
    return place


async def forget(tx: Transaction, object_id: str, owner_id: str) -> bool:
    """Take away a neighbour's place because it says so; False when we never had it.

    Raises RefusedError when it is another's.
    """
    known = await queries.stored(tx.db, object_id)
    if known is None:
        return False
    owner = await accounts.by_id(tx.db, known.owner_id)
    if owner is None or owner.local or owner.actor_id != owner_id:
        raise RefusedError("Only who tells of a place can take it away.")
    if known.deleted_at is None:
        await queries.remove(tx.db, known.id, tx.now)
    return True


def _said(tx: Transaction, draft: Draft) -> dict[str, Any]:
    """Return the columns that a draft fills."""
    return {
        "kind": draft.kind,
        "category": draft.category if draft.kind == "poi" else "",
        "name": html.line(draft.name),
        "summary": html.line(draft.summary),
        "content": markdown.render(draft.text, Links({}, tx.instance.tag_page)),
        "source": draft.text.strip(),
        "latitude": draft.latitude,
        "longitude": draft.longitude,
        "street": html.line(draft.street),
        "postal_code": html.line(draft.postal_code),
        "locality": html.line(draft.locality),
        "opening_hours": html.line(draft.opening_hours),
        "accessibility": draft.accessibility,
        "website": draft.website or None,
        "tags": draft.words,
        "same_as": draft.same_as,
        "claimable": draft.claimable,
    }


async def _owner(tx: Transaction, by: Account) -> Account:
    """Return who tells of what *by* adds: the commune for people, themselves for the others."""
    if not by.local or not by.is_active:
        raise NotAllowed(_("Only a living account of ours can tell of a place."))
    if by.kind is not Kind.CITIZEN:
        return by
    commune = await accounts.by_actor_id(tx.db, tx.instance.actor)
    return by if commune is None else commune


async def _unsay(tx: Transaction, place: Place, owner: Account) -> None:
    """Delete the post that told of a place, unless somebody did."""
    note_id = await queries.note_of(tx.db, place.id)
    note = None if note_id is None else await posts.locked(tx.db, note_id)
    if note is not None and note.deleted_at is None and note.author_id == owner.id:
        await post_actions.remove(tx, owner, note)


async def _of(tx: Transaction, place: Place) -> Account:
    owner = await accounts.by_id(tx.db, place.owner_id)
    assert owner is not None, "a place goes with who tells of it"
    return owner


async def _ours(tx: Transaction, by: Account, place_id: int) -> tuple[Place, Account]:
    """Return a place of ours, its row locked, and its owner, if *by* may change it."""
    if not by.local or not by.is_active:
        raise NotAllowed(_("Only a living account of ours can correct a place."))
    place = await queries.locked(tx.db, place_id)
    if place is None or not place.local:
        raise NotFound
    owner = await _of(tx, place)
    if owner.id != by.id and owner.actor_id != tx.instance.actor:
        raise NotAllowed(_("Only who told of this place can correct it."))
    return place, owner
