"""SQL about the keys of actors."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from fedcommune.database import Executor
from fedcommune.domain.accounts.model import ActorKey


def _key(row: Any) -> ActorKey:
    return ActorKey(**row)


async def key(db: Executor, key_id: str) -> ActorKey | None:
    """Return a public key, revoked and expired ones included."""
    row = await db.fetchrow(
        """
        select id, account_id, algorithm, public, created_at, fetched_at, expires_at, revoked_at
        from commune.key
        where id = $1
        """,
        key_id,
    )
    return None if row is None else _key(row)


async def keys_of(db: Executor, account_id: int, now: datetime) -> list[ActorKey]:
    """Return the keys of an actor that are in force at *now*, RSA first, oldest first."""
    rows = await db.fetch(
        """
        select id, account_id, algorithm, public, created_at, fetched_at, expires_at, revoked_at
        from commune.key
        where account_id = $1
          and revoked_at is null
          and (expires_at is null or expires_at > $2)
        order by algorithm desc, created_at, id
        """,
        account_id,
        now,
    )
    return [_key(row) for row in rows]


async def insert_key(
    db: Executor,
    *,
    key_id: str,
    account_id: int,
    algorithm: str,
    public: bytes,
    private: bytes | None,
    now: datetime,
) -> None:
    """Store a key of our own; *private* is sealed."""
    await db.execute(
        """
        insert into commune.key (
            id, account_id, algorithm, public, private, created_at, fetched_at
        )
        values ($1, $2, $3, $4, $5, $6, $6)
        """,
        key_id,
        account_id,
        algorithm,
        public,
        private,
        now,
    )


async def learn_key(
    db: Executor,
    *,
    key_id: str,
    account_id: int,
    algorithm: str,
    public: bytes,
    expires_at: datetime | None,
    revoked_at: datetime | None,
    now: datetime,
) -> None:
    """Store or refresh a stranger's key; a key of another actor stays what it is (SEC-ORI-05)."""
    await db.execute(
        """
        insert into commune.key (
            id, account_id, algorithm, public, created_at, fetched_at, expires_at, revoked_at
        )
        values ($1, $2, $3, $4, $5, $5, $6, $7)
        on conflict (id) do update
        set algorithm = excluded.algorithm,
            public = excluded.public,
            fetched_at = excluded.fetched_at,
            expires_at = excluded.expires_at,
            revoked_at = excluded.revoked_at
        where key.account_id = excluded.account_id
          and key.private is null
        """,
        key_id,
        account_id,
        algorithm,
        public,
        now,
        expires_at,
        revoked_at,
    )


async def revoke_keys_except(
    db: Executor, account_id: int, key_ids: Collection[str], now: datetime
) -> None:
    """Revoke the keys that an actor no longer lists."""
    await db.execute(
        """
        update commune.key
        set revoked_at = $3
        where account_id = $1
          and id <> all($2::text[])
          and revoked_at is null
        """,
        account_id,
        list(key_ids),
        now,
    )


async def expire_keys(
    db: Executor, account_id: int, key_ids: Collection[str], at: datetime
) -> None:
    """Let these keys end at *at*, unless they end before."""
    await db.execute(
        """
        update commune.key
        set expires_at = least(coalesce(expires_at, $3), $3)
        where account_id = $1
          and id = any($2::text[])
        """,
        account_id,
        list(key_ids),
        at,
    )


async def forget_expired_private_keys(db: Executor, now: datetime) -> None:
    """Erase the private half of every key that has ended."""
    await db.execute(
        """
        update commune.key
        set private = null
        where private is not null
          and (expires_at <= $1 or revoked_at <= $1)
        """,
        now,
    )
