"""Measures about accounts, ours and strangers': limit, hide, shut out, and give back."""

from __future__ import annotations

from collections.abc import Sequence

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.citizens import outgoing as letters
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.citizens.queries import people as citizen_queries
from fedcommune.domain.citizens.queries import sessions
from fedcommune.domain.moderation import people, queries, told
from fedcommune.domain.moderation.actions.reporting import close_report
from fedcommune.domain.moderation.log import record
from fedcommune.domain.moderation.model import MAX_TEXT, Action, Measure, Strike
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind as Told
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


def check_may_act(by: Account | None, account: Account) -> None:
    """Raise NotAllowed unless *by* (None: the command line) may take measures about *account*.

    Nobody about themselves, about somebody who may do as much, or about the commune itself.
    """
    if account.local and account.kind is Kind.COMMUNE:
        raise NotAllowed(_("The commune itself cannot be suspended or limited."))
    if by is None:
        return
    if not by.role.moderates:
        raise NotAllowed(_("Only who moderates here takes measures."))
    if by.id == account.id:
        raise NotAllowed(_("Nobody takes measures about themselves."))
    if account.role.moderates and account.role.rank >= by.role.rank:
        raise NotAllowed(_("Only an administrator takes measures about who moderates here."))


async def suspend(
    tx: Transaction, account: Account, *, by: Account | None = None, reason: str = ""
) -> None:
    """Hide an account, ours or a stranger's, and no longer listen to it. Twice is once.

    Its follows stay, without effect, so that :func:`unsuspend` gives everything back; its
    browsers are signed out. Raises NotAllowed as check_may_act does, Conflict for somebody
    who is not open yet.
    """
    check_may_act(by, account)
    citizen = await citizens.by_account(tx.db, account.id)
    if citizen is not None and not citizen.is_open:
        raise Conflict(_("This account is not open yet: reject it instead."))
    if await queries.set_suspended(tx.db, account.id, tx.now):
        if citizen is not None:
            await sessions.end_all(tx.db, account.id, tx.now, but=None, applications=False)
        await record(tx, Measure.SUSPEND, by=by, account_id=account.id, reason=reason)


async def unsuspend(
    tx: Transaction, account: Account, *, by: Account | None = None, reason: str = ""
) -> None:
    """Show an account again, and listen to it. Twice is once. Raises as :func:`suspend`."""
    check_may_act(by, account)
    citizen = await citizens.by_account(tx.db, account.id)
    if citizen is not None and not citizen.is_open:
        raise Conflict(_("This account is not open yet: approve it instead."))
    if await queries.set_suspended(tx.db, account.id, None):
        await record(tx, Measure.UNSUSPEND, by=by, account_id=account.id, reason=reason)


async def silence(
    tx: Transaction, account: Account, *, by: Account | None = None, reason: str = ""
) -> None:
    """Show an account only to those who follow it or look for it. Twice is once."""
    check_may_act(by, account)
    if await people.set_silenced(tx.db, account.id, tx.now):
        await record(tx, Measure.SILENCE, by=by, account_id=account.id, reason=reason)


async def unsilence(
    tx: Transaction, account: Account, *, by: Account | None = None, reason: str = ""
) -> None:
    """Show an account as any other again. Twice is once."""
    check_may_act(by, account)
    if await people.set_silenced(tx.db, account.id, None):
        await record(tx, Measure.UNSILENCE, by=by, account_id=account.id, reason=reason)


async def sensitise(
    tx: Transaction, account: Account, *, by: Account | None = None, reason: str = ""
) -> None:
    """Put all that an account attaches behind a warning. Twice is once."""
    check_may_act(by, account)
    if await people.set_sensitised(tx.db, account.id, tx.now):
        await record(tx, Measure.SENSITIVE, by=by, account_id=account.id, reason=reason)


async def desensitise(
    tx: Transaction, account: Account, *, by: Account | None = None, reason: str = ""
) -> None:
    """Leave it to an account again what is sensitive. Twice is once."""
    check_may_act(by, account)
    if await people.set_sensitised(tx.db, account.id, None):
        await record(tx, Measure.UNSENSITIVE, by=by, account_id=account.id, reason=reason)


