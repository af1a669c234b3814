"""Announce something, end it; read it, react to it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.announcements import queries
from fedcommune.domain.announcements.model import (
    MAX_REACTIONS,
    MAX_TEXT,
    Announcement,
    Span,
    check_emoji,
)
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import hashtags
from fedcommune.domain.visibility import ANYONE
from fedcommune.errors import Invalid, NotFound
from fedcommune.text import html, markdown, mentions


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# How many addresses of a text are looked up among the posts that are here.
_MOST_LINKS = 20


async def announce(
    tx: Transaction,
    text: str,
    when: Span,
    *,
    mentioned: Collection[Account] = (),
    published_at: datetime | None = None,
    about_id: int | None = None,
) -> Announcement:
    """Announce *text* (Markdown) to everybody here, at once or from *published_at* on.

    *mentioned* are the accounts that the text may name, gathered before. A subject whose
    posts show as announcements too (official notices, say) calls this in the transaction
    that keeps the post and names it as *about_id*: the announcement goes when the post goes.
    Raises Invalid.
    """
    text = text.strip()
    if not 1 <= len(text) <= MAX_TEXT:
        raise Invalid("text", _("An announcement has 1 to {limit} characters."), limit=MAX_TEXT)
    published_at = published_at or tx.now
    if when.ends_at is not None and when.ends_at <= published_at:
        raise Invalid("until", _("This is over already: nobody would see it."))
    heard: dict[str, Account] = {}
    for each in mentioned:
        if each.is_active:
            heard[each.handle.lower()] = each
            if each.local:
                heard[each.username.lower()] = each
    found = mentions.find(text)
    named = {typed: heard[typed] for typed in found.people if typed in heard}
    content = markdown.render(
        text,
        mentions.Links(
            people={typed: each.url or each.actor_id for typed, each in named.items()},
            tag=tx.instance.tag_page,
        ),
    )
    made = Announcement(
        id=identifiers.new(tx.now),
        text=text,
        content=content,
        starts_at=when.starts_at,
        ends_at=when.ends_at,
        all_day=when.all_day,
        mentions=tuple(dict.fromkeys(each.id for each in named.values())),
        posts=await _posts(tx, content),
        tags=tuple(hashtags(found.tags)),
        about_id=about_id,
        published_at=published_at,
        updated_at=tx.now,
        ended_at=None,
    )
    await queries.insert(tx.db, made)
    return made


async def end(tx: Transaction, announcement_id: int) -> None:
    """Take an announcement off, and keep it. Raises NotFound when it is none, or over."""
    if not await queries.end(tx.db, announcement_id, tx.now):
        raise NotFound(_("There is no announcement of this number that still lasts."))


async def end_about(tx: Transaction, post_id: int) -> None:
    """Take off what announces a post, if anything does and still shows."""
    await queries.end_about(tx.db, post_id, tx.now)


async def remove(tx: Transaction, announcement_id: int) -> None:
    """Delete an announcement as if it had never been. Raises NotFound."""
    if not await queries.remove(tx.db, announcement_id):
        raise NotFound(_("There is no announcement of this number."))


async def dismiss(tx: Transaction, account: Account, announcement_id: int) -> None:
    """Let *account* have read an announcement. Raises NotFound when it does not show."""
    found = await _one(tx, announcement_id)
    await queries.dismiss(tx.db, found.id, account.id)


async def react(tx: Transaction, account: Account, announcement_id: int, name: str) -> None:
    """Let *account* answer an emoji. Raises NotFound, and Invalid for one too many."""
    found = await _one(tx, announcement_id)
    name = check_emoji(name)
    known = await queries.reactions(tx.db, found.id)
    if name not in known and len(known) >= MAX_REACTIONS:
        raise Invalid("name", _("Limit of different reactions reached"))
    await queries.react(tx.db, found.id, account.id, name, tx.now)


async def take_back(tx: Transaction, account: Account, announcement_id: int, name: str) -> None:
    """Let *account* take an emoji back; one that was never given, too.

    Raises NotFound, and Invalid for what is no emoji.
    """
    found = await _one(tx, announcement_id)
    await queries.take_back(tx.db, found.id, account.id, check_emoji(name))


async def _one(tx: Transaction, announcement_id: int) -> Announcement:
    found = await queries.one(tx.db, announcement_id, tx.now)
    if found is None:
        raise NotFound
    return found


async def _posts(tx: Transaction, content: str) -> tuple[int, ...]:
    """Return the ids of the posts to which *content* leads, those that anybody may read."""
    found = []
    for address in html.links(content)[:_MOST_LINKS]:
        post = await posts.by_address(tx.db, ANYONE, address)
        if post is not None:
            found.append(post.id)
    return tuple(dict.fromkeys(found))
