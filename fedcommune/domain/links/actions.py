"""Ask, invite, accept, refuse, change roles, leave, remove.

The target's host keeps the state; the subject's host keeps the subject's consent. Either
side may be ours, or both. What happens on our side is decided in ``gain_…`` and ``…ed``
functions, which the incoming handlers call as well.
"""

from __future__ import annotations

from dataclasses import replace

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import queries as blocks
from fedcommune.domain.links import outgoing, queries
from fedcommune.domain.links.model import (
    JOINABLE,
    Link,
    Openness,
    State,
    Wish,
    checked,
    relationship_with,
)
from fedcommune.domain.notifications import actions as notifications
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound

Sides = tuple[Account, Account]


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def begin(
    tx: Transaction, founder: Account, target: Account, roles: tuple[str, ...] = ()
) -> Link:
    """Make *founder* the first administrator of a *target* of ours that was just opened."""
    link = _new(tx, founder, target, State.ACTIVE, tx.instance.activity(identifiers.new(tx.now)))
    link = replace(link, is_admin=True, roles=list(roles), consent_id=link.activity_id)
    await queries.insert(tx.db, link)
    return link


async def ask(tx: Transaction, subject: Account, target: Account, wish: Wish) -> Link:
    """Let our *subject* ask to take part in *target*, ours or another commune's.

    Asking twice, or asking for what one is invited to, is answered with where things stand.
    Raises :class:`Invalid` when the target cannot be joined or the wish is too long.
    """
    wish = checked(wish)
    if target.kind not in JOINABLE and target.type not in ("Group", "Organization"):
        raise Invalid("target", _("Only an organisation, a group or a project can be joined."))
    if subject.id == target.id:
        raise Invalid("target", _("Nobody takes part in oneself: choose another name."))
    if await blocks.between(tx.db, subject.id, target.id):
        raise NotFound
    if target.local:
        activity_id = tx.instance.activity(identifiers.new(tx.now))
        return await gain_request(tx, subject, target, wish, activity_id)
    link = await queries.between(tx.db, subject.id, target.id, relationship_with(target.kind))
    if link is not None and link.state == State.INVITED:
        return await accept_invitation(tx, link, (subject, target))
    if link is not None and link.state in (State.PENDING, State.ACTIVE):
        return link
    activity_id = tx.instance.activity(identifiers.new(tx.now))
    link = await _renew(
        tx,
        link,
        (subject, target),
        state=State.PENDING,
        activity_id=activity_id,
        consent_id=activity_id,
        wish=wish,
    )
    await outgoing.join(tx, link, subject, target)
    return link


async def gain_request(
    tx: Transaction, subject: Account, target: Account, wish: Wish, activity_id: str
) -> Link:
    """Somebody asks to take part in our *target*: let in, keep waiting, or refuse."""
    link = await queries.between(tx.db, subject.id, target.id, relationship_with(target.kind))
    if link is not None and link.is_active:
        await outgoing.accept(tx, link, target, subject, of=activity_id)
        return link
    invited = link is not None and link.state == State.INVITED
    openness = target.details.openness or Openness.MODERATED
    if openness == Openness.INVITATION and not invited:
        await outgoing.reject(tx, subject, target, by=target, of=activity_id, to=subject)
        if subject.local:
            raise NotAllowed(_("Only invited people can join."))
        return link or _new(tx, subject, target, State.ENDED, activity_id)
    if invited and link is not None:
        wish = Wish(tuple(link.roles), link.wants_admin, wish.message)
    waits = not invited and (openness == Openness.MODERATED or wish.as_admin)
    link = await _renew(
        tx,
        link,
        (subject, target),
        state=State.PENDING if waits else State.ACTIVE,
        activity_id=activity_id,
        consent_id=activity_id,
        wish=wish,
        is_admin=invited and wish.as_admin,
    )
    if waits:
        await _tell_admins(tx, target, "join_request", subject)
    else:
        await _welcome(tx, link, subject, target)
    return link


async def approve(
    tx: Transaction, by: Account, link: Link, sides: Sides, *, as_admin: bool | None = None
) -> Link:
    """Let an administrator say yes to a request. *as_admin* overrules what was asked for."""
    subject, target = sides
    await _must_administer(tx, by, target)
    if link.state != State.PENDING:
        raise Conflict(_("This request is no longer waiting."))
    grant = link.wants_admin if as_admin is None else as_admin
    link = replace(link, state=State.ACTIVE, is_admin=grant, changed_at=tx.now)
    link = replace(link, relationship_id=tx.instance.link(link.id))
    await queries.save(tx.db, link)
    await _welcome(tx, link, subject, target)
    return link


