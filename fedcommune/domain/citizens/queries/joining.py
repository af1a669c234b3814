"""SQL about how people come in and change: invitations, addresses, second factors."""

from __future__ import annotations

from datetime import datetime

from fedcommune.database import Executor
from fedcommune.domain.citizens.model import EmailChange, Invitation


async def insert_invitation(db: Executor, invitation: Invitation, token_hash: bytes) -> None:
    await db.execute(
        """
        insert into commune.invitation (
            id, token_hash, inviter_id, note, uses_left, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        invitation.id,
        token_hash,
        invitation.inviter_id,
        invitation.note,
        invitation.uses_left,
        invitation.created_at,
        invitation.expires_at,
    )


async def invitations(db: Executor, now: datetime) -> list[Invitation]:
    """Return the invitations that still let somebody in, oldest first."""
    rows = await db.fetch(
        """
        select id, inviter_id, note, uses_left, created_at, expires_at
        from commune.invitation
        where uses_left > 0 and expires_at > $1
        order by id
        """,
        now,
    )
    return [Invitation(**row) for row in rows]


async def invitation_is_good(db: Executor, token_hash: bytes, now: datetime) -> bool:
    return bool(
        await db.fetchval(
            "select exists (select from commune.invitation "
            "where token_hash = $1 and uses_left > 0 and expires_at > $2)",
            token_hash,
            now,
        )
    )


async def use_invitation(db: Executor, token_hash: bytes, now: datetime) -> bool:
    """Let one person in by an invitation; return whether it was good."""
    found = await db.fetchval(
        """
        update commune.invitation set uses_left = uses_left - 1
        where token_hash = $1 and uses_left > 0 and expires_at > $2
        returning id
        """,
        token_hash,
        now,
    )
    return found is not None


async def revoke_invitation(db: Executor, invitation_id: int) -> bool:
    found = await db.fetchval(
        "delete from commune.invitation where id = $1 returning id", invitation_id
    )
    return found is not None


async def begin_email_change(db: Executor, account_id: int, email: str, now: datetime) -> None:
    """Note a wish for another address; an earlier wish is forgotten."""
    await db.execute(
        """
        insert into commune.email_change (account_id, email, created_at)
        values ($1, $2, $3)
        on conflict (account_id) do update
        set email = excluded.email, created_at = excluded.created_at, left_at = null,
            taken_at = null
        """,
        account_id,
        email,
        now,
    )


async def email_change(db: Executor, account_id: int) -> EmailChange | None:
    row = await db.fetchrow(
        """
        select account_id, email, left_at, taken_at, created_at
        from commune.email_change
        where account_id = $1
        """,
        account_id,
    )
    return None if row is None else EmailChange(**row)


async def note_email_change(
    db: Executor, account_id: int, *, left: bool, taken: bool, now: datetime
) -> EmailChange | None:
    """Note that a change of address was confirmed at one end; return how it stands."""
    row = await db.fetchrow(
        """
        update commune.email_change
        set left_at = case when $2 then $4::timestamptz else left_at end,
            taken_at = case when $3 then $4::timestamptz else taken_at end
        where account_id = $1
        returning account_id, email, left_at, taken_at, created_at
        """,
        account_id,
        left,
        taken,
        now,
    )
    return None if row is None else EmailChange(**row)


async def end_email_change(db: Executor, account_id: int) -> None:
    await db.execute("delete from commune.email_change where account_id = $1", account_id)


async def set_totp(db: Executor, account_id: int, sealed: bytes | None) -> None:
    """Keep another secret for an authenticator, not in use yet; or forget it."""
    await db.execute(
        """
        update commune.citizen set totp = $2, totp_step = 0, second_factor_at = null
        where account_id = $1
        """,
        account_id,
        sealed,
    )


async def totp(db: Executor, account_id: int) -> tuple[bytes, int] | None:
    """Return the sealed secret and the step of the last code that was taken."""
    row = await db.fetchrow(
        "select totp, totp_step from commune.citizen where account_id = $1 and totp is not null",
        account_id,
    )
    return None if row is None else (row["totp"], row["totp_step"])


async def take_step(db: Executor, account_id: int, step: int) -> bool:
    """Use up the code of a step; return whether neither it nor a later one was used before."""
    found = await db.fetchval(
        """
        update commune.citizen set totp_step = $2
        where account_id = $1 and totp_step < $2
        returning account_id
        """,
        account_id,
        step,
    )
    return found is not None


async def set_second_factor(db: Executor, account_id: int, now: datetime) -> None:
    await db.execute(
        "update commune.citizen set second_factor_at = $2 where account_id = $1", account_id, now
    )


async def replace_recovery_codes(db: Executor, account_id: int, hashes: list[bytes]) -> None:
    await db.execute("delete from commune.recovery_code where account_id = $1", account_id)
    await db.executemany(
        "insert into commune.recovery_code (account_id, code_hash) values ($1, $2)",
        [(account_id, each) for each in hashes],
    )


async def use_recovery_code(db: Executor, account_id: int, code_hash: bytes) -> bool:
    """Use up a recovery code; return whether it was one."""
    found = await db.fetchval(
        """
        delete from commune.recovery_code where account_id = $1 and code_hash = $2
        returning account_id
        """,
        account_id,
        code_hash,
    )
    return found is not None


async def recovery_codes_left(db: Executor, account_id: int) -> int:
    return int(
        await db.fetchval(
            "select count(*) from commune.recovery_code where account_id = $1", account_id
        )
    )
