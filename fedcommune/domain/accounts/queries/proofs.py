"""SQL about the addresses that profiles of ours name, and which of them link back (rel=me)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from fedcommune.database import Executor

# While nothing is wrong an address is looked at again after so long; an address that cannot
# be reached is asked a few times more before it counts as not linking back.
AGAIN: Final = timedelta(days=7)
WAIT: Final = timedelta(minutes=10)
PATIENCE: Final = 5
# How long whoever looks may take before somebody else looks.
_LEASE: Final = timedelta(minutes=2)

Verified = tuple[tuple[str, datetime], ...]


async def name(db: Executor, account_id: int, urls: Collection[str], now: datetime) -> Verified:
    """Note which addresses a profile names; return those of them that link back, and since when.

    New ones are looked at soon, those that are no longer named are forgotten.
    """
    await db.execute(
        "delete from commune.website_proof where account_id = $1 and url <> all($2::text[])",
        account_id,
        list(urls),
    )
    await db.execute(
        """
        insert into commune.website_proof (account_id, url, due_at)
        select $1, url, $3
        from unnest($2::text[]) url
        on conflict (account_id, url) do nothing
        """,
        account_id,
        list(urls),
        now,
    )
    return await verified(db, account_id)


async def verified(db: Executor, account_id: int) -> Verified:
    """Return which addresses link back to a profile, and since when."""
    rows = await db.fetch(
        """
        select url, verified_at
        from commune.website_proof
        where account_id = $1
          and verified_at is not null
        order by url
        """,
        account_id,
    )
    return tuple((row["url"], row["verified_at"]) for row in rows)


async def due(db: Executor, now: datetime) -> tuple[int, str, int] | None:
    """Lease one address that it is time to look at: whose, which, after how many failures."""
    row = await db.fetchrow(
        """
        update commune.website_proof
        set due_at = $2
        where (account_id, url) = (
            select proof.account_id, proof.url
            from commune.website_proof proof
            join commune.account on account.id = proof.account_id
            where proof.due_at <= $1
              and account.suspended_at is null
              and account.deleted_at is null
            order by proof.due_at
            limit 1
            for update of proof skip locked
        )
        returning account_id, url, attempts
        """,
        now,
        now + _LEASE,
    )
    return None if row is None else (row["account_id"], row["url"], row["attempts"])


async def judge(
    db: Executor, account_id: int, url: str, now: datetime, *, links_back: bool
) -> None:
    """Note whether the page at *url* links back; since when stays as it was."""
    await db.execute(
        """
        update commune.website_proof
        set verified_at = case when $3 then coalesce(verified_at, $4) end,
            attempts = 0, due_at = $5
        where account_id = $1 and url = $2
        """,
        account_id,
        url,
        links_back,
        now,
        now + AGAIN,
    )


async def later(db: Executor, account_id: int, url: str, attempts: int, now: datetime) -> bool:
    """Ask again later; False when patience is over, and the address counts as silent."""
    if attempts + 1 >= PATIENCE:
        return False
    await db.execute(
        "update commune.website_proof set attempts = $3, due_at = $4"
        " where account_id = $1 and url = $2",
        account_id,
        url,
        attempts + 1,
        now + WAIT * 4**attempts,
    )
    return True
