"""SQL on organisations."""

from __future__ import annotations

from fedcommune.database import Executor
from fedcommune.domain.organisations.model import Organisation


async def insert(db: Executor, organisation: Organisation) -> None:
    await db.execute(
        """
        insert into commune.organisation (account_id, siret, rna)
        values ($1, $2, $3)
        """,
        organisation.account_id,
        organisation.siret,
        organisation.rna,
    )


async def by_account(db: Executor, account_id: int) -> Organisation | None:
    row = await db.fetchrow(
        "select account_id, siret, rna from commune.organisation where account_id = $1",
        account_id,
    )
    return None if row is None else Organisation(**row)
