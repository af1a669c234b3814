"""Join, Invite, Accept, Reject, Leave, Remove, and the Relationship that the target hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.links.model import CONTRIBUTES_TO, Link, State
from fedcommune.domain.visibility import Visibility
from fedcommune.instance import Instance
from federation.vocabulary import links as vocabulary
from outbox import envelope


def members_of(target: Account) -> str:
    """The address of the collection of those who take part in *target*."""
    return f"{target.actor_id}/members"


def document(link: Link, subject: Account, target: Account) -> dict[str, Any]:
    """Return the Relationship that the host of *target* serves about this link."""
    return vocabulary.write(
        vocabulary.Link(
            id=link.relationship_id or "",
            subject=subject.actor_id,
            relation="contributesTo" if link.relationship == CONTRIBUTES_TO else "memberOf",
            target=target.actor_id,
            state=State(link.state).value,
            is_admin=link.is_admin,
            roles=tuple(link.roles),
            since=link.created_at,
            consent=link.consent_id,
        )
    )


def member(instance: Instance, link: Link, subject: Account, target: Account) -> dict[str, Any]:
    """Return the same link as the Member that Mobilizon reads, which has an id of its own."""
    return vocabulary.write_member(
        vocabulary.Link(
            id=instance.member(link.id),
            subject=subject.actor_id,
            relation="memberOf",
            target=target.actor_id,
            state=State(link.state).value,
            is_admin=link.is_admin,
        )
    )


async def join(tx: Transaction, link: Link, subject: Account, target: Account) -> None:
    await _send(tx, subject, target, _begun(link, subject, target))


async def invite(tx: Transaction, link: Link, subject: Account, target: Account) -> None:
    await _send(tx, target, subject, _begun(link, subject, target))


async def accept(tx: Transaction, link: Link, by: Account, to: Account, *, of: str) -> None:
    """Say yes to the Join or the Invite *of*. The target's yes tells where the Relationship is."""
    subject, target = (to, by) if by.id == link.target_id else (by, to)
    activity = envelope.accept(
        tx.instance.answer("Accept", of),
        by.actor_id,
        _asked(link, subject, target, of, by),
        target=target.actor_id,
        result=link.relationship_id if by.id == link.target_id else None,
        roles=link.roles,
    )
    await _send(tx, by, to, activity)


async def reject(
    tx: Transaction, subject: Account, target: Account, *, by: Account, of: str, to: Account
) -> None:
    """Say no to the Join or the Invite *of*."""
    asked = (
        envelope.join(of, subject.actor_id, target.actor_id)
        if by.id == target.id
        else envelope.invite(of, target.actor_id, target.actor_id, subject.actor_id)
    )
    activity = envelope.reject(
        tx.instance.answer("Reject", of), by.actor_id, asked, target=target.actor_id
    )
    await _send(tx, by, to, activity)


async def leave(tx: Transaction, link: Link, subject: Account, target: Account) -> None:
    activity_id = tx.instance.activity(identifiers.new(tx.now))
    await _send(tx, subject, target, envelope.leave(activity_id, subject.actor_id, target.actor_id))


async def remove(tx: Transaction, link: Link, subject: Account, target: Account) -> None:
    activity = envelope.remove(
        tx.instance.activity(identifiers.new(tx.now)),
        target.actor_id,
        subject.actor_id,
        target=members_of(target),
        to=(subject.actor_id,),
        origin=target.actor_id,
    )
    await _send(tx, target, subject, activity)


async def updated(tx: Transaction, link: Link, subject: Account, target: Account) -> None:
    """Tell the subject's host that roles or rights changed."""
    activity = envelope.update(
        tx.instance.activity(identifiers.new(tx.now)),
        target.actor_id,
        document(link, subject, target),
        to=(subject.actor_id,),
    )
    await _send(tx, target, subject, activity)


def _begun(link: Link, subject: Account, target: Account) -> dict[str, Any]:
    """The activity that began the link, written anew."""
    invited = link.state == State.INVITED
    make = _as_invite if invited else _as_join
    return make(link, subject, target, link.activity_id)


def _asked(
    link: Link, subject: Account, target: Account, of: str, by: Account
) -> Mapping[str, Any]:
    make = _as_join if by.id == target.id else _as_invite
    return make(link, subject, target, of)


def _as_join(link: Link, subject: Account, target: Account, activity_id: str) -> dict[str, Any]:
    return envelope.join(
        activity_id,
        subject.actor_id,
        target.actor_id,
        roles=link.roles,
        as_admin=link.wants_admin,
        content=link.message or None,
    )


def _as_invite(link: Link, subject: Account, target: Account, activity_id: str) -> dict[str, Any]:
    return envelope.invite(
        activity_id,
        target.actor_id,
        target.actor_id,
        subject.actor_id,
        roles=link.roles,
        as_admin=link.wants_admin,
        content=link.message or None,
    )


async def _send(tx: Transaction, by: Account, to: Account, activity: dict[str, Any]) -> None:
    # Who takes part in what is between the two of them: one recipient, never a proof.
    await accounts.send(
        tx,
        by,
        activity,
        to=[] if to.local else [to.recipient],
        order=to.actor_id,
        visibility=Visibility.DIRECT,
    )
