"""SQL about applications, and the codes with which they ask for tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.grants import model
from fedcommune.domain.grants.model import Application, Authorisation

APPLICATION: Final = """application.id, application.client_id, application.secret_hash,
    application.name, application.website, application.redirect_uris, application.scopes,
    application.created_at"""


def application_of(row: Any) -> Application:
    return Application(
        row["id"],
        row["client_id"],
        row["secret_hash"],
        row["name"],
        row["website"],
        tuple(row["redirect_uris"]),
        model.names(row["scopes"]),
        row["created_at"],
    )


async def insert_application(db: Executor, application: Application) -> None:
    await db.execute(
        """
        insert into commune.application (
            id, client_id, secret_hash, name, website, redirect_uris, scopes, created_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        application.id,
        application.client_id,
        application.secret_hash,
        application.name,
        application.website,
        list(application.redirect_uris),
        list(application.scopes),
        application.created_at,
    )


async def application(db: Executor, client_id: str) -> Application | None:
    row = await db.fetchrow(
        f"select {APPLICATION} from commune.application where client_id = $1", client_id
    )
    return None if row is None else application_of(row)


async def application_by_id(db: Executor, application_id: int) -> Application | None:
    row = await db.fetchrow(
        f"select {APPLICATION} from commune.application where id = $1", application_id
    )
    return None if row is None else application_of(row)


async def made_for_scripts(db: Executor, name: str) -> Application | None:
    """Return the application without a secret of this *name*."""
    row = await db.fetchrow(
        f"""
        select {APPLICATION}
        from commune.application
        where secret_hash is null
          and name = $1
        order by id
        limit 1
        """,
        name,
    )
    return None if row is None else application_of(row)


async def insert_authorisation(db: Executor, authorisation: Authorisation) -> None:
    await db.execute(
        """
        insert into commune.authorisation (
            code_hash, application_id, citizen_id, account_id, redirect_uri, scopes, challenge,
            created_at, expires_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        authorisation.code_hash,
        authorisation.application_id,
        authorisation.citizen_id,
        authorisation.account_id,
        authorisation.redirect_uri,
        list(authorisation.scopes),
        authorisation.challenge,
        authorisation.created_at,
        authorisation.expires_at,
    )


async def authorisation(db: Executor, code_hash: bytes) -> Authorisation | None:
    """Return what a code stands for, its row locked so that it is used once."""
    row = await db.fetchrow(
        """
        select code_hash, application_id, citizen_id, account_id, redirect_uri, scopes, challenge,
               created_at, expires_at, used_at
        from commune.authorisation
        where code_hash = $1
        for update
        """,
        code_hash,
    )
    if row is None:
        return None
    return Authorisation(**{**row, "scopes": model.names(row["scopes"])})


async def use_code(db: Executor, code_hash: bytes, now: datetime) -> None:
    await db.execute(
        "update commune.authorisation set used_at = $2 where code_hash = $1", code_hash, now
    )
