"""SQL about the people who live here."""

from __future__ import annotations

from datetime import datetime

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens.model import Citizen


async def insert(db: Executor, citizen: Citizen) -> None:
    """Store a citizen. Raises ``asyncpg.UniqueViolationError`` when the e-mail is known."""
    await db.execute(
        """
        insert into commune.citizen (account_id, email, postal_code, language, created_at)
        values ($1, $2, $3, $4, $5)
        """,
        citizen.account_id,
        citizen.email,
        citizen.postal_code,
        citizen.language,
        citizen.created_at,
    )


async def by_account(db: Executor, account_id: int) -> Citizen | None:
    row = await db.fetchrow(
        """
        select account_id, email, postal_code, language, created_at
        from commune.citizen
        where account_id = $1
        """,
        account_id,
    )
    return None if row is None else Citizen(**row)


async def email_is_known(db: Executor, email: str) -> bool:
    """Tell whether somebody here has this e-mail address, in any case of letters."""
    found = await db.fetchval(
        "select exists (select from commune.citizen where lower(email) = lower($1))", email
    )
    return bool(found)


async def listed(
    db: Executor, *, after: int = 0, limit: int = 100
) -> list[tuple[Citizen, Account]]:
    """Return the citizens with their accounts, oldest first, those behind the account *after*."""
    rows = await db.fetch(
        f"""
        select citizen.account_id, citizen.email, citizen.postal_code, citizen.language,
               citizen.created_at as joined_at, {accounts.COLUMNS}
        from commune.citizen
        join commune.account on account.id = citizen.account_id
        where account.deleted_at is null
          and account.id > $1
        order by account.id
        limit $2
        """,
        after,
        limit,
    )
    return [
        (
            Citizen(
                row["account_id"],
                row["email"],
                row["postal_code"],
                row["language"],
                row["joined_at"],
            ),
            accounts.of_row(row),
        )
        for row in rows
    ]


async def count(db: Executor) -> int:
    """Return how many citizens live here, on this server."""
    return int(
        await db.fetchval(
            """
            select count(*)
            from commune.citizen
            join commune.account on account.id = citizen.account_id
            where account.deleted_at is null
            """
        )
    )


async def count_active(db: Executor, since: datetime) -> int:
    """Return how many citizens wrote something *since* then (W-NI-02)."""
    return int(
        await db.fetchval(
            """
            select count(distinct post.author_id)
            from commune.post
            join commune.citizen on citizen.account_id = post.author_id
            where post.published_at >= $1
              and post.deleted_at is null
            """,
            since,
        )
    )
