"""SQL about passkeys, and the challenges that browsers answer with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.citizens.model import Passkey

_COLUMNS: Final = """passkey.id, passkey.account_id, passkey.name, passkey.public_key,
    passkey.counter, passkey.created_at, passkey.used_at"""


def _of_row(row: Any) -> Passkey:
    return Passkey(**{name: row[name] for name in Passkey.__dataclass_fields__})


async def of_citizen(db: Executor, account_id: int) -> list[Passkey]:
    """Return the passkeys of a citizen, oldest first."""
    rows = await db.fetch(
        f"select {_COLUMNS} from commune.passkey where account_id = $1 order by created_at, id",
        account_id,
    )
    return [_of_row(row) for row in rows]


async def by_id(db: Executor, credential_id: bytes) -> Passkey | None:
    """Return a passkey, which nobody else uses until the transaction ends."""
    row = await db.fetchrow(
        f"select {_COLUMNS} from commune.passkey where id = $1 for update", credential_id
    )
    return None if row is None else _of_row(row)


async def insert(db: Executor, passkey: Passkey) -> bool:
    """Keep a passkey; return whether it is a new one."""
    found = await db.fetchval(
        """
        insert into commune.passkey (id, account_id, name, public_key, counter, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (id) do nothing
        returning account_id
        """,
        passkey.id,
        passkey.account_id,
        passkey.name,
        passkey.public_key,
        passkey.counter,
        passkey.created_at,
    )
    return found is not None


async def used(db: Executor, credential_id: bytes, counter: int, now: datetime) -> None:
    """Note that a passkey signed in, and how often its device says it did."""
    await db.execute(
        "update commune.passkey set counter = $2, used_at = $3 where id = $1",
        credential_id,
        counter,
        now,
    )


async def remove(db: Executor, account_id: int, credential_id: bytes) -> bool:
    """Forget a passkey of a citizen; return whether it was theirs."""
    found = await db.fetchval(
        "delete from commune.passkey where account_id = $1 and id = $2 returning account_id",
        account_id,
        credential_id,
    )
    return found is not None


async def remove_all(db: Executor, account_id: int) -> None:
    await db.execute("delete from commune.passkey where account_id = $1", account_id)


async def insert_challenge(
    db: Executor, challenge: bytes, account_id: int | None, expires_at: datetime
) -> None:
    await db.execute(
        "insert into commune.challenge (challenge, account_id, expires_at) values ($1, $2, $3)",
        challenge,
        account_id,
        expires_at,
    )


async def use_challenge(
    db: Executor, challenge: bytes, account_id: int | None, now: datetime
) -> bool:
    """Use up a challenge; return whether it was given to this citizen (None: to nobody)."""
    found = await db.fetchval(
        """
        delete from commune.challenge
        where challenge = $1 and account_id is not distinct from $2 and expires_at > $3
        returning true
        """,
        challenge,
        account_id,
        now,
    )
    return bool(found)
