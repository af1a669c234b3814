"""SQL about tokens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.grants import model
from fedcommune.domain.grants.model import Application, Authorisation, Grant, Token
from fedcommune.domain.grants.queries.applications import APPLICATION, application_of

_COLUMNS: Final = """token.id, token.application_id, token.citizen_id, token.account_id,
    token.scopes, token.created_at, token.used_at, token.expires_at, token.revoked_at"""

# A token is good while it lives, its person may do anything (SEC-AUT-03, SEC-AUT-09), and
# still is, or administers, who acts. It expects the moment as the second parameter. ``offset 0``
# says to look up this one person, and not first everybody who would do.
_GOOD: Final = """token.revoked_at is null
    and (token.expires_at is null or token.expires_at > $2)
    and (
        (token.citizen_id is null and cardinality(token.scopes) > 0)
        or exists (
            select from commune.citizen
            join commune.account as person on person.id = citizen.account_id
            where citizen.account_id = token.citizen_id
              and citizen.confirmed_at is not null
              and citizen.approved_at is not null
              and citizen.disabled_at is null
              and person.deleted_at is null
              and person.suspended_at is null
            offset 0
        )
    )
    and (
        token.account_id is not distinct from token.citizen_id
        or exists (
            select from commune.link
            where link.subject_id = token.citizen_id
              and link.target_id = token.account_id
              and link.state = 'active'
              and link.is_admin
        )
    )"""

# A newcomer's: not good before the address is confirmed and the person approved; or a decoy.
_WAITING: Final = """token.revoked_at is null
    and (token.expires_at is null or token.expires_at > $2)
    and (
        (token.citizen_id is null and cardinality(token.scopes) = 0)
        or exists (
            select from commune.citizen
            join commune.account as person on person.id = citizen.account_id
            where citizen.account_id = token.citizen_id
              and (citizen.confirmed_at is null or citizen.approved_at is null)
              and person.deleted_at is null
        )
    )"""
_GRANT: Final = f"""token.id as token_id, token.application_id, token.citizen_id,
    token.account_id, token.scopes, token.created_at as given_at, token.used_at,
    token.expires_at, token.revoked_at, application.client_id, application.secret_hash,
    application.name as application_name, application.website, application.redirect_uris,
    application.scopes as application_scopes, application.created_at as registered_at,
    {accounts.COLUMNS}"""


def _token(row: Any) -> Token:
    return Token(
        row["id"],
        row["application_id"],
        row["citizen_id"],
        row["account_id"],
        model.names(row["scopes"]),
        row["created_at"],
        row["used_at"],
        row["expires_at"],
        row["revoked_at"],
    )


async def insert_token(
    db: Executor, token: Token, *, token_hash: bytes, code_hash: bytes | None
) -> None:
    """Store a token. Raises ``asyncpg.UniqueViolationError`` when its value is known."""
    await db.execute(
        """
        insert into commune.token (
            id, token_hash, application_id, citizen_id, account_id, scopes, code_hash, created_at,
            expires_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        token.id,
        token_hash,
        token.application_id,
        token.citizen_id,
        token.account_id,
        list(token.scopes),
        code_hash,
        token.created_at,
        token.expires_at,
    )


async def by_token(db: Executor, token: str, now: datetime) -> Grant | None:
    """Return what *token* allows at the moment *now*; None when it is not good (any more).

    One query: every call of the API begins with it.
    """
    row = await db.fetchrow(
        f"""
        select {_GRANT}
        from commune.token
        join commune.application on application.id = token.application_id
        left join commune.account on account.id = token.account_id
        where token.token_hash = $1
          and {_GOOD}
        """,
        model.hashed(token),
        now,
    )
    grant = None if row is None else _grant(row)
    if grant is None or (
        grant.account is not None and not (grant.account.is_active and grant.account.local)
    ):
        return None
    return grant


async def of_newcomer(db: Executor, token: str, now: datetime) -> Grant | None:
    """Return what *token* will allow once its person is let in; None for all other tokens.

    That of a decoy has no person, and never will (SEC-AUT-03).
    """
    row = await db.fetchrow(
        f"""
        select {_GRANT}
        from commune.token
        join commune.application on application.id = token.application_id
        left join commune.account on account.id = token.account_id
        where token.token_hash = $1
          and {_WAITING}
        """,
        model.hashed(token),
        now,
    )
    return None if row is None else _grant(row)


