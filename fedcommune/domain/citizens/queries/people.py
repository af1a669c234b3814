"""SQL about the people who live here."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens.model import Citizen

# The columns of a Citizen, under the name ``citizen``.
COLUMNS: Final = """citizen.account_id, citizen.email, citizen.postal_code, citizen.language,
    citizen.created_at, citizen.password, citizen.confirmed_at, citizen.approved_at,
    citizen.friend, citizen.territory, citizen.reason, citizen.second_factor_at,
    citizen.disabled_at"""
# The same beside an account, which has some of these names too.
BESIDE: Final = ", ".join(
    f"{column.strip()} as citizen_{column.strip().removeprefix('citizen.')}"
    for column in COLUMNS.split(",")
)


def of_row(row: Any, prefix: str = "") -> Citizen:
    """Make a Citizen of a row that holds :data:`COLUMNS`, or :data:`BESIDE` with its prefix."""
    return Citizen(**{name: row[prefix + name] for name in Citizen.__dataclass_fields__})


def _one(row: Any) -> Citizen | None:
    return None if row is None else of_row(row)


async def insert(db: Executor, citizen: Citizen) -> None:
    """Store a citizen. Raises ``asyncpg.UniqueViolationError`` when the e-mail is known."""
    await db.execute(
        """
        insert into commune.citizen (
            account_id, email, postal_code, language, created_at, password, confirmed_at,
            approved_at, friend, territory, reason)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        citizen.account_id,
        citizen.email,
        citizen.postal_code,
        citizen.language,
        citizen.created_at,
        citizen.password,
        citizen.confirmed_at,
        citizen.approved_at,
        citizen.friend,
        citizen.territory,
        citizen.reason,
    )


async def by_account(db: Executor, account_id: int) -> Citizen | None:
    return _one(
        await db.fetchrow(
            f"select {COLUMNS} from commune.citizen where account_id = $1", account_id
        )
    )


async def locked(db: Executor, account_id: int) -> Citizen | None:
    """Return the citizen, whom nobody else changes until the transaction ends."""
    return _one(
        await db.fetchrow(
            f"select {COLUMNS} from commune.citizen where account_id = $1 for update", account_id
        )
    )


async def by_email(db: Executor, email: str) -> Citizen | None:
    """Return who has this e-mail address, in any case of letters."""
    return _one(
        await db.fetchrow(
            f"select {COLUMNS} from commune.citizen where lower(email) = lower($1)", email
        )
    )


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
        select {BESIDE}, {accounts.COLUMNS}
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
    return [(of_row(row, "citizen_"), accounts.of_row(row)) for row in rows]


async def waiting(db: Executor, *, limit: int = 100) -> list[tuple[Citizen, Account]]:
    """Return who confirmed their address and waits to be approved, oldest first."""
    rows = await db.fetch(
        f"""
        select {BESIDE}, {accounts.COLUMNS}
        from commune.citizen
        join commune.account on account.id = citizen.account_id
        where citizen.confirmed_at is not null
          and citizen.approved_at is null
          and account.deleted_at is null
        order by account.id
        limit $1
        """,
        limit,
    )
    return [(of_row(row, "citizen_"), accounts.of_row(row)) for row in rows]


async def set_confirmed(db: Executor, account_id: int, now: datetime) -> None:
    await db.execute(
        "update commune.citizen set confirmed_at = coalesce(confirmed_at, $2) "
        "where account_id = $1",
        account_id,
        now,
    )


async def set_approved(db: Executor, account_id: int, now: datetime) -> None:
    await db.execute(
        "update commune.citizen set approved_at = coalesce(approved_at, $2) where account_id = $1",
        account_id,
        now,
    )


async def set_disabled(db: Executor, account_id: int, at: datetime | None) -> bool:
    """Shut a citizen out since that time, or let them in with None; return whether it changed."""
    found = await db.fetchval(
        """
        update commune.citizen
        set disabled_at = $2
        where account_id = $1
          and (disabled_at is null) <> ($2::timestamptz is null)
        returning account_id
        """,
        account_id,
        at,
    )
    return found is not None


async def set_password(db: Executor, account_id: int, password: str) -> None:
    """Keep another argon2id hash."""
    await db.execute(
        "update commune.citizen set password = $2 where account_id = $1", account_id, password
    )


async def clear_password(db: Executor, account_id: int) -> None:
    await db.execute("update commune.citizen set password = null where account_id = $1", account_id)


async def erase(db: Executor, account_id: int) -> None:
    """Forget the person behind an account: the address, the sessions, all that let them in."""
    await db.execute("delete from commune.citizen where account_id = $1", account_id)


async def set_email(db: Executor, account_id: int, email: str) -> None:
    await db.execute(
        "update commune.citizen set email = $2 where account_id = $1", account_id, email
    )


async def set_language(db: Executor, account_id: int, language: str) -> None:
    await db.execute(
        "update commune.citizen set language = $2 where account_id = $1", account_id, language
    )


async def show(db: Executor, account_id: int) -> None:
    """Open the account that was closed since it was made; leave a moderator's measure alone."""
    await db.execute(
        "update commune.account set suspended_at = null "
        "where id = $1 and suspended_at = created_at",
        account_id,
    )


async def hide(db: Executor, account_id: int) -> None:
    """Close an account from its first moment: nobody sees it until :func:`show`."""
    await db.execute(
        "update commune.account set suspended_at = created_at where id = $1", account_id
    )


async def remove(db: Executor, account_id: int) -> None:
    """Forget somebody who was never open, as if they had never come; their name is free again."""
    await db.execute(
        """
        delete from commune.account
        using commune.citizen
        where account.id = $1
          and citizen.account_id = account.id
          and (citizen.confirmed_at is null or citizen.approved_at is null)
        """,
        account_id,
    )


async def discard(db: Executor, account_id: int) -> None:
    """Take back an actor that was opened a moment ago, and is nobody's."""
    await db.execute(
        """
        delete from commune.account
        where id = $1
          and local
          and not exists (select from commune.citizen where citizen.account_id = account.id)
        """,
        account_id,
    )


async def forget_unconfirmed(db: Executor, before: datetime) -> None:
    """Forget whoever came *before* then and never confirmed their address."""
    await db.execute(
        """
        delete from commune.account
        using commune.citizen
        where citizen.account_id = account.id
          and citizen.confirmed_at is null
          and citizen.created_at < $1
        """,
        before,
    )


async def count(db: Executor) -> int:
    """Return how many citizens live here, on this server."""
    return int(
        await db.fetchval(
            """
            select count(*)
            from commune.citizen
            join commune.account on account.id = citizen.account_id
            where account.deleted_at is null
              and citizen.confirmed_at is not null
              and citizen.approved_at is not null
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


async def moderators(db: Executor) -> list[Account]:
    """Return who moderates here and may be told of it, oldest first."""
    rows = await db.fetch(
        f"""
        select {accounts.COLUMNS}
        from commune.account
        join commune.citizen on citizen.account_id = account.id
        where account.role <> 'citizen'
          and account.suspended_at is null
          and account.deleted_at is null
          and citizen.disabled_at is null
        order by account.id
        """
    )
    return [accounts.of_row(row) for row in rows]
