"""Who lives here, and what they must tell us."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from fedcommune.domain.accounts.model import Account
from fedcommune.errors import Invalid

MAX_EMAIL: Final = 254
MAX_REASON: Final = 1_000
# One address without routing tricks: no quotes, per cent signs, lists or control characters.
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,63}"
)
_POSTAL_CODE: Final = re.compile(r"[0-9]{5}")

# A session ends so long after it began, and when it was not used for so long.
SESSION: Final = timedelta(days=180)
SESSION_IDLE: Final = timedelta(days=45)
# How precisely we know when a session was last used.
SESSION_SEEN: Final = timedelta(hours=1)
MAX_SESSIONS: Final = 50
# Whoever did not confirm their address by then is forgotten.
UNCONFIRMED: Final = timedelta(days=7)
INVITATION: Final = timedelta(days=30)


class Purpose(StrEnum):
    """What a ticket is good for."""

    CONFIRM = "confirm"
    RESET = "reset"
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    LEAVE_EMAIL = "leave_email"
    TAKE_EMAIL = "take_email"


# How long each is good (SEC-AUT-03: 24 hours at most).
GOOD_FOR: Final = {
    Purpose.CONFIRM: timedelta(hours=24),
    Purpose.RESET: timedelta(hours=2),
    Purpose.SIGN_IN: timedelta(minutes=20),
    Purpose.SECOND_FACTOR: timedelta(minutes=10),
    Purpose.LEAVE_EMAIL: timedelta(hours=24),
    Purpose.TAKE_EMAIL: timedelta(hours=24),
}


@dataclass(frozen=True, slots=True)
class Citizen:
    """A person who signs in here; times are UTC.

    ``password`` is its argon2id hash, None for who signs in by one-time links. ``friend``
    lives elsewhere; ``territory`` is the INSEE code of the home, if it is known.
    """

    account_id: int
    email: str
    postal_code: str
    language: str
    created_at: datetime
    password: str | None = field(default=None, repr=False)
    confirmed_at: datetime | None = None
    approved_at: datetime | None = None
    friend: bool = False
    territory: str = ""
    reason: str = ""
    second_factor_at: datetime | None = None
    disabled_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether they may do anything at all (SEC-AUT-03, SEC-AUT-09)."""
        return self.confirmed_at is not None and self.approved_at is not None

    @property
    def may_enter(self) -> bool:
        """Whether they may sign in: they are open, and no moderator shut them out."""
        return self.is_open and self.disabled_at is None


@dataclass(frozen=True, slots=True)
class Session:
    """One browser in which a citizen is signed in; times are UTC."""

    id: int
    account_id: int
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who reads: the citizen, their account, and the session."""

    citizen: Citizen
    account: Account
    session: Session


@dataclass(frozen=True, slots=True)
class Browser:
    """From where somebody signs in: how the browser calls itself, and its address."""

    agent: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a token that somebody brought was made for."""

    account_id: int
    purpose: Purpose
    email: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EmailChange:
    """A change of address that waits for its confirmations; times are UTC."""

    account_id: int
    email: str
    left_at: datetime | None
    taken_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """Lets somebody in; times are UTC."""

    id: int
    inviter_id: int | None
    note: str
    uses_left: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key that a device keeps; times are UTC. ``counter`` is how often it says it signed."""

    id: bytes
    account_id: int
    name: str
    public_key: bytes
    counter: int
    created_at: datetime
    used_at: datetime | None = None


def check_email(text: str) -> str:
    """Return the address without surrounding spaces. Raises Invalid (SEC-AUT-03)."""
    email = text.strip()
    if len(email) > MAX_EMAIL or _EMAIL.fullmatch(email) is None or "!" in email:
        raise Invalid("email", _("This is not an e-mail address: write it like marie@example.org."))
    return email


def check_postal_code(text: str) -> str:
    """Return the postal code without surrounding spaces, or nothing. Raises Invalid."""
    code = text.strip()
    if code and _POSTAL_CODE.fullmatch(code) is None:
        raise Invalid("postal_code", _("A postal code has five digits."))
    return code


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message
