"""Become a citizen of the commune's server: sign up, confirm the address, be approved."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account, Kind, Profile
from fedcommune.domain.citizens import barriers, outgoing, queries, throttles, tokens
from fedcommune.domain.citizens.actions import signing
from fedcommune.domain.citizens.model import (
    INVITATION,
    MAX_REASON,
    SESSION_IDLE,
    UNCONFIRMED,
    Citizen,
    Invitation,
    Purpose,
    check_email,
    check_postal_code,
)
from fedcommune.domain.citizens.queries import joining, sessions
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from fedcommune.mail import queue
from federation.keys import Pair

Mode = Literal["open", "approval", "invitation"]
MOST_USES: Final = 1_000
# Letters that no server takes are kept for the administrators so long.
_UNDELIVERABLE: Final = UNCONFIRMED * 4


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def create(
    tx: Transaction,
    *,
    email: str,
    username: str,
    name: str,
    pair: Pair,
    postal_code: str = "",
    language: str = "",
    profile: Profile | None = None,
    password: str | None = None,
) -> tuple[Citizen, Account]:
    """Open a Person for somebody who lives here, at once: the administrators know them.

    *pair* is made before the transaction, *password* is hashed already. *language* is a
    language tag; empty means that of the commune. Raises Invalid for a field that needs a
    correction, Conflict when name or e-mail address are taken.
    """
    email = check_email(email)
    postal_code = check_postal_code(postal_code)
    if await queries.email_is_known(tx.db, email):
        raise Conflict(_("This e-mail address already has an account here: sign in with it."))
    account = await accounts.open_(
        tx, kind=Kind.CITIZEN, username=username, name=name, pair=pair, profile=profile
    )
    citizen = Citizen(
        account_id=account.id,
        email=email,
        postal_code=postal_code,
        language=language or tx.instance.language,
        created_at=tx.now,
        password=password,
        confirmed_at=tx.now,
        approved_at=tx.now,
    )
    await queries.insert(tx.db, citizen)
    return citizen, account


async def sign_up(
    tx: Transaction,
    *,
    email: str,
    postal_code: str,
    username: str,
    name: str,
    password: str | None,
    language: str,
    pair: Pair,
    mode: Mode = "open",
    invitation: str = "",
    territory: str = "",
    friend: bool = False,
    reason: str = "",
    confirmed: bool = False,
    address: str = "",
) -> Account | None:
    """Open an account that nobody sees before its address is confirmed (SEC-AUT-03).

    *password* is hashed already, None for one-time links; *pair* is made before the
    transaction. *mode* says who may join, *invitation* is the token of one; *friend* lives
    elsewhere. *confirmed* needs no letter (development alone). *address* is the IP address
    of who signs up: moderators keep some, and some e-mail addresses, away, or let them wait.

    Return None, and do nothing but write a letter, when the address has an account: the answer
    to whoever asked must be the same. Raises Invalid for a field that needs a correction,
    Conflict when the name is taken, NotAllowed without an invitation where one is needed.
    """
    email = check_email(email)
    postal_code = check_postal_code(postal_code)
    if len(reason) > MAX_REASON:
        raise Invalid("reason", _("This is too long: stay below 1000 characters."))
    invited = bool(invitation) and await joining.invitation_is_good(
        tx.db, tokens.digest(invitation), tx.now
    )
    barrier = await barriers.before(tx.db, email, address, tx.now)
    if barrier.refused:
        raise NotAllowed(_("Nobody signs up from there: ask somebody at the town hall for help."))
    if mode == "invitation" and not invited:
        raise NotAllowed(_("One joins by invitation here, and this one is not good any more."))
    known = await queries.by_email(tx.db, email)
    if known is not None and known.confirmed_at is None:
        # Whoever it was did not have the address; it is free for who does.
        await queries.remove(tx.db, known.account_id)
        known = None
    account = await accounts.open_(
        tx, kind=Kind.CITIZEN, username=username, name=name or username, pair=pair
    )
    if known is not None:
        await queries.discard(tx.db, account.id)
        await tell_known(tx, known)
        return None
    await _let_in(
        tx,
        account,
        Citizen(
            account_id=account.id,
            email=email,
            postal_code=postal_code,
            language=language or tx.instance.language,
            created_at=tx.now,
            password=password,
            confirmed_at=tx.now if confirmed else None,
            approved_at=tx.now if invited or (mode == "open" and not barrier.waits) else None,
            friend=friend,
            territory=territory,
            reason=reason.strip(),
        ),
    )
    if invited and not await joining.use_invitation(tx.db, tokens.digest(invitation), tx.now):
        raise NotAllowed(_("One joins by invitation here, and this one is not good any more."))
    return await account_queries.by_id(tx.db, account.id)


async def _let_in(tx: Transaction, account: Account, citizen: Citizen) -> None:
    await queries.insert(tx.db, citizen)
    if not citizen.is_open:
        await queries.hide(tx.db, account.id)
    if citizen.confirmed_at is None:
        await ask_to_confirm(tx, citizen, account.username)


async def tell_known(tx: Transaction, known: Citizen) -> None:
    """Tell who has an address that somebody wanted it for another account."""
    account = await account_queries.by_id(tx.db, known.account_id)
    if account is not None and account.deleted_at is None:
        await outgoing.told(tx, known, "known", account.username, page="/sign-in")


async def ask_to_confirm(tx: Transaction, citizen: Citizen, username: str) -> None:
    """Send the letter with which an address is confirmed; earlier ones are void."""
    token = await signing.issue(tx, citizen, Purpose.CONFIRM)
    await outgoing.with_ticket(tx, citizen, Purpose.CONFIRM, token, username)


async def ask_again(tx: Transaction, account_id: int, email: str = "") -> None:
    """Send the letter again to who did not confirm their address yet, to *email* if it is given.

    Another address replaces the one that was never confirmed, unless it has an account: then
    its owner is told, and nobody else learns of that (SEC-AUT-03). Raises Invalid,
    NotAllowed once the address is confirmed, NotFound.
    """
    citizen = await queries.locked(tx.db, account_id)
    account = await account_queries.by_id(tx.db, account_id)
    if citizen is None or account is None:
        raise NotFound
    if citizen.confirmed_at is not None:
        raise NotAllowed(
            _("This method is only available while the e-mail is awaiting confirmation")
        )
    if email.strip() and email.strip().lower() != citizen.email.lower():
        email = check_email(email)
        known = await queries.by_email(tx.db, email)
        if known is not None:
            await tell_known(tx, known)
            return
        await queries.set_email(tx.db, account_id, email)
        citizen = replace(citizen, email=email)
    await ask_to_confirm(tx, citizen, account.username)


async def confirm(tx: Transaction, token: str) -> tuple[Citizen, Account]:
    """Confirm an e-mail address by the token of its letter, once; open the account if it may.

    Raises NotFound for a token that is worth nothing.
    """
    _ticket, citizen = await signing.use(tx, token, Purpose.CONFIRM)
    return await confirm_known(tx, citizen.account_id)


async def confirm_known(tx: Transaction, account_id: int) -> tuple[Citizen, Account]:
    """Take the address of a citizen for confirmed. Raises NotFound."""
    await queries.set_confirmed(tx.db, account_id, tx.now)
    citizen, account = await _found(tx, account_id)
    if not citizen.is_open:
        await outgoing.told(tx, citizen, "waiting", account.username)
        return citizen, account
    await queries.show(tx.db, account_id)
    return await _found(tx, account_id)


async def approve(tx: Transaction, account_id: int) -> tuple[Citizen, Account]:
    """Let somebody in who waited, once their address is confirmed. Raises NotFound, Conflict."""
    citizen, account = await _found(tx, account_id)
    if citizen.approved_at is not None:
        raise Conflict(_("This citizen is approved already."))
    await queries.set_approved(tx.db, account_id, tx.now)
    if citizen.confirmed_at is not None:
        await queries.show(tx.db, account_id)
        await outgoing.told(tx, citizen, "approved", account.username, page="/sign-in")
    return await _found(tx, account_id)


async def reject(tx: Transaction, account_id: int) -> None:
    """Refuse somebody who waits, and forget what they told us. Raises NotFound, Conflict."""
    citizen, account = await _found(tx, account_id)
    if citizen.is_open:
        raise Conflict(_("This citizen is open already: suspend or delete the account instead."))
    if citizen.confirmed_at is not None:
        await outgoing.told(tx, citizen, "rejected", account.username)
    await queries.remove(tx.db, account_id)


async def invite(
    tx: Transaction,
    *,
    inviter_id: int | None = None,
    email: str = "",
    note: str = "",
    uses: int = 1,
) -> tuple[Invitation, str]:
    """Make an invitation for so many people; send it to *email* if one is given.

    Return it with its token, which nobody can find out afterwards. Raises Invalid.
    """
    if not 1 <= uses <= MOST_USES:
        raise Invalid("uses", _("An invitation lets in 1 to {limit} people."), limit=MOST_USES)
    token = tokens.new()
    invitation = Invitation(
        id=identifiers.new(tx.now),
        inviter_id=inviter_id,
        note=note[:200],
        uses_left=uses,
        created_at=tx.now,
        expires_at=tx.now + INVITATION,
    )
    await joining.insert_invitation(tx.db, invitation, tokens.digest(token))
    if email:
        await outgoing.invited(tx, check_email(email), token, invitation.expires_at)
    return invitation, token


async def forget_expired(tx: Transaction) -> None:
    """Forget what has ended: who never confirmed, sessions, tickets, counts, lost letters."""
    await queries.forget_unconfirmed(tx.db, tx.now - UNCONFIRMED)
    await sessions.forget_expired(tx.db, tx.now, tx.now - SESSION_IDLE)
    await throttles.forget_old(tx.db, tx.now)
    await queue.forget_given_up(tx.db, tx.now - _UNDELIVERABLE)


async def _found(tx: Transaction, account_id: int) -> tuple[Citizen, Account]:
    citizen = await queries.by_account(tx.db, account_id)
    account = await account_queries.by_id(tx.db, account_id)
    if citizen is None or account is None or account.deleted_at is not None:
        raise NotFound
    return citizen, account
