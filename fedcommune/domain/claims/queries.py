"""SQL about claims."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.claims.model import Claim, Proof, State

_COLUMNS: Final = """id, place_id, account_id, username, proof, email, email_proven_at, siret, rna,
    message, state, reason, organisation_id, decided_by, created_at, decided_at"""


async def insert(
    db: Executor, claim: Claim, *, token: bytes | None, token_until: datetime | None
) -> bool:
    """Store a new claim; False when the same person claims the same place already."""
    stored = await db.fetchval(
        """
        insert into commune.claim (id, place_id, account_id, username, proof, email, siret, rna,
            message, state, created_at, token, token_until)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        on conflict (place_id, account_id) where state = 'open' do nothing
        returning id
        """,
        claim.id,
        claim.place_id,
        claim.account_id,
        claim.username,
        claim.proof,
        claim.email,
        claim.siret,
        claim.rna,
        claim.message,
        claim.state,
        claim.created_at,
        token,
        token_until,
    )
    return stored is not None


async def by_id(db: Executor, claim_id: int) -> Claim | None:
    """Return a claim."""
    row = await db.fetchrow(f"select {_COLUMNS} from commune.claim where id = $1", claim_id)
    return None if row is None else _of_row(row)


async def locked(db: Executor, claim_id: int) -> Claim | None:
    """Return a claim, its row locked until the end; lock its place before."""
    row = await db.fetchrow(
        f"select {_COLUMNS} from commune.claim where id = $1 for update", claim_id
    )
    return None if row is None else _of_row(row)


async def by_token(db: Executor, digest: bytes, now: datetime) -> Claim | None:
    """Return the open claim whose letter carried this token, while it is good."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from commune.claim
        where token = $1
          and token_until > $2
          and state = 'open'
        """,
        digest,
        now,
    )
    return None if row is None else _of_row(row)


async def of_account(db: Executor, account_id: int, *, limit: int = 50) -> list[Claim]:
    """Return what somebody claims and claimed, the latest first."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.claim
        where account_id = $1
        order by id desc
        limit $2
        """,
        account_id,
        limit,
    )
    return [_of_row(row) for row in rows]


async def waiting(db: Executor, *, limit: int = 100) -> list[Claim]:
    """Return what officers decide about, the oldest first; what waits for a letter does not."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.claim
        where state = 'open'
          and (proof <> 'letter' or email_proven_at is not null)
        order by id
        limit $1
        """,
        limit,
    )
    return [_of_row(row) for row in rows]


async def count_waiting(db: Executor) -> int:
    """Return how many claims officers have to decide about."""
    found: int = await db.fetchval(
        """
        select count(*)
        from commune.claim
        where state = 'open'
          and (proof <> 'letter' or email_proven_at is not null)
        """
    )
    return found


async def others(db: Executor, claim: Claim) -> list[Claim]:
    """Return the open claims of others to the same place, locked."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.claim
        where place_id = $1
          and id <> $2
          and state = 'open'
        order by id
        for update
        """,
        claim.place_id,
        claim.id,
    )
    return [_of_row(row) for row in rows]


async def prove(db: Executor, claim_id: int, now: datetime) -> None:
    """Keep that the link of the letter was opened; it is worth nothing any more."""
    await db.execute(
        """
        update commune.claim
        set email_proven_at = $2, token = null, token_until = null
        where id = $1
        """,
        claim_id,
        now,
    )


async def close(
    db: Executor,
    claim_id: int,
    state: State,
    now: datetime,
    *,
    by: int | None = None,
    reason: str = "",
    organisation: int | None = None,
) -> None:
    """Keep how a claim ended."""
    await db.execute(
        """
        update commune.claim
        set state = $2, decided_at = $3, decided_by = $4, reason = $5, organisation_id = $6,
            token = null, token_until = null
        where id = $1
        """,
        claim_id,
        state,
        now,
        by,
        reason,
        organisation,
    )


def _of_row(row: Any) -> Claim:
    return Claim(**{**row, "proof": Proof(row["proof"]), "state": State(row["state"])})
