"""Make a filter, change it, fill it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.filters import queries
from fedcommune.domain.filters.model import (
    ACTIONS,
    CONTEXTS,
    MAX_FILTERS,
    MAX_KEYWORD,
    MAX_KEYWORDS,
    MAX_POSTS,
    MAX_TITLE,
    Filter,
    Keyword,
)
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import Invalid, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody says of a filter, complete. ``expires_at`` is UTC, None for never."""

    title: str
    contexts: Sequence[str]
    action: str = "warn"
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one keyword: ``id`` is None for a new one; None leaves as it is."""

    id: int | None = None
    keyword: str | None = None
    whole_word: bool | None = None
    remove: bool = False


async def make(
    tx: Transaction, account: Account, draft: Draft, keywords: Sequence[Change] = ()
) -> Filter:
    """Give *account* a filter. Raises Invalid, also for one too many (SEC-DOS-06)."""
    if await queries.count(tx.db, account.id) >= MAX_FILTERS:
        raise Invalid("title", _("You have {limit} filters: remove one first."), limit=MAX_FILTERS)
    blank = Filter(identifiers.new(tx.now), account.id, "", (), "warn", None)
    return await _keep(tx, account, blank, draft, keywords)


async def change(
    tx: Transaction,
    account: Account,
    filter_id: int,
    draft: Draft,
    keywords: Sequence[Change] = (),
) -> Filter:
    """Change a filter. Raises NotFound for others' filters and keywords, Invalid."""
    await queries.lock(tx.db, account.id)
    return await _keep(tx, account, await one(tx, account, filter_id), draft, keywords)


async def one(tx: Transaction, account: Account, filter_id: int) -> Filter:
    """Return a filter of *account*. Raises NotFound for all others (SEC-VIS-11)."""
    found = await queries.by_id(tx.db, account.id, filter_id)
    if found is None:
        raise NotFound
    return found


async def change_keywords(
    tx: Transaction, account: Account, filter_id: int, changes: Sequence[Change]
) -> Filter:
    """Add, change and remove keywords. Raises NotFound, Invalid (SEC-DOS-06)."""
    await queries.lock(tx.db, account.id)
    known = await one(tx, account, filter_id)
    ids = {each.id: each for each in known.keywords}
    for each in changes:
        before = Keyword(identifiers.new(tx.now), "", False) if each.id is None else None
        if before is None:
            before = ids.get(cast(int, each.id))
        if before is None:
            raise NotFound
        if each.remove:
            await queries.remove_keyword(tx.db, known.id, before.id)
            continue
        keyword = (before.keyword if each.keyword is None else each.keyword).strip()
        if not 1 <= len(keyword) <= MAX_KEYWORD:
            raise Invalid("keyword", _("A keyword has 1 to {limit} characters."), limit=MAX_KEYWORD)
        whole = before.whole_word if each.whole_word is None else each.whole_word
        await queries.keep_keyword(tx.db, known.id, Keyword(before.id, keyword, whole))
    changed = await one(tx, account, filter_id)
    if len(changed.keywords) > MAX_KEYWORDS:
        raise Invalid("keywords", _("A filter has at most {limit} keywords."), limit=MAX_KEYWORDS)
    return changed


async def hold_post(tx: Transaction, account: Account, filter_id: int, post_id: int) -> Filter:
    """Let a filter hold back one post. Raises NotFound for what *account* cannot see, Invalid."""
    await queries.lock(tx.db, account.id)
    known = await one(tx, account, filter_id)
    if await posts.by_id(tx.db, Viewer(account.id), post_id) is None:
        raise NotFound
    if len(known.posts) >= MAX_POSTS:
        raise Invalid("status_id", _("A filter holds back at most {limit} posts."), limit=MAX_POSTS)
    await queries.hold_post(tx.db, identifiers.new(tx.now), known.id, post_id)
    return await one(tx, account, filter_id)


async def _keep(
    tx: Transaction,
    account: Account,
    before: Filter,
    draft: Draft,
    keywords: Sequence[Change],
) -> Filter:
    title, contexts = draft.title.strip(), tuple(dict.fromkeys(draft.contexts))
    if not 1 <= len(title) <= MAX_TITLE:
        raise Invalid(
            "title", _("A filter has a title of 1 to {limit} characters."), limit=MAX_TITLE
        )
    if not contexts or not set(contexts) <= set(CONTEXTS):
        raise Invalid("context", _("Choose some of {choices}."), choices=", ".join(CONTEXTS))
    if draft.action not in ACTIONS:
        raise Invalid("filter_action", _("Choose one of {choices}."), choices=", ".join(ACTIONS))
    made = replace(
        before,
        title=title,
        contexts=contexts,
        action=draft.action,
        expires_at=draft.expires_at,
    )
    await queries.keep(tx.db, made, tx.now)
    return await change_keywords(tx, account, made.id, keywords)
