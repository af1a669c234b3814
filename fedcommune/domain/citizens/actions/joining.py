"""Become a citizen of the commune's server."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account, Kind, Profile
from fedcommune.domain.citizens import queries
from fedcommune.domain.citizens.model import Citizen, check_email, check_postal_code
from fedcommune.errors import Conflict
from federation.keys import Pair


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
        raise Conflict("This e-mail address already has an account here: sign in with it.")
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
