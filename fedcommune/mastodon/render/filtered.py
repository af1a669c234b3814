"""What a reader's filters hold back, told beside each status."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from fedcommune.database import Executor
from fedcommune.domain.filters import queries
from fedcommune.domain.filters.model import Filter, matches
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Viewer
from fedcommune.mastodon import entities
from fedcommune.mastodon.json import maybe
from fedcommune.text import html


async def filtered(
    db: Executor, viewer: Viewer, posts: Collection[Post], now: datetime
) -> dict[int, list[entities.FilterResult]]:
    """Return by post which filters of *viewer* hold it back, with one query for all posts at most.

    Filters of every context are told: apps know where they show what. What one wrote
    oneself is never held back.
    """
    others = [post for post in posts if post.author_id != viewer.account_id]
    if viewer.account_id is None or not others:
        return {}
    filters = await queries.of_account(db, viewer.account_id, living_at=now)
    return {post.id: results(filters, post) for post in others} if filters else {}


def hides(status: entities.Status, context: str) -> bool:
    """Tell whether a filter asks that *status* is not even mentioned in this *context*."""
    return any(
        each.filter.filter_action == "hide" and context in each.filter.context
        for each in status.filtered
    )


def results(filters: Sequence[Filter], post: Post) -> list[entities.FilterResult]:
    """Return which of the *filters* hold *post* back."""
    text = "\n".join((post.summary, post.title, html.plain(post.content)))
    return [
        entities.FilterResult(
            filter=entity(each.filter),
            keyword_matches=list(each.keywords) or None,
            status_matches=[str(post_id) for post_id in each.post_ids] or None,
        )
        for each in matches(filters, (post.id,), text)
    ]


def entity(found: Filter) -> entities.Filter:
    return entities.Filter(
        id=str(found.id),
        title=found.title,
        context=list(found.contexts),
        expires_at=maybe(found.expires_at),
        filter_action=found.action,
        keywords=[
            entities.FilterKeyword(
                id=str(each.id), keyword=each.keyword, whole_word=each.whole_word
            )
            for each in found.keywords
        ],
        statuses=[
            entities.FilterStatus(id=str(each.id), status_id=str(each.post_id))
            for each in found.posts
        ],
    )
