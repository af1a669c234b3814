"""SQL about translations."""

from __future__ import annotations

from datetime import datetime

import orjson

from fedcommune.database import Executor
from fedcommune.domain.translations.model import Original, Translation


async def kept(db: Executor, original: Original, language: str) -> Translation | None:
    """Return the translation of just these words that was made before."""
    row = await db.fetchrow(
        """
        select language, content, summary, descriptions, source_language, provider
        from commune.translation
        where post_id = $1
          and language = $2
          and said = $3
        """,
        original.post_id,
        language,
        original.digest,
    )
    if row is None:
        return None
    return Translation(**{**row, "descriptions": tuple(orjson.loads(row["descriptions"]))})


async def keep(db: Executor, original: Original, made: Translation, now: datetime) -> None:
    """Keep a translation in place of an earlier one; nothing happens when the post is gone."""
    await db.execute(
        """
        insert into commune.translation (post_id, language, said, content, summary, descriptions,
            source_language, provider, made_at)
        select post.id, $2, $3, $4, $5, $6, $7, $8, $9
        from commune.post
        where post.id = $1
          and post.deleted_at is null
        on conflict (post_id, language) do update
        set said = excluded.said,
            content = excluded.content,
            summary = excluded.summary,
            descriptions = excluded.descriptions,
            source_language = excluded.source_language,
            provider = excluded.provider,
            made_at = excluded.made_at
        """,
        original.post_id,
        made.language,
        original.digest,
        made.content,
        made.summary,
        orjson.dumps(made.descriptions).decode(),
        made.source_language,
        made.provider,
        now,
    )
