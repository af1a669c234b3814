"""SQL about who does not want to read whom."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.mutes.model import Mute


async def insert(
    db: Executor,
    *,
    id_: int,
    muter_id: int,
    muted_id: int,
    notifications: bool,
    expires_at: datetime | None,
    now: datetime,
) -> None:
    """Store a mute; a repeated one takes the new conditions."""
    await db.execute(
        """
        insert into commune.mute (id, muter_id, muted_id, notifications, expires_at, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (muter_id, muted_id) do update
        set notifications = excluded.notifications,
            expires_at = excluded.expires_at
        """,
        id_,
        muter_id,
        muted_id,
        notifications,
        expires_at,
        now,
    )


async def remove(db: Executor, muter_id: int, muted_id: int) -> None:
    await db.execute(
        "delete from commune.mute where muter_id = $1 and muted_id = $2", muter_id, muted_id
    )


async def forget_expired(db: Executor, now: datetime, *, muter_id: int | None = None) -> None:
    """Remove what is over, of one account or of all."""
    await db.execute(
        """
        delete from commune.mute
        where expires_at <= $1
          and ($2::bigint is null or muter_id = $2)
        """,
        now,
        muter_id,
    )


async def count(db: Executor, muter_id: int) -> int:
    """Return how many an account mutes, its row locked until the end (SEC-DOS-06)."""
    await db.execute("select from commune.account where id = $1 for update", muter_id)
    found = await db.fetchval("select count(*) from commune.mute where muter_id = $1", muter_id)
    return int(found)


async def muted(
    db: Executor,
    muter_id: int,
    now: datetime,
    *,
    ceiling: int,
    floor: int,
    limit: int,
    ascending: bool = False,
) -> list[Mute]:
    """Return whom *muter_id* mutes now, the latest first, ids between *floor* and *ceiling*."""
    rows = await db.fetch(
        f"""
        select mute.id as mute_id, mute.notifications, mute.expires_at, {accounts.COLUMNS}
        from commune.mute
        join commune.account on account.id = mute.muted_id
        where mute.muter_id = $1
          and (mute.expires_at is null or mute.expires_at > $2)
          and account.deleted_at is null
          and mute.id < $3
          and mute.id > $4
        order by mute.id {"asc" if ascending else "desc"}
        limit $5
        """,
        muter_id,
        now,
        ceiling,
        floor,
        limit,
    )
    found = [
        Mute(row["mute_id"], accounts.of_row(row), row["notifications"], row["expires_at"])
        for row in rows
    ]
    return sorted(found, key=lambda each: each.id, reverse=True)


async def insert_host(db: Executor, id_: int, account_id: int, host: str, now: datetime) -> None:
    await db.execute(
        """
        insert into commune.host_mute (id, account_id, host, created_at)
        values ($1, $2, $3, $4)
        on conflict (account_id, host) do nothing
        """,
        id_,
        account_id,
        host,
        now,
    )


async def remove_host(db: Executor, account_id: int, host: str) -> None:
    await db.execute(
        "delete from commune.host_mute where account_id = $1 and host = $2", account_id, host
    )


async def count_hosts(db: Executor, account_id: int) -> int:
    """Return how many servers an account mutes, its row locked until the end (SEC-DOS-06)."""
    await db.execute("select from commune.account where id = $1 for update", account_id)
    found = await db.fetchval(
        "select count(*) from commune.host_mute where account_id = $1", account_id
    )
    return int(found)


async def hosts(
    db: Executor, account_id: int, *, ceiling: int, floor: int, limit: int
) -> list[tuple[int, str]]:
    """Return (cursor, host) of the servers that an account mutes, the latest first."""
    rows = await db.fetch(
        """
        select id, host
        from commune.host_mute
        where account_id = $1
          and id < $2
          and id > $3
        order by id desc
        limit $4
        """,
        account_id,
        ceiling,
        floor,
        limit,
    )
    return [(row["id"], row["host"]) for row in rows]


async def followed_around(
    db: Executor, account_id: int, host: str
) -> tuple[Collection[Account], Collection[Account]]:
    """Return whom of *host* an account follows, and who of *host* follows it, asked or accepted."""
    rows = await db.fetch(
        f"""
        select follow.follower_id = $1 as outwards, {accounts.COLUMNS}
        from commune.follow
        join commune.account
          on account.id = case when follower_id = $1 then followed_id else follower_id end
        where (follow.follower_id = $1 or follow.followed_id = $1)
          and not account.local
          and commune.is_of_host(account.domain, $2)
        order by account.id
        """,
        account_id,
        host,
    )
    found = [(row["outwards"], accounts.of_row(row)) for row in rows]
    return (
        [account for outwards, account in found if outwards],
        [account for outwards, account in found if not outwards],
    )