async def refuse(tx: Transaction, by: Account, link: Link, sides: Sides) -> Link:
    """Let an administrator say no to a request."""
    subject, target = sides
    await _must_administer(tx, by, target)
    if link.state != State.PENDING:
        raise Conflict(_("This request is no longer waiting."))
    link = await _end(tx, link)
    await outgoing.reject(tx, subject, target, by=target, of=link.activity_id, to=subject)
    return link


async def invite(
    tx: Transaction, by: Account, target: Account, subject: Account, wish: Wish
) -> Link:
    """Let an administrator of our *target* invite *subject*, ours or another commune's."""
    wish = checked(wish)
    await _must_administer(tx, by, target)
    if await blocks.between(tx.db, subject.id, target.id):
        raise NotFound
    link = await queries.between(tx.db, subject.id, target.id, relationship_with(target.kind))
    if link is not None and link.is_active:
        raise Conflict(_("They take part already."))
    if link is not None and link.state == State.PENDING:
        return await approve(tx, by, link, (subject, target))
    activity_id = tx.instance.activity(identifiers.new(tx.now))
    link = await _renew(
        tx,
        link,
        (subject, target),
        state=State.INVITED,
        activity_id=activity_id,
        consent_id=None,
        wish=wish,
    )
    await outgoing.invite(tx, link, subject, target)
    if subject.local:
        await notifications.tell(tx, subject.id, "invite", target.id)
    return link


async def gain_invitation(
    tx: Transaction, subject: Account, target: Account, wish: Wish, activity_id: str
) -> Link:
    """Another commune's *target* invites our *subject*."""
    link = await queries.between(tx.db, subject.id, target.id, relationship_with(target.kind))
    if link is not None and link.is_active:
        return link
    if link is not None and link.state == State.PENDING:
        # They had asked: the invitation is the answer they hoped for.
        link = replace(link, state=State.INVITED, activity_id=activity_id, roles=list(wish.roles))
        return await accept_invitation(tx, link, (subject, target))
    link = await _renew(
        tx,
        link,
        (subject, target),
        state=State.INVITED,
        activity_id=activity_id,
        consent_id=None,
        wish=wish,
    )
    await notifications.tell(tx, subject.id, "invite", target.id)
    return link


async def accept_invitation(tx: Transaction, link: Link, sides: Sides) -> Link:
    """Let our subject accept an invitation."""
    subject, target = sides
    if link.state != State.INVITED:
        raise Conflict(_("This invitation is no longer open."))
    consent = tx.instance.answer("Accept", link.activity_id)
    link = replace(
        link,
        state=State.ACTIVE,
        is_admin=link.wants_admin,
        consent_id=consent,
        changed_at=tx.now,
        relationship_id=tx.instance.link(link.id) if target.local else link.relationship_id,
    )
    await queries.save(tx.db, link)
    if target.local:
        await _tell_admins(tx, target, "joined", subject)
    else:
        await outgoing.accept(tx, link, subject, target, of=link.activity_id)
    return link


async def decline_invitation(tx: Transaction, link: Link, sides: Sides) -> Link:
    """Let our subject decline an invitation."""
    subject, target = sides
    if link.state != State.INVITED:
        raise Conflict(_("This invitation is no longer open."))
    link = await _end(tx, link)
    if not target.local:
        await outgoing.reject(tx, subject, target, by=subject, of=link.activity_id, to=target)
    return link


async def leave(tx: Transaction, link: Link, sides: Sides) -> Link:
    """Let our subject leave, or take back a request. The last administrator must hand over first.

    Raises :class:`Conflict` for the last administrator of a target of ours.
    """
    subject, target = sides
    if link.state == State.ENDED:
        return link
    if target.local and link.is_admin:
        await _keep_an_admin(tx, target, subject)
    link = await _end(tx, link)
    if not target.local:
        await outgoing.leave(tx, link, subject, target)
    return link


async def remove(tx: Transaction, by: Account, link: Link, sides: Sides) -> Link:
    """Let an administrator remove a participant."""
    subject, target = sides
    await _must_administer(tx, by, target)
    if link.state == State.ENDED:
        return link
    if link.is_admin:
        await _keep_an_admin(tx, target, subject)
    link = await _end(tx, link)
    await outgoing.remove(tx, link, subject, target)
    return link


async def lose(tx: Transaction, link: Link, subject: Account, target: Account) -> Link:
    """The other side ended the link: somebody left, declined, refused or removed."""
    was_active = link.is_active
    link = await _end(tx, link)
    if subject.local:
        await notifications.tell(tx, subject.id, "left", target.id)
    elif was_active:
        await _tell_admins(tx, target, "left", subject)
    return link


