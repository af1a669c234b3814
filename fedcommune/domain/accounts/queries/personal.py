"""SQL about what citizens tell of themselves, and who may see it."""

from __future__ import annotations

from collections.abc import Collection

from fedcommune.database import Executor


async def of_account(db: Executor, account_id: int) -> list[tuple[str, str, str]]:
    """Return everything that a citizen tells: name, value, and who sees it."""
    rows = await db.fetch(
        "select name, value, seen_by from commune.personal_fact where account_id = $1", account_id
    )
    return [(row["name"], row["value"], row["seen_by"]) for row in rows]


async def seen(
    db: Executor, reader_id: int | None, account_ids: Collection[int]
) -> list[tuple[int, str, str]]:
    """Return what a reader (None: anybody) may see: whose it is, name and value."""
    rows = await db.fetch(
        """
        select fact.account_id, fact.name, fact.value
        from commune.personal_fact fact
        where fact.account_id = any($2::bigint[])
          and fact.name <> 'links'
          and fact.value <> ''
          and (
              fact.seen_by = 'public'
              or fact.account_id = $1
              or (
                  fact.seen_by = 'linked'
                  and $1::bigint is not null
                  and commune.linked($1, fact.account_id)
              )
          )
        order by fact.account_id, fact.name
        """,
        reader_id,
        list(account_ids),
    )
    return [(row["account_id"], row["name"], row["value"]) for row in rows]


async def keep(db: Executor, account_id: int, name: str, value: str, seen_by: str) -> None:
    await db.execute(
        """
        insert into commune.personal_fact (account_id, name, value, seen_by)
        values ($1, $2, $3, $4)
        on conflict (account_id, name) do update
        set value = excluded.value, seen_by = excluded.seen_by
        """,
        account_id,
        name,
        value,
        seen_by,
    )
