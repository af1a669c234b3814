"""Entries of a timeline as the templates show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.polls import model as polls
from fedcommune.domain.polls import queries as poll_queries
from fedcommune.domain.polls.model import Line, Seen
from fedcommune.domain.posts import details
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Attachment, Post
from fedcommune.domain.quotes import queries as quotes
from fedcommune.domain.reading import queries as reading
from fedcommune.domain.reading.model import Surroundings
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.visibility import ANYONE, Viewer

NOTHING: Final = Surroundings()


@dataclass(frozen=True, slots=True)
class Poll:
    """What a post asks, as a page shows it; *voters* is None when nobody knows how many."""

    lines: list[Line]
    multiple: bool
    over: bool
    hidden: bool
    ends_at: datetime | None
    votes: int
    voters: int | None

    @property
    def voted(self) -> bool:
        """Whether who reads took a choice."""
        return any(line.own for line in self.lines)


@dataclass(frozen=True, slots=True)
class Item:
    """A post with its author, who passed it on, where its page is, and what is attached.

    Pictures of strangers are shown from our own copies, and the page only links to their films
    and sounds: reading it tells no other server who reads. ``quoted`` is what it quotes with
    its author's leave, when who reads may see that. ``mine`` is what who is signed in did
    with it, ``own`` whether they wrote it.
    """

    post: Post
    author: Account
    page: str
    carried_by: Account | None = None
    attachments: tuple[Attachment, ...] = ()
    poll: Poll | None = None
    quoted: Item | None = None
    mine: Surroundings = NOTHING
    own: bool = False

    @property
    def home(self) -> str:
        """Where its author's server shows it; only web addresses are led to (SEC-XSS-03)."""
        url = self.post.url or self.post.object_id
        return url if url.startswith(("https://", "http://")) else "#"


async def of_entries(
    db: Executor, entries: Sequence[Entry], now: datetime, viewer: Viewer = ANYONE
) -> list[Item]:
    """Return the items of *entries*, in their order, with what they quote.

    *viewer* is who reads, and whose votes, likes and bookmarks are shown.
    """
    around = await quotes.around(db, viewer, [entry.post.id for entry in entries])
    targets = {
        entry.post.id: target_id
        for entry in entries
        if (target_id := around[entry.post.id].target_id) is not None
        and around[entry.post.id].state == "accepted"
    }
    quoted = await posts.by_ids(db, viewer, targets.values()) if targets else {}
    inner = await _plain(db, [Entry(post.id, post) for post in quoted.values()], now, viewer)
    by_id = {item.post.id: item for item in inner}
    return [
        replace(item, quoted=by_id.get(targets.get(item.post.id, 0)))
        for item in await _plain(db, entries, now, viewer)
    ]


async def _plain(
    db: Executor, entries: Sequence[Entry], now: datetime, viewer: Viewer
) -> list[Item]:
    people = {entry.post.author_id for entry in entries}
    people |= {entry.boost.account_id for entry in entries if entry.boost}
    by_id = await accounts.by_ids(db, people)
    asking = {entry.post.id for entry in entries if entry.post.type == "Question"}
    asked = await poll_queries.seen(db, viewer, asking)
    attached = await details.attachments(db, [entry.post.id for entry in entries])
    around: dict[int, Surroundings] = {}
    if viewer.account_id is not None and entries:
        around = await reading.around(db, viewer, [entry.post.id for entry in entries])
    return [
        Item(
            post=entry.post,
            author=by_id[entry.post.author_id],
            page=_page(entry.post, by_id[entry.post.author_id], viewer),
            carried_by=by_id.get(entry.boost.account_id) if entry.boost else None,
            attachments=tuple(
                each
                for each in attached.get(entry.post.id, [])
                if each.url.startswith(("https://", "http://"))
            ),
            poll=_poll(asked.get(entry.post.id), now),
            mine=around.get(entry.post.id, NOTHING),
            own=entry.post.author_id == viewer.account_id,
        )
        for entry in entries
    ]


async def of_posts(
    db: Executor, found: Sequence[Post], now: datetime, viewer: Viewer = ANYONE
) -> list[Item]:
    """Return the items of *found*, in their order."""
    return await of_entries(db, [Entry(post.id, post) for post in found], now, viewer)


def _poll(seen: Seen | None, now: datetime) -> Poll | None:
    if seen is None:
        return None
    asked = seen.poll
    return Poll(
        lines=polls.lines(seen, now),
        multiple=asked.multiple,
        over=asked.is_over(now),
        hidden=not asked.shows_totals(now),
        ends_at=asked.ends_at,
        votes=sum(asked.votes),
        voters=asked.voters,
    )


def _page(post: Post, author: Account, viewer: Viewer) -> str:
    """Where a person reads *post*: here for ours and for who is signed in, or at its home."""
    if post.local:
        return f"/@{author.username}/{post.id}"
    if viewer.account_id is not None:
        return f"/posts/{post.id}"
    url = post.url or post.object_id
    return url if url.startswith(("https://", "http://")) else "#"
