"""SQL: which page a post leads to, and that somebody should look at what is there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from fedcommune.database import Transaction
from fedcommune.domain.posts.details import MAX_LINK
from fedcommune.domain.posts.model import Post
from fedcommune.instance import Instance
from fedcommune.text import html

# What was looked at is good for so long; then the next post that names it lets us look again.
FRESH: Final = timedelta(days=14)
# Seconds: servers that get the same post do not all ask at the same moment.
_SPREAD: Final = 60
_QUOTED: Final = re.compile(r"<(p|span)[^<>]*\bquote-inline\b[^<>]*>.*?</\1>", re.DOTALL)


def link_of(instance: Instance, content: str) -> str | None:
    """Return the first address that *content* (clean HTML) leads to and that is worth a look.

    Not our own pages, people and hashtags, nor what is quoted, which is shown anyway.
    """
    if "<a " not in content:
        return None
    found = html.links(_QUOTED.sub("", content))
    return next((url for url in found if len(url) <= MAX_LINK and not instance.owns(url)), None)


def leads_away(content: str) -> bool:
    """Tell whether *content* (clean HTML) leads anywhere, people and hashtags left out."""
    return "<a " in content and bool(html.links(content))


async def want(tx: Transaction, post: Post) -> None:
    """Let somebody look, later, at where an open post leads to; once for all posts.

    Nobody is asked for what stands in a private post: whoever is asked learns of it.
    """
    url = link_of(tx.instance, post.content)
    if url is None or not post.visibility.is_open:
        return
    await tx.db.execute(
        """
        insert into commune.card as kept (url, asked_at, due_at)
        values ($1, $2, $2::timestamptz + make_interval(secs => $4))
        on conflict (url) do update
        set asked_at = excluded.asked_at,
            due_at = excluded.due_at,
            attempts = 0
        where kept.due_at is null
          and kept.fetched_at < $3
        """,
        url,
        tx.now,
        tx.now - FRESH,
        0.0 if post.local else float(sum(url.encode()) % _SPREAD),
    )
