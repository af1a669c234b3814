"""Pictures that stand for words, as they leave: tags on posts and profiles, and documents."""

from __future__ import annotations

from typing import Any

from fedcommune.database import Transaction
from fedcommune.domain.emojis import queries
from fedcommune.domain.emojis.model import Emoji, named_in
from fedcommune.instance import Instance
from federation.vocabulary import tags


async def tags_of(tx: Transaction, *texts: str) -> tuple[dict[str, Any], ...]:
    """Return the tags for those of our pictures that *texts* name (W-DOC-07, FEP-9098)."""
    found = await queries.named(tx.db, named_in(*texts))
    return tuple(document(tx.instance, emoji) for emoji in found)


def document(instance: Instance, emoji: Emoji) -> dict[str, Any]:
    """Return the document of one, without ``@context``; its tag is the same."""
    return tags.emoji(
        instance.emoji(emoji.id), emoji.shortcode, instance.media(emoji.file), emoji.updated_at
    )
