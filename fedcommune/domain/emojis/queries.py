"""SQL: the pictures of ours that stand for words."""

from __future__ import annotations

from collections.abc import Collection

from fedcommune.database import Executor
from fedcommune.domain.emojis.model import Emoji


async def listed(db: Executor) -> list[Emoji]:
    """Return all of them, by category and name."""
    rows = await db.fetch(
        """
        select id, shortcode, file, category, created_at, updated_at
        from commune.emoji
        order by category, shortcode
        """
    )
    return [Emoji(**row) for row in rows]


async def by_id(db: Executor, emoji_id: int) -> Emoji | None:
    row = await db.fetchrow(
        """
        select id, shortcode, file, category, created_at, updated_at
        from commune.emoji
        where id = $1
        """,
        emoji_id,
    )
    return None if row is None else Emoji(**row)


async def named(db: Executor, shortcodes: Collection[str]) -> list[Emoji]:
    """Return those that there are among *shortcodes*."""
    if not shortcodes:
        return []
    rows = await db.fetch(
        """
        select id, shortcode, file, category, created_at, updated_at
        from commune.emoji
        where shortcode = any($1::text[])
        order by shortcode
        """,
        list(shortcodes),
    )
    return [Emoji(**row) for row in rows]


async def insert(db: Executor, emoji: Emoji) -> None:
    await db.execute(
        """
        insert into commune.emoji (id, shortcode, file, category, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6)
        """,
        emoji.id,
        emoji.shortcode,
        emoji.file,
        emoji.category,
        emoji.created_at,
        emoji.updated_at,
    )


async def change(db: Executor, emoji: Emoji) -> None:
    await db.execute(
        "update commune.emoji set file = $2, category = $3, updated_at = $4 where id = $1",
        emoji.id,
        emoji.file,
        emoji.category,
        emoji.updated_at,
    )


async def delete(db: Executor, shortcode: str) -> bool:
    """Forget one and its file; return whether it was there."""
    found = await db.fetchval(
        "delete from commune.emoji where shortcode = $1 returning true", shortcode
    )
    return bool(found)