async def disable(
    tx: Transaction, account: Account, *, by: Account | None = None, reason: str = ""
) -> None:
    """Shut a citizen out: signed out everywhere, applications refused; what they said stays.

    Twice is once. Raises Invalid for an account with which nobody signs in.
    """
    check_may_act(by, account)
    if await citizens.by_account(tx.db, account.id) is None:
        raise Invalid("type", _("Nobody signs in with this account: it cannot be disabled."))
    if await citizen_queries.set_disabled(tx.db, account.id, tx.now):
        await sessions.end_all(tx.db, account.id, tx.now, but=None, applications=False)
        await record(tx, Measure.DISABLE, by=by, account_id=account.id, reason=reason)


async def enable(
    tx: Transaction, account: Account, *, by: Account | None = None, reason: str = ""
) -> None:
    """Let a citizen in again, their applications too. Twice is once. Raises as disable."""
    check_may_act(by, account)
    if await citizens.by_account(tx.db, account.id) is None:
        raise Invalid("id", _("Nobody signs in with this account."))
    if await citizen_queries.set_disabled(tx.db, account.id, None):
        await record(tx, Measure.ENABLE, by=by, account_id=account.id, reason=reason)


_DONE = {
    Action.SENSITIVE: sensitise,
    Action.SILENCE: silence,
    Action.SUSPEND: suspend,
    Action.DISABLE: disable,
}


async def act(
    tx: Transaction,
    account: Account,
    action: Action,
    *,
    by: Account | None = None,
    text: str = "",
    report_id: int | None = None,
    letter: bool = True,
) -> Strike:
    """Take a measure about *account*, tell whom it concerns, close the report behind it.

    Whom a suspension concerns, all open reports are closed. Raises NotAllowed as
    check_may_act does, NotFound for a report about somebody else, Invalid for too long a
    text or an action that is about posts.
    """
    check_may_act(by, account)
    if action is not Action.NONE and action not in _DONE:
        raise Invalid("type", _("Name the posts that this is about."))
    await check_report(tx, account, report_id)
    if action is Action.NONE:
        await record(
            tx,
            Measure.WARN,
            by=by,
            account_id=account.id,
            report_id=report_id,
            reason=text,
        )
    else:
        await _DONE[action](tx, account, by=by, reason=text)
    if report_id is not None:
        await _close(tx, report_id, by)
    if action is Action.SUSPEND:
        for each in await queries.listed(tx.db, account_id=account.id, limit=1_000):
            await close_report(tx, each.id, by=by)
    return await strike(tx, account, action, by=by, text=text, report_id=report_id, letter=letter)


async def check_report(tx: Transaction, account: Account, report_id: int | None) -> None:
    """Raise NotFound when there is no such report, or it is about somebody else."""
    if report_id is None:
        return
    found = await queries.by_id(tx.db, report_id)
    if found is None or found.account_id != account.id:
        raise NotFound(_("There is no such report about this account."))


async def strike(
    tx: Transaction,
    account: Account,
    action: Action,
    *,
    by: Account | None,
    text: str,
    report_id: int | None = None,
    post_ids: Sequence[int] = (),
    letter: bool,
) -> Strike:
    """Keep what was done about somebody, and tell them: in the application, and by *letter*.

    Who did it is never told. Strangers are told nothing. Raises Invalid for too long a text.
    """
    if len(text) > MAX_TEXT:
        raise Invalid("text", _("Say it in at most {limit} characters."), limit=MAX_TEXT)
    made = Strike(
        id=identifiers.new(tx.now),
        account_id=account.id,
        by_id=None if by is None else by.id,
        action=action,
        text=text,
        report_id=report_id,
        post_ids=tuple(post_ids),
        created_at=tx.now,
    )
    await told.insert_strike(tx.db, made)
    if account.local:
        await notifications.tell_officially(tx, account.id, Told.MODERATION_WARNING, made.id)
    citizen = await citizens.by_account(tx.db, account.id)
    if letter and citizen is not None:
        shut = action in (Action.SUSPEND, Action.DISABLE)
        await letters.told(
            tx,
            citizen,
            "strike",
            account.username,
            page="" if shut else "/settings",
            action=action.value,
            text=text,
        )
    return made


async def _close(tx: Transaction, report_id: int, by: Account | None) -> None:
    found = await queries.by_id(tx.db, report_id)
    if found is not None and found.closed_at is None:
        await close_report(tx, report_id, by=by)
