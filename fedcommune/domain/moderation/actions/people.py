"""Who comes in, who looks after the place, and whose data goes."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Permission, Role
from fedcommune.domain.citizens import actions as citizen_actions
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.citizens.model import Citizen
from fedcommune.domain.events.actions import departing
from fedcommune.domain.moderation import people
from fedcommune.domain.moderation.actions.measures import check_may_act
from fedcommune.domain.moderation.log import record
from fedcommune.domain.moderation.model import Measure
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind
from fedcommune.errors import Conflict, NotAllowed, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def announce(tx: Transaction, account: Account) -> None:
    """Tell whoever moderates here that somebody joined, or waits to be let in; once."""
    for each in await citizens.moderators(tx.db):
        if each.id != account.id:
            await notifications.tell_officially(
                tx, each.id, Kind.ADMIN_SIGN_UP, account.id, from_id=account.id
            )


async def approve(
    tx: Transaction, account: Account, *, by: Account | None = None
) -> tuple[Citizen, Account]:
    """Let in somebody who waits. Raises NotFound, Conflict (as citizens.approve)."""
    found = await citizen_actions.approve(tx, account.id)
    await record(tx, Measure.APPROVE, by=by, account_id=account.id)
    return found


async def reject(tx: Transaction, account: Account, *, by: Account | None = None) -> None:
    """Refuse somebody who waits, and forget them. Raises NotFound, Conflict."""
    await citizen_actions.reject(tx, account.id)
    await record(tx, Measure.REJECT, by=by, about=f"@{account.username}")


async def give_role(
    tx: Transaction,
    account: Account,
    role: Role,
    *,
    by: Account | None = None,
    shown: bool = True,
) -> Account:
    """Let a citizen moderate, administer, or neither; at once, whatever tokens they gave.

    Raises NotAllowed for whoever is no citizen of ours, and for *by* without that permission.
    """
    if by is not None:
        check_may_act(by, account)
        if not by.role.may(Permission.MANAGE_ROLES):
            raise NotAllowed(_("Only an administrator gives roles."))
    citizen = await citizens.by_account(tx.db, account.id)
    if citizen is None or account.deleted_at is not None:
        raise NotAllowed(_("Only a citizen can have a role."))
    await people.set_role(tx.db, account.id, role, shown=shown)
    await record(tx, Measure.GIVE_ROLE, by=by, account_id=account.id, about=role.value)
    found = await account_queries.by_id(tx.db, account.id)
    assert found is not None, "an account that was just changed exists"
    return found


async def delete_data(
    tx: Transaction, account: Account, *, by: Account | None = None, reason: str = ""
) -> None:
    """Delete for good what a suspended account left here.

    One of ours is gone everywhere; a stranger stays known, empty, and suspended. Raises
    Conflict for an account that is not suspended, NotFound for one that is gone.
    """
    check_may_act(by, account)
    person = await people.by_id(tx.db, account.id)
    if person is None or account.deleted_at is not None:
        raise NotFound
    if not person.suspended:
        raise Conflict(_("Only the data of a suspended account is deleted: suspend it first."))
    if person.citizen is not None:
        await citizen_actions.secure(tx, account.id)
    if account.local:
        await departing.withdraw(tx, account)
        await accounts.delete(tx, account)
    else:
        await account_queries.purge(tx.db, account.id)
    await record(tx, Measure.DELETE_DATA, by=by, account_id=account.id, reason=reason)
