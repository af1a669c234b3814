"""Keep, mute, follow a tag: only what one may see, and only for oneself."""

from __future__ import annotations

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.reading import markers, queries, tags
from fedcommune.domain.reading.model import (
    MAX_FEATURED_TAGS,
    MAX_FOLLOWED_TAGS,
    Marker,
    Timeline,
)
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import Invalid, NotFound
from federation.vocabulary.tags import hashtag


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def bookmark(tx: Transaction, account: Account, post_id: int) -> Post:
    """Keep a post for later. Raises :class:`NotFound` when it is not for *account* (SEC-VIS-02)."""
    post = await _seen(tx, account, post_id)
    await queries.bookmark(tx.db, identifiers.new(tx.now), account.id, post.id, tx.now)
    return post


async def unbookmark(tx: Transaction, account: Account, post_id: int) -> Post:
    """Keep it no longer. Raises :class:`NotFound` when it is not for *account* (SEC-VIS-02)."""
    post = await _seen(tx, account, post_id)
    await queries.unbookmark(tx.db, account.id, post.id)
    return post


async def mute_thread(tx: Transaction, account: Account, post_id: int) -> Post:
    """Tell *account* nothing more of the thread of a post. Raises :class:`NotFound`."""
    post = await _seen(tx, account, post_id)
    await queries.mute_thread(tx.db, account.id, thread(post), tx.now)
    return post


async def unmute_thread(tx: Transaction, account: Account, post_id: int) -> Post:
    """Tell *account* of the thread again. Raises :class:`NotFound`."""
    post = await _seen(tx, account, post_id)
    await queries.unmute_thread(tx.db, account.id, thread(post))
    return post


def thread(post: Post) -> str:
    """Return the thread that a post is of."""
    return post.conversation or post.object_id


async def move_marker(
    tx: Transaction, account: Account, timeline: Timeline, last_read_id: int
) -> Marker:
    """Remember how far *account* read."""
    return await markers.move(tx.db, account.id, timeline, last_read_id, tx.now)


def tag_named(text: str) -> str:
    """Return *text* as tags are stored. Raises :class:`Invalid` when it cannot be one."""
    name = hashtag(text)
    if name is None:
        raise Invalid("name", _("A hashtag has letters, digits and underscores, not digits alone."))
    return name


async def follow_tag(tx: Transaction, account: Account, text: str) -> str:
    """Show *account* at home what carries this tag. Raises :class:`Invalid`."""
    name = tag_named(text)
    if await tags.count_followed(tx.db, account.id) >= MAX_FOLLOWED_TAGS:
        raise Invalid(
            "name", _("You follow {limit} hashtags: unfollow one first."), limit=MAX_FOLLOWED_TAGS
        )
    await tags.follow(tx.db, account.id, name, tx.now)
    return name


async def unfollow_tag(tx: Transaction, account: Account, text: str) -> str:
    """Show it no longer. Raises :class:`Invalid`."""
    name = tag_named(text)
    await tags.unfollow(tx.db, account.id, name)
    return name


async def feature_tag(tx: Transaction, account: Account, text: str) -> str:
    """Show a tag on the profile of *account*. Raises :class:`Invalid`."""
    name = tag_named(text)
    await tags.count_followed(tx.db, account.id)
    shown = {each.name for each in await tags.featured(tx.db, account.id)}
    if len(shown) >= MAX_FEATURED_TAGS and name not in shown:
        raise Invalid(
            "name",
            _("A profile shows {limit} hashtags: remove one first."),
            limit=MAX_FEATURED_TAGS,
        )
    await tags.feature(tx.db, account.id, name, tx.now)
    return name


async def _seen(tx: Transaction, account: Account, post_id: int) -> Post:
    post = await posts.by_id(tx.db, Viewer(account.id), post_id)
    if post is None:
        raise NotFound
    return post
