"""Steps that are done once: each is remembered in the transaction of its effects.

A preparation that was interrupted goes on where it stopped, and a second one does nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from fedcommune.commune import Commune
from fedcommune.database import Executor, Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account

# Called after each step, so that one sees how far it is.
Advance: TypeAlias = Callable[[], None]


async def is_done(db: Executor, step: str) -> bool:
    """Tell whether *step* was done."""
    return bool(
        await db.fetchval(
            "select exists (select from commune.setting where name = $1)", f"demo {step}"
        )
    )


@asynccontextmanager
async def once(
    commune: Commune, step: str, *, at: datetime | None = None
) -> AsyncIterator[Transaction | None]:
    """Open the transaction of *step*, as if it were *at* that moment; None when it is done."""
    async with commune.database.transaction() as tx:
        fresh = await tx.db.fetchval(
            """
            insert into commune.setting (name, value) values ($1, 'true')
            on conflict do nothing
            returning name
            """,
            f"demo {step}",
        )
        if fresh is None:
            yield None
        else:
            yield tx if at is None else replace(tx, now=at)


async def remember(db: Executor, step: str, made_id: int) -> None:
    """Remember which post or place *step* made."""
    await db.execute(
        "update commune.setting set value = to_jsonb($2::text) where name = $1",
        f"demo {step}",
        str(made_id),
    )


async def made(db: Executor, step: str) -> int:
    """Return the id of the post or the place that *step* made."""
    found = await db.fetchval(
        "select value #>> '{}' from commune.setting where name = $1", f"demo {step}"
    )
    assert found is not None, f"'{step}' stands earlier in the story"
    return int(found)


async def known(tx: Transaction, username: str) -> Account:
    """Return one of ours, whom the story told of before."""
    account = await accounts.local_by_username(tx.db, username)
    assert account is not None, f"{username} stands earlier in the story"
    return account


def moments(first: datetime, step: timedelta) -> Iterator[datetime]:
    """Return *first* and what comes after it: each at a moment of its own."""
    while True:
        yield first
        first += step
