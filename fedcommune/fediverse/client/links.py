"""Take part in something, or let others, through the outbox (product 8.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.boxes import actions as boxes
from fedcommune.domain.links import actions, outgoing, queries
from fedcommune.domain.links.model import Link, State, Wish, relationship_with
from fedcommune.errors import Invalid, NotFound
from fedcommune.fediverse.client import finding
from fedcommune.fediverse.client.errand import Act, Errand
from fedcommune.text import html
from federation import documents
from federation.vocabulary import links as vocabulary
from outbox import envelope

# As oneself one joins and leaves; who is let in is said in the name of what is joined.
_TAKING: Final = "write:follows"
_HOSTING: Final = "write:accounts"


async def join(errand: Errand) -> Act:
    """One asks to take part in an organisation, a group or a project."""
    errand.check_scope(_TAKING)
    target = await finding.actor(errand, errand.named())
    wish = _wish(errand)

    async def act(tx: Transaction) -> Mapping[str, Any]:
        link = await actions.ask(tx, errand.account, target, wish)
        return boxes.told(tx, errand.account, "Join") or envelope.join(
            link.activity_id, errand.account.actor_id, target.actor_id, roles=wish.roles
        )

    return act


async def leave(errand: Errand) -> Act:
    """One no longer takes part, or takes a request back."""
    target = await finding.actor(errand, errand.named())
    async with errand.commune.database.transaction() as tx:
        link = await queries.between(
            tx.db, errand.account.id, target.id, relationship_with(target.kind)
        )
    if link is None or link.state == State.ENDED:
        raise Invalid("object", "You take no part in this.")
    return await ended(errand, link)


async def ended(errand: Errand, link: Link) -> Act:
    """A link of the person's own comes to its end."""
    errand.check_scope(_TAKING)
    target = await finding.somebody(errand, link.target_id)

    async def act(tx: Transaction) -> Mapping[str, Any]:
        now = await _as_now(tx, link)
        await actions.leave(tx, now, (errand.account, target))
        return boxes.told(tx, errand.account, "Leave") or envelope.leave(
            tx.instance.activity(identifiers.new(tx.now)), errand.account.actor_id, target.actor_id
        )

    return act


async def invite(errand: Errand) -> Act:
    """Somebody is invited to take part in what the app acts as."""
    errand.check_scope(_HOSTING)
    sides = {errand.named(), errand.named("target")} - {errand.account.actor_id}
    if len(sides) != 1:
        raise Invalid("target", "Name whom you invite in target, and what to in object.")
    person = await finding.actor(errand, sides.pop(), "target")
    wish = _wish(errand)

    async def act(tx: Transaction) -> Mapping[str, Any]:
        link = await actions.invite(tx, errand.account, errand.account, person, wish)
        return boxes.told(tx, errand.account, "Invite") or envelope.invite(
            link.activity_id,
            errand.account.actor_id,
            errand.account.actor_id,
            person.actor_id,
            roles=wish.roles,
        )

    return act


async def remove(errand: Errand) -> Act:
    """Somebody no longer takes part in what the app acts as."""
    errand.check_scope(_HOSTING)
    person = await finding.actor(errand, errand.named())

    async def act(tx: Transaction) -> Mapping[str, Any]:
        link = await queries.between(
            tx.db, person.id, errand.account.id, relationship_with(errand.account.kind)
        )
        if link is None or link.state == State.ENDED:
            raise NotFound
        await actions.remove(tx, errand.account, link, (person, errand.account))
        said = boxes.told(tx, errand.account, "Remove")
        assert said is not None, "who is removed is told"
        return said

    return act


async def answer(errand: Errand, link: Link) -> Act:
    """A request is answered by what it is for, an invitation by whom it is for."""
    hosting = link.target_id == errand.account.id
    errand.check_scope(_HOSTING if hosting else _TAKING)
    subject, target = (
        await finding.somebody(errand, link.subject_id),
        await finding.somebody(errand, link.target_id),
    )
    other = subject if hosting else target
    accepting = errand.type == "Accept"

    async def act(tx: Transaction) -> Mapping[str, Any]:
        now = await _as_now(tx, link)
        if hosting:
            step = actions.approve if accepting else actions.refuse
            await step(tx, errand.account, now, (subject, target))
        else:
            taken = actions.accept_invitation if accepting else actions.decline_invitation
            await taken(tx, now, (subject, target))
        return boxes.told(tx, errand.account, errand.type) or {
            "id": tx.instance.answer(errand.type, link.activity_id),
            "type": errand.type,
            "actor": errand.account.actor_id,
            "object": link.activity_id,
            "to": [other.actor_id],
        }

    return act


def collection_of(account: Account) -> str:
    """Return the collection of who takes part in *account*."""
    return outgoing.members_of(account)


def _wish(errand: Errand) -> Wish:
    roles, as_admin = vocabulary.read_roles(errand.activity)
    message = html.plain(documents.natural(errand.activity, "content")[0])
    return Wish(roles, as_admin, message)


async def _as_now(tx: Transaction, link: Link) -> Link:
    """Return *link* as it is in this transaction, its row locked."""
    now = await queries.by_activity(tx.db, link.activity_id)
    if now is None:
        raise NotFound
    return now
