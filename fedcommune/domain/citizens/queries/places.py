"""SQL about where people live: what the geo API said, and the neighbours who serve a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fedcommune.database import Executor


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another commune's server that we know."""

    insee: str
    name: str
    domain: str


async def communes_of(
    db: Executor, postal_code: str, since: datetime
) -> list[tuple[str, str]] | None:
    """Return INSEE code and name of the communes of a postal code, as told *since* then.

    Empty when there is no such code, None when nobody told us.
    """
    rows = await db.fetch(
        """
        select insee, name from commune.postal_code
        where code = $1 and told_at >= $2
        order by name, insee
        """,
        postal_code,
        since,
    )
    if not rows:
        return None
    return [(row["insee"], row["name"]) for row in rows if row["insee"]]


async def remember(
    db: Executor, postal_code: str, communes: Sequence[tuple[str, str]], now: datetime
) -> None:
    """Keep what the geo API said about a postal code; nothing means that nobody has it."""
    await db.execute("delete from commune.postal_code where code = $1", postal_code)
    await db.executemany(
        """
        insert into commune.postal_code (code, insee, name, told_at)
        values ($1, $2, $3, $4)
        on conflict (code, insee) do nothing
        """,
        [(postal_code, insee, name, now) for insee, name in communes or [("", "")]],
    )


async def neighbours(db: Executor, insee: Sequence[str]) -> list[Neighbour]:
    """Return the servers we know of the communes with these INSEE codes, longest known first."""
    rows = await db.fetch(
        """
        select distinct on (territory) territory, name, domain
        from commune.account
        where kind = 'commune'
          and not local
          and territory = any($1::text[])
          and suspended_at is null
          and deleted_at is null
        order by territory, created_at, id
        """,
        list(insee),
    )
    return [Neighbour(row["territory"], row["name"], row["domain"]) for row in rows]
