"""The password grant, for trying things out: ``[development] password_grant``, never in public."""

from __future__ import annotations

from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import passwords
from fedcommune.domain.citizens import queries as citizens


async def by_password(commune: Commune, email: str, password: str) -> Account | None:
    """Return the account of the citizen with this e-mail address and password, or None.

    A citizen with a second factor is not let in: there is nowhere to ask for it.
    """
    db = commune.database.pool
    citizen = await citizens.by_email(db, email.strip()[:300])
    kept = None if citizen is None else citizen.password
    right = await passwords.check(password[: passwords.LONGEST], kept)
    if citizen is None or not right or not citizen.may_enter:
        return None
    if citizen.second_factor_at is not None:
        return None
    account = await accounts.by_id(db, citizen.account_id)
    return account if account is not None and account.is_active else None
