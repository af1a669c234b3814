"""SQL: who takes part."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.model import Participation, State

_COLUMNS: Final = """
    participation.id, participation.post_id, participation.account_id, participation.email,
    participation.name, participation.language, participation.message, participation.state,
    participation.way, participation.activity_id, participation.token_hash, participation.token,
    participation.created_at, participation.changed_at
"""


def _of_row(row: Any) -> Participation:
    values = {name: row[name] for name in Participation.__slots__}
    return Participation(**{**values, "state": State(values["state"])})


def _or_none(row: Any) -> Participation | None:
    return None if row is None else _of_row(row)


async def save(db: Executor, one: Participation) -> None:
    """Keep *one* as it is now."""
    await db.execute(
        """
        insert into commune.participation (id, post_id, account_id, email, name, language,
            message, state, way, activity_id, token_hash, token, created_at, changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        on conflict (id) do update
        set name = excluded.name, language = excluded.language, message = excluded.message,
            state = excluded.state, way = excluded.way, activity_id = excluded.activity_id,
            token_hash = excluded.token_hash, token = excluded.token,
            changed_at = excluded.changed_at
        """,
        one.id,
        one.post_id,
        one.account_id,
        one.email,
        one.name,
        one.language,
        one.message,
        one.state,
        one.way,
        one.activity_id,
        one.token_hash,
        one.token,
        one.created_at,
        one.changed_at,
    )


async def of_account(db: Executor, post_id: int, account_id: int) -> Participation | None:
    """Return how it stands between an event and an account."""
    return _or_none(
        await db.fetchrow(
            f"""
            select {_COLUMNS}
            from commune.participation
            where post_id = $1 and account_id = $2
            """,
            post_id,
            account_id,
        )
    )


async def of_email(db: Executor, post_id: int, email: str) -> Participation | None:
    """Return how it stands between an event and an e-mail address."""
    return _or_none(
        await db.fetchrow(
            f"""
            select {_COLUMNS}
            from commune.participation
            where post_id = $1 and lower(email) = lower($2)
            """,
            post_id,
            email,
        )
    )


async def of_token(db: Executor, digest: bytes) -> Participation | None:
    """Return the participation whose letters carry the token with this digest."""
    return _or_none(
        await db.fetchrow(
            f"select {_COLUMNS} from commune.participation where token_hash = $1", digest
        )
    )


async def by_activity(db: Executor, activity_id: str) -> Participation | None:
    """Return the participation that this Join began."""
    return _or_none(
        await db.fetchrow(
            f"select {_COLUMNS} from commune.participation where activity_id = $1", activity_id
        )
    )


async def by_id(db: Executor, post_id: int, participation_id: int) -> Participation | None:
    """Return one participation of an event."""
    return _or_none(
        await db.fetchrow(
            f"select {_COLUMNS} from commune.participation where post_id = $1 and id = $2",
            post_id,
            participation_id,
        )
    )


async def count(db: Executor, post_id: int) -> int:
    """Return how many take part in an event of ours."""
    return int(
        await db.fetchval(
            "select count(*) from commune.participation where post_id = $1 and state = 'accepted'",
            post_id,
        )
    )


async def of_event(db: Executor, post_id: int, *, limit: int = 2_000) -> list[Participation]:
    """Return everybody who takes part in an event, or asked to, in their order."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.participation
        where post_id = $1
          and state in ('pending', 'accepted')
        order by id
        limit $2
        """,
        post_id,
        limit,
    )
    return [_of_row(row) for row in rows]


async def waiting(db: Executor, post_id: int) -> list[Participation]:
    """Return those who asked and were not answered, the first first."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.participation
        where post_id = $1
          and state = 'pending'
        order by id
        """,
        post_id,
    )
    return [_of_row(row) for row in rows]


async def accounts_of(db: Executor, post_id: int, *, local: bool) -> list[Account]:
    """Return the living accounts that take part, ours or strangers."""
    rows = await db.fetch(
        f"""
        select {accounts.COLUMNS}
        from commune.participation
        join commune.account on account.id = participation.account_id
        where participation.post_id = $1
          and participation.state in ('pending', 'accepted')
          and account.local = $2
          and account.deleted_at is null
        order by account.id
        """,
        post_id,
        local,
    )
    return [accounts.of_row(row) for row in rows]


async def states_of(db: Executor, account_id: int, post_ids: list[int]) -> dict[int, State]:
    """Return how it stands between an account and each of some events."""
    rows = await db.fetch(
        """
        select post_id, state
        from commune.participation
        where account_id = $1
          and post_id = any($2::bigint[])
        """,
        account_id,
        post_ids,
    )
    return {row["post_id"]: State(row["state"]) for row in rows}


async def forget(db: Executor, *, unconfirmed: datetime, over: datetime) -> None:
    """Forget addresses that nobody confirmed, and those of people who came long ago."""
    await db.execute(
        """
        delete from commune.participation
        where email is not null
          and (
              (state in ('unconfirmed', 'left', 'rejected') and changed_at < $1)
              or exists (
                  select from commune.event
                  where event.post_id = participation.post_id
                    and coalesce(event.ends_at, event.starts_at) < $2
              )
          )
        """,
        unconfirmed,
        over,
    )
