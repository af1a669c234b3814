"""SQL about cards."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from fedcommune.database import Executor
from fedcommune.domain.cards.model import AGAIN, MAX_ATTEMPTS, Card


async def found(db: Executor, urls: Collection[str]) -> dict[str, Card]:
    """Return what is known of these addresses, by address."""
    if not urls:
        return {}
    rows = await db.fetch(
        """
        select url, title, description, provider, author, language, published_at
        from commune.card
        where url = any($1::text[])
          and state = 'found'
        """,
        list(urls),
    )
    return {row["url"]: Card(**row) for row in rows}


async def due(db: Executor, now: datetime) -> tuple[str, int] | None:
    """Return the address that waited longest, and how often it was asked for in vain.

    It is leased for five minutes: two processes never ask for the same.
    """
    row = await db.fetchrow(
        """
        update commune.card
        set due_at = $1::timestamptz + interval '5 minutes'
        where url = (
            select url
            from commune.card
            where due_at <= $1
            order by due_at
            limit 1
            for update skip locked
        )
        returning url, attempts
        """,
        now,
    )
    return None if row is None else (row["url"], row["attempts"])


async def keep(db: Executor, card: Card, now: datetime) -> None:
    """Write down what was found."""
    await db.execute(
        """
        update commune.card
        set state = 'found', title = $2, description = $3, provider = $4, author = $5,
            language = $6, published_at = $7, fetched_at = $8, due_at = null, attempts = 0
        where url = $1
        """,
        card.url,
        card.title,
        card.description,
        card.provider,
        card.author,
        card.language,
        card.published_at,
        now,
    )


async def nothing(db: Executor, url: str, now: datetime) -> None:
    """Write down that there is nothing to show; what was found before is kept no longer."""
    await db.execute(
        """
        update commune.card
        set state = 'nothing', title = '', description = '', provider = '', author = '',
            language = null, published_at = null, fetched_at = $2, due_at = null
        where url = $1
        """,
        url,
        now,
    )


async def later(db: Executor, url: str, attempts: int, now: datetime) -> None:
    """Write down that the other server did not answer; after a few times it is left alone."""
    if attempts + 1 >= MAX_ATTEMPTS:
        await nothing(db, url, now)
        return
    await db.execute(
        "update commune.card set attempts = $2, due_at = $3 where url = $1",
        url,
        attempts + 1,
        now + AGAIN * 2**attempts,
    )
