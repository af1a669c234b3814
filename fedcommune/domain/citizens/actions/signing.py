"""Sign in and out: sessions, and the tickets of half-done sign-ins and letters."""

from __future__ import annotations

import hashlib
import re

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.citizens import barriers, outgoing, tokens
from fedcommune.domain.citizens.model import (
    GOOD_FOR,
    MAX_SESSIONS,
    SESSION,
    SESSION_IDLE,
    SESSION_SEEN,
    Browser,
    Citizen,
    Purpose,
    SignedIn,
    Ticket,
)
from fedcommune.domain.citizens.queries import people, sessions
from fedcommune.errors import NotAllowed, NotFound

MAX_AGENT = 300


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def begin_session(tx: Transaction, citizen: Citizen, browser: Browser) -> str:
    """Sign *citizen* in from *browser*; return the token for the cookie.

    Who calls has seen what they know and have. Raises NotAllowed for who may not do
    anything yet (SEC-AUT-03, SEC-AUT-09).
    """
    if not citizen.may_enter:
        raise NotAllowed(_("This account is not open."))
    if await barriers.shut_out(tx.db, browser.address, tx.now):
        raise NotAllowed(_("Nobody signs in from there."))
    token = tokens.new()
    await sessions.insert_session(
        tx.db,
        identifiers.new(tx.now),
        tokens.digest(token),
        citizen.account_id,
        Browser(browser.agent[:MAX_AGENT], browser.address),
        tx.now,
        tx.now + SESSION,
    )
    await sessions.end_oldest(tx.db, citizen.account_id, keep=MAX_SESSIONS)
    if await sessions.meet_browser(tx.db, citizen.account_id, _looks(browser.agent), tx.now):
        account = await accounts.by_id(tx.db, citizen.account_id)
        await outgoing.told(
            tx,
            citizen,
            "new_browser",
            account.username if account else "",
            page="/settings/sessions",
            browser=browser.agent[:MAX_AGENT] or "?",
            address=browser.address or "?",
        )
    return token


def _looks(agent: str) -> bytes:
    """What makes a browser the same after it was updated: its words without the numbers."""
    return hashlib.sha256(re.sub(r"[0-9.]+", "", agent).encode("utf-8", "replace")).digest()


async def signed_in(tx: Transaction, token: str, browser: Browser) -> SignedIn | None:
    """Return whose session *token* stands for; note, once an hour, that it is used."""
    found = await sessions.signed_in(tx.db, tokens.digest(token), tx.now, tx.now - SESSION_IDLE)
    if found is not None and tx.now - found.session.seen_at >= SESSION_SEEN:
        await sessions.seen(tx.db, found.session.id, browser, tx.now)
    return found


async def end_session(tx: Transaction, account_id: int, session_id: int) -> None:
    """Sign out one browser. Raises NotFound when it is not a session of this citizen."""
    if not await sessions.end_session(tx.db, account_id, session_id):
        raise NotFound


async def end_others(tx: Transaction, who: SignedIn, *, applications: bool = False) -> None:
    """Sign out every other browser of *who*, and the *applications* too if told so."""
    await sessions.end_all(
        tx.db, who.account.id, tx.now, but=who.session.id, applications=applications
    )


async def secure(tx: Transaction, account_id: int, *, but: int | None = None) -> None:
    """End all that was open for a citizen: sessions but one, tickets, applications (SEC-AUT-04)."""
    await sessions.end_all(tx.db, account_id, tx.now, but=but, applications=True)


async def issue(tx: Transaction, citizen: Citizen, purpose: Purpose, email: str = "") -> str:
    """Make a ticket for *purpose*, bound to the address it is sent to; return its token."""
    token = tokens.new()
    await sessions.insert_ticket(
        tx.db,
        tokens.digest(token),
        citizen.account_id,
        purpose,
        email or citizen.email,
        tx.now,
        tx.now + GOOD_FOR[purpose],
    )
    return token


async def look_at(tx: Transaction, token: str, purpose: Purpose) -> tuple[Ticket, Citizen]:
    """Return what *token* is good for, and whom. Raises NotFound when it is worth nothing."""
    return await _bound(tx, await sessions.ticket(tx.db, tokens.digest(token), purpose, tx.now))


async def use(tx: Transaction, token: str, purpose: Purpose) -> tuple[Ticket, Citizen]:
    """Like :func:`look_at`, once: the token is worth nothing afterwards."""
    return await _bound(tx, await sessions.use_ticket(tx.db, tokens.digest(token), purpose, tx.now))


async def _bound(tx: Transaction, ticket: Ticket | None) -> tuple[Ticket, Citizen]:
    if ticket is None:
        raise NotFound
    citizen = await people.locked(tx.db, ticket.account_id)
    new_address = ticket.purpose is Purpose.TAKE_EMAIL
    if citizen is None or (citizen.email != ticket.email and not new_address):
        raise NotFound
    return ticket, citizen
