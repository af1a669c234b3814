"""Passwords and addresses: choose another, with proof, and close what the old one opened."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import outgoing, queries
from fedcommune.domain.citizens.actions import joining, signing
from fedcommune.domain.citizens.model import (
    Citizen,
    EmailChange,
    Purpose,
    SignedIn,
    check_email,
)
from fedcommune.domain.citizens.queries import joining as changes
from fedcommune.domain.citizens.queries import sessions
from fedcommune.errors import Conflict, Invalid, NotFound


async def ask_for(tx: Transaction, email: str, purpose: Purpose) -> None:
    """Send the letter to choose a new password (RESET) or to sign in (SIGN_IN).

    Nothing tells whether anybody has this address; who did not confirm it yet gets that
    letter again instead.
    """
    citizen = await queries.by_email(tx.db, email)
    if citizen is None:
        return
    account = await account_queries.by_id(tx.db, citizen.account_id)
    if account is None or account.deleted_at is not None:
        return
    if citizen.confirmed_at is None:
        await joining.ask_to_confirm(tx, citizen, account.username)
    elif account.suspended_at is None:
        token = await signing.issue(tx, citizen, purpose)
        await outgoing.with_ticket(tx, citizen, purpose, token, account.username)


async def reset(tx: Transaction, token: str, password: str) -> Citizen:
    """Keep another *password* (hashed) by the token of a letter; end all that was open.

    The second factor stays (SEC-AUT-02). Raises NotFound for a token worth nothing.
    """
    _ticket, citizen = await signing.use(tx, token, Purpose.RESET)
    await _set_password(tx, citizen, password, but=None)
    return citizen


async def change_password(tx: Transaction, who: SignedIn, password: str) -> None:
    """Keep another *password* (hashed) for *who*, who proved the old one; sign out the rest."""
    await _set_password(tx, who.citizen, password, but=who.session.id)


async def force_reset(tx: Transaction, account_id: int) -> str:
    """Take a citizen's password and sessions away; send the letter to choose another.

    Return the token of that letter (SEC-AUT-04). Raises NotFound.
    """
    citizen = await queries.locked(tx.db, account_id)
    account = await account_queries.by_id(tx.db, account_id)
    if citizen is None or account is None or account.deleted_at is not None:
        raise NotFound
    await queries.clear_password(tx.db, account_id)
    await signing.secure(tx, account_id)
    token = await signing.issue(tx, citizen, Purpose.RESET)
    await outgoing.with_ticket(tx, citizen, Purpose.RESET, token, account.username)
    return token


async def ask_for_email(tx: Transaction, who: SignedIn, email: str) -> None:
    """Begin a change of address, to be confirmed at both ends (SEC-AUT-03). Raises Invalid.

    Who has the address already hears of it, and nobody else learns that they have.
    """
    email = check_email(email)
    citizen, username = who.citizen, who.account.username
    if email.lower() == citizen.email.lower():
        raise Invalid("email", _("This is your address already."))
    await changes.begin_email_change(tx.db, citizen.account_id, email, tx.now)
    token = await signing.issue(tx, citizen, Purpose.LEAVE_EMAIL)
    await outgoing.with_ticket(tx, citizen, Purpose.LEAVE_EMAIL, token, username, email=email)
    known = await queries.by_email(tx.db, email)
    if known is not None and known.confirmed_at is not None:
        await joining.tell_known(tx, known)
        return
    token = await signing.issue(tx, citizen, Purpose.TAKE_EMAIL, email)
    await outgoing.with_ticket(tx, citizen, Purpose.TAKE_EMAIL, token, username, to=email)


async def look_at_email(tx: Transaction, token: str) -> tuple[Purpose, Citizen, EmailChange]:
    """Return which end of which change *token* confirms. Raises NotFound."""
    for purpose in (Purpose.LEAVE_EMAIL, Purpose.TAKE_EMAIL):
        try:
            ticket, citizen = await signing.look_at(tx, token, purpose)
        except NotFound:
            continue
        change = await changes.email_change(tx.db, citizen.account_id)
        if change is not None and (purpose is Purpose.LEAVE_EMAIL or change.email == ticket.email):
            return purpose, citizen, change
    raise NotFound


async def confirm_email(tx: Transaction, token: str) -> bool:
    """Confirm a change of address at one end; return whether it is done at both now.

    Raises NotFound for a token worth nothing, Conflict when somebody has the address by now.
    """
    purpose, citizen, _change = await look_at_email(tx, token)
    await signing.use(tx, token, purpose)
    left = purpose is Purpose.LEAVE_EMAIL
    change = await changes.note_email_change(
        tx.db, citizen.account_id, left=left, taken=not left, now=tx.now
    )
    if change is None or change.left_at is None or change.taken_at is None:
        return False
    known = await queries.by_email(tx.db, change.email)
    if known is not None and known.account_id != citizen.account_id:
        if known.confirmed_at is not None:
            raise Conflict(_("Somebody has this address by now."))
        await queries.remove(tx.db, known.account_id)
    await queries.set_email(tx.db, citizen.account_id, change.email)
    await changes.end_email_change(tx.db, citizen.account_id)
    account = await account_queries.by_id(tx.db, citizen.account_id)
    username = account.username if account else ""
    for address in (citizen.email, change.email):
        await outgoing.told(tx, citizen, "email_changed", username, to=address, email=change.email)
    return True


async def cancel_email(tx: Transaction, who: SignedIn) -> None:
    """Forget a change of address that is not done."""
    await changes.end_email_change(tx.db, who.account.id)
    await sessions.end_tickets(tx.db, who.account.id, [Purpose.LEAVE_EMAIL, Purpose.TAKE_EMAIL])


async def leave(tx: Transaction, account: Account) -> None:
    """Delete the account of a citizen who proved to be it, everywhere. Raises NotFound."""
    citizen = await queries.locked(tx.db, account.id)
    if citizen is None:
        raise NotFound
    await signing.secure(tx, account.id)
    await outgoing.told(tx, citizen, "deleted", account.username)
    await queries.erase(tx.db, account.id)
    await accounts.delete(tx, account)


async def _set_password(
    tx: Transaction, citizen: Citizen, password: str, *, but: int | None
) -> None:
    await queries.set_password(tx.db, citizen.account_id, password)
    await signing.secure(tx, citizen.account_id, but=but)
    account = await account_queries.by_id(tx.db, citizen.account_id)
    username = account.username if account else ""
    await outgoing.told(tx, citizen, "password_changed", username, page="/password")


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message
