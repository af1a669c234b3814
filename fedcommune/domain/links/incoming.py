"""What others say about taking part: asked, invited, accepted, refused, left, removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import queries as blocks
from fedcommune.domain.links import actions, queries
from fedcommune.domain.links.model import (
    JOINABLE,
    Link,
    State,
    Wish,
    curtailed,
    relationship_with,
    tidy_roles,
)
from federation import activities, documents, iris
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError
from federation.vocabulary import links as vocabulary
from inbox.router import Router

if TYPE_CHECKING:
    from inbox.gather import Gathered

# Events are joined too: who takes a Join, a Leave and their answers is said by whoever knows both.
router: Router[Transaction] = Router()


def the_sides(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Return the ids of both sides of what is asked."""
    request = _request(activity)
    return (request.subject, request.target)


async def asked(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody asks to take part in something of ours."""
    request = _request(activity)
    target = await _ours(tx, request.target)
    if target.kind not in JOINABLE:
        raise IgnoredError("This cannot be joined.")
    if await account_queries.is_forestalled(tx.db, activity.id, tx.now):
        raise IgnoredError("This Join was undone before it arrived.")
    subject = await _known(tx, activity.actor, gathered)
    if await blocks.between(tx.db, subject.id, target.id):
        raise IgnoredError("There is a block between the two.")
    await actions.gain_request(tx, subject, target, _wish(request), activity.id)


@router.receives("Invite", needs=the_sides)
async def invited(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Another commune's organisation or project invites one of ours.

    Some put the person into ``object``, some into ``target``: the person is who is ours.
    Only the target's own server may speak for it (product rule 9).
    """
    request = _request(activity)
    subject_id, target_id = request.subject, request.target
    if tx.instance.owns(target_id) and not tx.instance.owns(subject_id):
        subject_id, target_id = target_id, subject_id
    subject = await _ours(tx, subject_id)
    if not iris.same_origin(activity.actor, target_id) or tx.instance.owns(target_id):
        raise RefusedError("Only the server of what is joined may invite to it.")
    target = await _known(tx, target_id, gathered)
    if await blocks.between(tx.db, subject.id, target.id):
        raise IgnoredError("There is a block between the two.")
    await actions.gain_invitation(tx, subject, target, _wish(request), activity.id)


async def left(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody no longer takes part in something of ours."""
    target = await _ours(tx, _request(activity).target)
    subject = await account_queries.by_actor_id(tx.db, activity.actor)
    link = None
    if subject is not None:
        link = await queries.between(tx.db, subject.id, target.id, relationship_with(target.kind))
    if subject is None or link is None or link.state == State.ENDED:
        raise IgnoredError("They did not take part.")
    await actions.lose(tx, link, subject, target)


@router.receives("Accept", of="Invite")
async def accepted(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """What we asked for, or offered, is accepted."""
    if not await accept(tx, activity):
        raise IgnoredError("Nothing of ours waits for this answer.")


@router.receives("Reject", of="Invite")
async def refused(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """What we asked for, or offered, is refused."""
    if not await reject(tx, activity):
        raise IgnoredError("Nothing of ours is refused by this.")


@router.receives("Update", of="Relationship")
@router.receives("Update", of="Member")
@router.receives("Create", of="Member")
async def changed(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """The target's server says how one of ours takes part: let in, with which roles or rights.

    Mobilizon's Member is known by the id of the Join or the Invite that began it.
    """
    said = activity.object or activities.embedded(activity)
    if said is None:
        raise RefusedError("Only the server of the target may state who takes part in it.")
    stated = vocabulary.read(said, stated_by=activity.actor)
    link = await _stated(tx, stated)
    sides = None if link is None else await _sides(tx, link)
    if link is None or sides is None or link.state == State.ENDED:
        raise IgnoredError("None of ours takes part in this.")
    subject, target = sides
    if target.local or not iris.same_origin(activity.actor, target.actor_id):
        raise RefusedError("Only the server of the target may state who takes part in it.")
    if (stated.subject, stated.target) != (subject.actor_id, target.actor_id):
        raise RefusedError("A link never changes its two sides.")
    if stated.state == "ended":
        await actions.lose(tx, link, subject, target)
        return
    if stated.roles is not None:
        link = replace(link, roles=list(curtailed(Wish(stated.roles)).roles))
    if link.state == State.PENDING and stated.state == "active":
        await actions.was_let_in(tx, replace(link, is_admin=stated.is_admin))
        return
    is_admin = stated.is_admin and link.is_active
    await queries.save(tx.db, replace(link, is_admin=is_admin, changed_at=tx.now))


# Also for an answer that names the Join or Invite by its id alone: then whoever reads the
# activity does not know what it is about, and asks each subject in turn.


async def accept(tx: Transaction, activity: Activity) -> bool:
    """Take an Accept of a Join that we sent or of an Invite of ours; False when it is none."""
    found = await _answered(tx, activity)
    if found is None:
        return False
    link, subject, target = found
    if link.state == State.ENDED:
        raise IgnoredError("This was ended before the answer came.")
    if subject.local:
        await _let_in(tx, link, target, activity)
    elif link.state == State.INVITED:
        await actions.was_accepted(tx, link, (subject, target), activity.id)
    return True


async def reject(tx: Transaction, activity: Activity) -> bool:
    """Take a Reject of a Join that we sent or of an Invite of ours; False when it is none."""
    found = await _answered(tx, activity)
    if found is None:
        return False
    link, subject, target = found
    if link.state != State.ENDED and (subject.local or link.state == State.INVITED):
        await actions.lose(tx, link, subject, target)
    return True


async def undo(tx: Transaction, activity: Activity) -> bool:
    """Take the Undo of a Join by who asked; False when none is known."""
    link = None
    if activity.object_id is not None:
        link = await queries.by_activity(tx.db, activity.object_id)
    sides = None if link is None else await _sides(tx, link)
    if link is None or sides is None:
        return False
    subject, target = sides
    if subject.local or subject.actor_id != activity.actor:
        raise RefusedError("Only who asked can take that back.")
    if link.state != State.ENDED:
        await actions.lose(tx, link, subject, target)
    return True


async def remove(tx: Transaction, activity: Activity) -> bool:
    """Take the Remove of one of ours from what they took part in; False when it is none.

    The target says so itself. Of Mobilizon a moderator does: what is removed is then the
    Member, by its id, and ``origin`` is the group.
    """
    origin = documents.iri(activity.document.get("origin"))
    ids = [activity.object_id, activity.actor, origin]
    people = await account_queries.by_actor_ids(tx.db, [each for each in ids if each])
    subject = people.get(activity.object_id or "")
    target = people.get(origin or "") or people.get(activity.actor)
    if target is None or target.local or not iris.same_origin(activity.actor, target.actor_id):
        return False
    if subject is not None:
        link = await queries.between(tx.db, subject.id, target.id, relationship_with(target.kind))
    else:
        link = await _by_any_id(tx, activity.object_id)
        subject = None if link is None else await account_queries.by_id(tx.db, link.subject_id)
    if link is None or link.target_id != target.id or subject is None or not subject.local:
        return False
    if link.state != State.ENDED:
        await actions.lose(tx, link, subject, target)
    return True


async def _stated(tx: Transaction, stated: vocabulary.Link) -> Link | None:
    """Return the link that a Relationship or a Member is about, its row locked."""
    link = await _by_any_id(tx, stated.id)
    if link is None and stated.roles is None:
        people = await account_queries.by_actor_ids(tx.db, [stated.subject, stated.target])
        subject, target = people.get(stated.subject), people.get(stated.target)
        if subject is not None and target is not None:
            link = await queries.between(
                tx.db, subject.id, target.id, relationship_with(target.kind)
            )
    return link


async def _by_any_id(tx: Transaction, link_id: str | None) -> Link | None:
    """Return a link by the address of its Relationship, or by what began it."""
    if link_id is None:
        return None
    found = await queries.by_relationship(tx.db, link_id)
    return found or await queries.by_activity(tx.db, link_id)


async def _let_in(tx: Transaction, link: Link, target: Account, activity: Activity) -> None:
    """Keep what the target's server granted: the Relationship, the roles, the say."""
    result = documents.iri(activity.document.get("result"))
    granted, says_admin = vocabulary.read_roles(activity.document)
    roles = list(curtailed(Wish(granted)).roles) or link.roles
    known = result if result and iris.same_origin(result, target.actor_id) else None
    if known is not None and await queries.by_relationship(tx.db, known) not in (None, link):
        raise RefusedError("This Relationship belongs to somebody else.")
    await actions.was_let_in(
        tx,
        replace(
            link,
            relationship_id=known or link.relationship_id,
            roles=list(tidy_roles(roles)),
            is_admin=says_admin,
        ),
    )


async def _answered(tx: Transaction, activity: Activity) -> tuple[Link, Account, Account] | None:
    """Return what *activity* answers, when its actor is the one who was asked."""
    link = None
    if activity.object_id is not None:
        link = await queries.by_activity(tx.db, activity.object_id)
    if link is None:
        link = await _embedded(tx, activity)
    sides = None if link is None else await _sides(tx, link)
    if link is None or sides is None:
        return None
    subject, target = sides
    if subject.local == target.local:
        return None
    asked_party = target if subject.local else subject
    # A target may be answered for by its own server; a person only answers alone.
    speaks = (
        iris.same_origin(activity.actor, target.actor_id)
        if asked_party is target
        else activity.actor == subject.actor_id
    )
    return (link, subject, target) if speaks else None


async def _embedded(tx: Transaction, activity: Activity) -> Link | None:
    """Find a link by the two sides of an embedded Join: some servers lose our ids."""
    inner = activities.embedded(activity)
    if inner is None or "Join" not in documents.types(inner):
        return None
    ids = [documents.iri(inner.get("actor")), documents.iri(inner.get("object"))]
    people = await account_queries.by_actor_ids(tx.db, [each for each in ids if each])
    subject, target = people.get(ids[0] or ""), people.get(ids[1] or "")
    if subject is None or target is None:
        return None
    return await queries.between(tx.db, subject.id, target.id, relationship_with(target.kind))


async def _sides(tx: Transaction, link: Link) -> tuple[Account, Account] | None:
    people = await account_queries.by_ids(tx.db, [link.subject_id, link.target_id])
    subject, target = people.get(link.subject_id), people.get(link.target_id)
    return None if subject is None or target is None else (subject, target)


async def _ours(tx: Transaction, actor_id: str) -> Account:
    account = None
    if tx.instance.owns(actor_id):
        account = await account_queries.by_actor_id(tx.db, actor_id)
    if account is None or not account.local or not account.is_active:
        raise IgnoredError("This concerns nobody here.")
    return account


async def _known(tx: Transaction, actor_id: str, gathered: Gathered) -> Account:
    return await accounts.known(tx, actor_id, gathered.get(actor_id), gathered.handle(actor_id))


def _request(activity: Activity) -> vocabulary.Request:
    return vocabulary.read_request(activity)


def _wish(request: vocabulary.Request) -> Wish:
    return curtailed(Wish(request.roles, request.wants_admin, request.message))