def _grant(row: Any) -> Grant:
    account = None if row["account_id"] is None else accounts.of_row(row)
    asking = Application(
        row["application_id"],
        row["client_id"],
        row["secret_hash"],
        row["application_name"],
        row["website"],
        tuple(row["redirect_uris"]),
        model.names(row["application_scopes"]),
        row["registered_at"],
    )
    kept = Token(
        row["token_id"],
        row["application_id"],
        row["citizen_id"],
        row["account_id"],
        model.names(row["scopes"]),
        row["given_at"],
        row["used_at"],
        row["expires_at"],
        row["revoked_at"],
    )
    return Grant(kept, asking, account)


async def good(db: Executor, token_ids: Collection[int], now: datetime) -> set[int]:
    """Return those of the tokens with which somebody may still act at the moment *now*."""
    rows = await db.fetch(
        f"""
        select token.id
        from commune.token
        join commune.account on account.id = token.account_id
        where token.id = any($1::bigint[])
          and account.local
          and account.suspended_at is null
          and account.deleted_at is null
          and {_GOOD}
        """,
        list(token_ids),
        now,
    )
    return {row["id"] for row in rows}


async def note_use(db: Executor, token_id: int, now: datetime) -> None:
    await db.execute("update commune.token set used_at = $2 where id = $1", token_id, now)


async def of_value(db: Executor, token: str) -> Token | None:
    """Return the token of this value, good or not."""
    row = await db.fetchrow(
        f"select {_COLUMNS} from commune.token where token_hash = $1", model.hashed(token)
    )
    return None if row is None else _token(row)


async def of_citizen(db: Executor, citizen_id: int, now: datetime) -> list[Grant]:
    """Return what a person allowed and still allows, newest first."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.token
        where citizen_id = $1
          and {_GOOD}
        order by id desc
        limit {model.MAX_TOKENS}
        """,
        citizen_id,
        now,
    )
    tokens = [_token(row) for row in rows]
    asked = await db.fetch(
        f"select {APPLICATION} from commune.application where id = any($1::bigint[])",
        list({token.application_id for token in tokens}),
    )
    asking = {row["id"]: application_of(row) for row in asked}
    acting = await accounts.by_ids(
        db, {token.account_id for token in tokens if token.account_id is not None}
    )
    return [
        Grant(token, asking[token.application_id], acting.get(token.account_id or 0))
        for token in tokens
    ]


async def revoke(db: Executor, token: Token, now: datetime) -> None:
    """End one token; whoever streams with it hears of it (SEC-VIS-05)."""
    await db.execute(
        "update commune.token set revoked_at = $2 where id = $1 and revoked_at is null",
        token.id,
        now,
    )
    if token.citizen_id is not None:
        await _tell(db, token.citizen_id)


async def _tell(db: Executor, citizen_id: int) -> None:
    """Let every process look again at what is open in the name of a citizen."""
    await db.execute("select pg_notify('citizens', $1::bigint::text)", citizen_id)


async def revoke_of_citizen(db: Executor, citizen_id: int, token_id: int, now: datetime) -> bool:
    """End one token of this person; return whether there was one alive."""
    done = await db.execute(
        """
        update commune.token set revoked_at = $3
        where id = $1 and citizen_id = $2 and revoked_at is null
        """,
        token_id,
        citizen_id,
        now,
    )
    await _tell(db, citizen_id)
    return done != "UPDATE 0"


async def revoke_of_code(db: Executor, authorisation: Authorisation, now: datetime) -> None:
    """End what was given for a code that somebody presents again (RFC 6749 §4.1.2)."""
    await db.execute(
        "update commune.token set revoked_at = $2 where code_hash = $1 and revoked_at is null",
        authorisation.code_hash,
        now,
    )
    await _tell(db, authorisation.citizen_id)


async def revoke_all(db: Executor, citizen_id: int, now: datetime) -> None:
    """End every token of a person, and the codes that wait to become one."""
    await db.execute(
        "update commune.token set revoked_at = $2 where citizen_id = $1 and revoked_at is null",
        citizen_id,
        now,
    )
    await db.execute("delete from commune.authorisation where citizen_id = $1", citizen_id)
    await _tell(db, citizen_id)


async def revoke_oldest(db: Executor, citizen_id: int, *, keep: int, now: datetime) -> None:
    """End the oldest tokens of a person beyond the newest *keep* (SEC-DOS-06)."""
    await db.execute(
        """
        update commune.token set revoked_at = $3
        where id in (
            select id from commune.token
            where citizen_id = $1 and revoked_at is null
            order by id desc
            offset $2
        )
        """,
        citizen_id,
        keep,
        now,
    )


async def forget_codes(db: Executor, before: datetime) -> None:
    """Forget codes that ended before that moment."""
    await db.execute("delete from commune.authorisation where expires_at < $1", before)
