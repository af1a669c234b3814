"""SQL about sessions and tickets: who is signed in, and what a token is good for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.citizens.model import Browser, Purpose, Session, SignedIn, Ticket
from fedcommune.domain.citizens.queries import people

_SESSION: Final = """session.id, session.account_id, session.agent, session.address,
    session.created_at, session.seen_at, session.expires_at"""


def _session(row: Any, prefix: str = "") -> Session:
    return Session(**{name: row[prefix + name] for name in Session.__dataclass_fields__})


async def insert_session(
    db: Executor,
    session_id: int,
    token_hash: bytes,
    account_id: int,
    browser: Browser,
    now: datetime,
    expires_at: datetime,
) -> None:
    await db.execute(
        """
        insert into commune.session (
            id, token_hash, account_id, agent, address, created_at, seen_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $6, $7)
        """,
        session_id,
        token_hash,
        account_id,
        browser.agent,
        browser.address,
        now,
        expires_at,
    )


async def signed_in(
    db: Executor, token_hash: bytes, now: datetime, used_since: datetime
) -> SignedIn | None:
    """Return whose session this is, if it is alive and they may do anything."""
    row = await db.fetchrow(
        f"""
        select session.id as session_id, session.account_id as session_account_id,
               session.agent as session_agent, session.address as session_address,
               session.created_at as session_created_at, session.seen_at as session_seen_at,
               session.expires_at as session_expires_at,
               {people.BESIDE}, {accounts.COLUMNS}
        from commune.session
        join commune.citizen on citizen.account_id = session.account_id
        join commune.account on account.id = session.account_id
        where session.token_hash = $1
          and session.expires_at > $2
          and session.seen_at > $3
          and citizen.confirmed_at is not null
          and citizen.approved_at is not null
          and citizen.disabled_at is null
          and account.suspended_at is null
          and account.deleted_at is null
        """,
        token_hash,
        now,
        used_since,
    )
    if row is None:
        return None
    return SignedIn(people.of_row(row, "citizen_"), accounts.of_row(row), _session(row, "session_"))


async def meet_browser(db: Executor, account_id: int, agent_hash: bytes, now: datetime) -> bool:
    """Remember a browser; return whether it is a new one beside others that were known."""
    others = await db.fetchval(
        "select exists (select from commune.known_browser where account_id = $1)", account_id
    )
    known = await db.fetchval(
        """
        insert into commune.known_browser as browser (account_id, agent_hash, seen_at)
        values ($1, $2, $3)
        on conflict (account_id, agent_hash) do update set seen_at = excluded.seen_at
        returning xmax <> 0
        """,
        account_id,
        agent_hash,
        now,
    )
    return bool(others) and not known


async def seen(db: Executor, session_id: int, browser: Browser, now: datetime) -> None:
    """Note that a session is used."""
    await db.execute(
        "update commune.session set seen_at = $2, address = $3 where id = $1",
        session_id,
        now,
        browser.address,
    )


async def acting_as(db: Executor, session_id: int) -> int | None:
    """Return as whom a session acts, None for oneself; whether it still may is not asked here."""
    found: int | None = await db.fetchval(
        "select account_id from commune.acting where session_id = $1", session_id
    )
    return found


async def act_as(db: Executor, session_id: int, account_id: int | None) -> None:
    """Let a session act as an account from now on; None is oneself."""
    if account_id is None:
        await db.execute("delete from commune.acting where session_id = $1", session_id)
        return
    await db.execute(
        """
        insert into commune.acting (session_id, account_id)
        values ($1, $2)
        on conflict (session_id) do update
        set account_id = excluded.account_id
        """,
        session_id,
        account_id,
    )


async def sessions_of(db: Executor, account_id: int, now: datetime) -> list[Session]:
    """Return the sessions of a citizen that are alive, the latest used first."""
    rows = await db.fetch(
        f"""
        select {_SESSION}
        from commune.session
        where account_id = $1 and expires_at > $2
        order by seen_at desc, id desc
        """,
        account_id,
        now,
    )
    return [_session(row) for row in rows]


async def was_here(db: Executor, account_id: int, address: str) -> bool:
    """Tell whether a citizen has a session that was used from *address*."""
    return bool(
        await db.fetchval(
            "select exists (select from commune.session where account_id = $1 and address = $2)",
            account_id,
            address,
        )
    )


async def end_session(db: Executor, account_id: int, session_id: int) -> bool:
    """End one session of a citizen; return whether it was theirs."""
    found = await db.fetchval(
        "delete from commune.session where account_id = $1 and id = $2 returning id",
        account_id,
        session_id,
    )
    return found is not None


async def end_oldest(db: Executor, account_id: int, *, keep: int) -> None:
    """End the sessions used longest ago, beyond the *keep* latest."""
    await db.execute(
        """
        delete from commune.session
        where id in (
            select id from commune.session where account_id = $1
            order by seen_at desc, id desc offset $2
        )
        """,
        account_id,
        keep,
    )


async def end_all(
    db: Executor, account_id: int, now: datetime, *, but: int | None, applications: bool
) -> None:
    """End the sessions of a citizen (not *but*), and what *applications* may do in their name.

    Whoever streams to them hears of it on the channel ``citizens`` (SEC-AUT-04).
    """
    await db.execute(
        "delete from commune.session where account_id = $1 and id is distinct from $2",
        account_id,
        but,
    )
    await db.execute("delete from commune.ticket where account_id = $1", account_id)
    if applications:
        await db.execute(
            "update commune.token set revoked_at = $2 where citizen_id = $1 and revoked_at is null",
            account_id,
            now,
        )
        await db.execute("delete from commune.authorisation where citizen_id = $1", account_id)
    await db.execute("select pg_notify('citizens', $1::bigint::text)", account_id)


async def insert_ticket(
    db: Executor,
    token_hash: bytes,
    account_id: int,
    purpose: Purpose,
    email: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Keep a ticket; earlier ones of the same purpose are worth nothing any more."""
    await db.execute(
        "delete from commune.ticket where account_id = $1 and purpose = $2", account_id, purpose
    )
    await db.execute(
        """
        insert into commune.ticket (
            token_hash, account_id, purpose, email, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)
        """,
        token_hash,
        account_id,
        purpose,
        email,
        now,
        expires_at,
    )


