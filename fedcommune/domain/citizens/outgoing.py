"""The letters that citizens get about their account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fedcommune.database import Transaction
from fedcommune.domain.citizens.model import GOOD_FOR, Citizen, Purpose
from fedcommune.mail import letters, queue

# Where the link of each letter leads.
_PAGES = {
    Purpose.CONFIRM: "/sign-up/confirm",
    Purpose.RESET: "/password/new",
    Purpose.SIGN_IN: "/sign-in/link",
    Purpose.LEAVE_EMAIL: "/settings/email/confirm",
    Purpose.TAKE_EMAIL: "/settings/email/confirm",
}


def address_of(tx: Transaction, purpose: Purpose, token: str) -> str:
    """Return the link that brings *token* back."""
    return f"{tx.instance.origin}{_PAGES[purpose]}?token={token}"


async def with_ticket(
    tx: Transaction,
    citizen: Citizen,
    purpose: Purpose,
    token: str,
    username: str,
    *,
    to: str = "",
    email: str = "",
) -> None:
    """Send the letter that carries a ticket to the address it is bound to."""
    values = {"username": username}
    if purpose is Purpose.LEAVE_EMAIL:
        values["email"] = email
    await _post(
        tx,
        str(purpose),
        to or citizen.email,
        citizen.language,
        values,
        link=address_of(tx, purpose, token),
        expires_at=tx.now + GOOD_FOR[purpose],
    )


async def told(
    tx: Transaction,
    citizen: Citizen,
    kind: str,
    username: str,
    *,
    page: str = "",
    to: str = "",
    **values: str,
) -> None:
    """Tell a citizen what happened; *page* is where one of our pages helps."""
    link = f"{tx.instance.origin}{page}" if page else ""
    values = {"username": username, **values}
    await _post(tx, kind, to or citizen.email, citizen.language, values, link=link)


async def invited(tx: Transaction, email: str, token: str, expires_at: datetime) -> None:
    """Send an invitation."""
    link = f"{tx.instance.origin}/sign-up?invitation={token}"
    await _post(tx, "invitation", email, tx.instance.language, {}, link=link, expires_at=expires_at)


async def _post(
    tx: Transaction,
    kind: str,
    recipient: str,
    language: str,
    values: Mapping[str, str],
    *,
    link: str,
    expires_at: datetime | None = None,
) -> None:
    letter = letters.write(
        tx.instance, kind, recipient, language, link=link, expires_at=expires_at, **values
    )
    await queue.post(tx, letter)
