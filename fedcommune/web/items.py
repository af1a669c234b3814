"""Entries of a timeline as the templates show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import details
from fedcommune.domain.posts.model import Attachment, Post
from fedcommune.domain.timelines.model import Entry


@dataclass(frozen=True, slots=True)
class Item:
    """A post with its author, who passed it on, where its page is, and what is attached.

    Pictures of strangers are shown from our own copies, and the page only links to their films
    and sounds: reading it tells no other server who reads.
    """

    post: Post
    author: Account
    page: str
    carried_by: Account | None = None
    attachments: tuple[Attachment, ...] = ()


async def of_entries(db: Executor, entries: Sequence[Entry]) -> list[Item]:
    """Return the items of *entries*, in their order."""
    people = {entry.post.author_id for entry in entries}
    people |= {entry.boost.account_id for entry in entries if entry.boost}
    by_id = await accounts.by_ids(db, people)
    attached = await details.attachments(db, [entry.post.id for entry in entries])
    return [
        Item(
            post=entry.post,
            author=by_id[entry.post.author_id],
            page=_page(entry.post, by_id[entry.post.author_id]),
            carried_by=by_id.get(entry.boost.account_id) if entry.boost else None,
            attachments=tuple(
                each
                for each in attached.get(entry.post.id, [])
                if each.url.startswith(("https://", "http://"))
            ),
        )
        for entry in entries
    ]


async def of_posts(db: Executor, found: Sequence[Post]) -> list[Item]:
    """Return the items of *found*, in their order."""
    return await of_entries(db, [Entry(post.id, post) for post in found])


def _page(post: Post, author: Account) -> str:
    """Where a person reads *post*: here for ours, at home for the others."""
    if post.local:
        return f"/@{author.username}/{post.id}"
    url = post.url or post.object_id
    return url if url.startswith(("https://", "http://")) else "#"