async def ticket(db: Executor, token_hash: bytes, purpose: Purpose, now: datetime) -> Ticket | None:
    """Return what a token is good for, if it is good for *purpose* now."""
    row = await db.fetchrow(
        """
        select account_id, purpose, email, created_at, expires_at
        from commune.ticket
        where token_hash = $1 and purpose = $2 and expires_at > $3
        """,
        token_hash,
        purpose,
        now,
    )
    return None if row is None else _ticket(row)


async def use_ticket(
    db: Executor, token_hash: bytes, purpose: Purpose, now: datetime
) -> Ticket | None:
    """Like :func:`ticket`, and it is good for nothing afterwards."""
    row = await db.fetchrow(
        """
        delete from commune.ticket
        where token_hash = $1 and purpose = $2 and expires_at > $3
        returning account_id, purpose, email, created_at, expires_at
        """,
        token_hash,
        purpose,
        now,
    )
    return None if row is None else _ticket(row)


async def end_tickets(db: Executor, account_id: int, purposes: Sequence[Purpose]) -> None:
    """Void the tickets that a citizen has for these purposes."""
    await db.execute(
        "delete from commune.ticket where account_id = $1 and purpose = any($2::text[])",
        account_id,
        [str(purpose) for purpose in purposes],
    )


def _ticket(row: Any) -> Ticket:
    return Ticket(
        row["account_id"],
        Purpose(row["purpose"]),
        row["email"],
        row["created_at"],
        row["expires_at"],
    )


async def forget_expired(db: Executor, now: datetime, unused_since: datetime) -> None:
    """Forget sessions and tickets that ended, and old counts of attempts."""
    await db.execute(
        "delete from commune.session where expires_at <= $1 or seen_at <= $2", now, unused_since
    )
    await db.execute("delete from commune.ticket where expires_at <= $1", now)
    await db.execute("delete from commune.challenge where expires_at <= $1", now)
    await db.execute("delete from commune.invitation where expires_at <= $1", now)