async def was_accepted(tx: Transaction, link: Link, sides: Sides, consent_id: str) -> Link:
    """The subject, elsewhere, accepted the invitation of our target by *consent_id*."""
    subject, target = sides
    link = replace(
        link,
        state=State.ACTIVE,
        is_admin=link.wants_admin,
        consent_id=consent_id,
        relationship_id=tx.instance.link(link.id),
        changed_at=tx.now,
    )
    await queries.save(tx.db, link)
    await outgoing.updated(tx, link, subject, target)
    await _tell_admins(tx, target, "joined", subject)
    return link


async def was_let_in(tx: Transaction, link: Link) -> Link:
    """The target, elsewhere, let our subject in."""
    link = replace(link, state=State.ACTIVE, changed_at=tx.now)
    await queries.save(tx.db, link)
    await notifications.tell(tx, link.subject_id, "joined", link.target_id)
    return link


async def change(
    tx: Transaction,
    by: Account,
    link: Link,
    sides: Sides,
    *,
    roles: tuple[str, ...] | None = None,
    is_admin: bool | None = None,
) -> Link:
    """Let an administrator change the roles or the rights of a participant."""
    subject, target = sides
    await _must_administer(tx, by, target)
    if not link.is_active:
        raise Conflict(_("They do not take part."))
    if is_admin is False and link.is_admin:
        await _keep_an_admin(tx, target, subject)
    wanted = link.roles if roles is None else list(checked(Wish(roles)).roles)
    admin = link.is_admin if is_admin is None else is_admin
    link = replace(link, roles=wanted, is_admin=admin, changed_at=tx.now)
    await queries.save(tx.db, link)
    await outgoing.updated(tx, link, subject, target)
    return link


async def _welcome(tx: Transaction, link: Link, subject: Account, target: Account) -> None:
    await outgoing.accept(tx, link, target, subject, of=link.activity_id)
    if link.is_admin:
        await outgoing.updated(tx, link, subject, target)
    if subject.local:
        await notifications.tell(tx, subject.id, "joined", target.id)
    await _tell_admins(tx, target, "joined", subject)


async def _tell_admins(tx: Transaction, target: Account, kind: str, about: Account) -> None:
    for admin_id in await queries.lock_admins(tx.db, target.id):
        if admin_id != about.id:
            await notifications.tell(tx, admin_id, kind, about.id)


async def _must_administer(tx: Transaction, by: Account, target: Account) -> None:
    if not target.local:
        raise NotAllowed(_("Only the commune of this page can do this."))
    if by.id != target.id and not await queries.is_admin(tx.db, by.id, target.id):
        raise NotAllowed(_("Only an administrator of this page can do this."))


async def _keep_an_admin(tx: Transaction, target: Account, leaving: Account) -> None:
    if await queries.lock_admins(tx.db, target.id) == [leaving.id]:
        raise Conflict(_("Name another administrator first: this is the last one."))


async def _end(tx: Transaction, link: Link) -> Link:
    link = replace(link, state=State.ENDED, is_admin=False, wants_admin=False, changed_at=tx.now)
    await queries.save(tx.db, link)
    return link


def _new(
    tx: Transaction, subject: Account, target: Account, state: State, activity_id: str
) -> Link:
    link_id = identifiers.new(tx.now)
    return Link(
        id=link_id,
        relationship_id=tx.instance.link(link_id) if target.local else None,
        subject_id=subject.id,
        target_id=target.id,
        relationship=relationship_with(target.kind),
        state=state,
        is_admin=False,
        wants_admin=False,
        roles=[],
        message="",
        activity_id=activity_id,
        consent_id=None,
        created_at=tx.now,
        changed_at=tx.now,
    )


async def _renew(
    tx: Transaction,
    link: Link | None,
    sides: Sides,
    *,
    state: State,
    activity_id: str,
    consent_id: str | None,
    wish: Wish,
    is_admin: bool = False,
) -> Link:
    """Begin a link, or begin again one that stood differently, and keep it."""
    known = link is not None
    link = replace(
        link or _new(tx, *sides, state, activity_id),
        state=state,
        activity_id=activity_id,
        consent_id=consent_id,
        roles=list(wish.roles),
        wants_admin=wish.as_admin,
        is_admin=is_admin,
        message=wish.message,
        changed_at=tx.now,
    )
    await (queries.save if known else queries.insert)(tx.db, link)
    return link
