"""SQL on organisations."""

from __future__ import annotations

from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.queries.people import COLUMNS, of_row
from fedcommune.domain.organisations.model import Organisation


async def keep(db: Executor, organisation: Organisation) -> None:
    """Store the numbers of an organisation, or what changed of them."""
    await db.execute(
        """
        insert into commune.organisation (account_id, siret, rna)
        values ($1, $2, $3)
        on conflict (account_id) do update set siret = excluded.siret, rna = excluded.rna
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


async def locked(db: Executor, account_id: int) -> Account | None:
    """Return a living organisation or project of ours, its row locked until the end."""
    row = await db.fetchrow(
        f"""
        select {COLUMNS}
        from commune.account
        where id = $1
          and local
          and kind in ('association', 'business', 'authority', 'group', 'project')
          and deleted_at is null
        for update
        """,
        account_id,
    )
    return None if row is None else of_row(row)


async def administered(db: Executor, account_id: int, *, limit: int = 100) -> list[Account]:
    """Return the living organisations and projects of ours that *account_id* administers."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.link
        join commune.account on account.id = link.target_id
        where link.subject_id = $1
          and link.state = 'active'
          and link.is_admin
          and account.local
          and account.suspended_at is null
          and account.deleted_at is null
        order by account.name, account.id
        limit $2
        """,
        account_id,
        limit,
    )
    return [of_row(row) for row in rows]
