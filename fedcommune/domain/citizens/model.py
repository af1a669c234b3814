"""Who lives here, and what they must tell us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fedcommune.errors import Invalid

MAX_EMAIL: Final = 254
# One address without routing tricks: no quotes, per cent signs, lists or control characters.
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,63}"
)
_POSTAL_CODE: Final = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, slots=True)
class Citizen:
    """A person who signs in here. ``created_at`` is UTC."""

    account_id: int
    email: str
    postal_code: str
    language: str
    created_at: datetime


def check_email(text: str) -> str:
    """Return the address without surrounding spaces. Raises Invalid (SEC-AUT-03)."""
    email = text.strip()
    if len(email) > MAX_EMAIL or _EMAIL.fullmatch(email) is None or "!" in email:
        raise Invalid("email", "This is not an e-mail address: write it like marie@example.org.")
    return email


def check_postal_code(text: str) -> str:
    """Return the postal code without surrounding spaces, or nothing. Raises Invalid."""
    code = text.strip()
    if code and _POSTAL_CODE.fullmatch(code) is None:
        raise Invalid("postal_code", "A postal code has five digits.")
    return code
