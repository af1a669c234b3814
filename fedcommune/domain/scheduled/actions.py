"""Plan a post, say it otherwise, move or cancel the plan, publish what is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.media.model import Words
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.scheduled import model, outgoing, queries
from fedcommune.domain.scheduled.model import (
    MAX_A_DAY,
    MAX_FAILURES,
    MAX_WAITING,
    TRY_AGAIN,
    Reason,
    Scheduled,
)
from fedcommune.errors import Invalid, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def plan(
    tx: Transaction, author: Account, draft: Draft, due_at: datetime, *, planned_by: int | None
) -> Scheduled:
    """Let *draft* be published in the name of our *author* at *due_at*.

    *planned_by* is the person who does this. Raises what publishing it now would raise, and
    :class:`Invalid` for a moment that is too soon or too far, and for one too many, in all
    or on one day (SEC-DOS-06).
    """
    draft = await posts.check(tx, author, draft)
    await queries.hold(tx.db, author.id)
    if await queries.count(tx.db, author.id) >= MAX_WAITING:
        raise Invalid(
            "scheduled_at", _("{limit} posts wait already: cancel some first."), limit=MAX_WAITING
        )
    planned = Scheduled(
        id=identifiers.new(tx.now),
        account_id=author.id,
        planned_by=planned_by,
        draft=replace(draft, mentioned=()),
        mentioned=tuple(each.id for each in draft.mentioned),
        due_at=await _free(tx, author, due_at),
        created_at=tx.now,
    )
    await queries.insert(tx.db, planned)
    return planned


async def move(tx: Transaction, author: Account, planned_id: int, due_at: datetime) -> Scheduled:
    """Plan a post for another moment. Raises :class:`NotFound`, and as :func:`plan`."""
    planned = await _held(tx, author, planned_id)
    due_at = await _free(tx, author, due_at, but=planned_id)
    if not await queries.move(tx.db, author.id, planned_id, due_at):
        raise NotFound  # published in between
    return replace(planned, due_at=due_at, failures=0)


async def rewrite(tx: Transaction, author: Account, planned_id: int, draft: Draft) -> Scheduled:
    """Let a planned post say what *draft* says, to whom it is for; its moment stays.

    That is its text and whom it names, warning, sensitivity, language, visibility, and the
    pictures with what is said of them (None: as they are). What it answers, asks and quotes
    stays: it is looked at when it is published. Raises :class:`NotFound`, and what publishing
    it now would raise.
    """
    planned = await _held(tx, author, planned_id)
    before = planned.draft
    said = replace(
        before,
        text=draft.text,
        # What an app wrote in HTML says something else by now.
        content=None,
        named=(),
        mentioned=draft.mentioned,
        summary=draft.summary,
        sensitive=draft.sensitive,
        language=draft.language or before.language,
        visibility=draft.visibility,
        media=before.media if draft.media is None else draft.media,
        words={**before.words, **_said(before.words, draft.words)},
    )
    checked = await posts.check(tx, author, replace(said, in_reply_to=None))
    rewritten = replace(
        planned,
        draft=replace(checked, in_reply_to=before.in_reply_to, mentioned=()),
        mentioned=tuple(each.id for each in checked.mentioned),
        failures=0,
    )
    if not await queries.rewrite(tx.db, rewritten):
        raise NotFound  # published in between
    return rewritten


async def cancel(tx: Transaction, author: Account, planned_id: int) -> None:
    """Forget a plan. Raises :class:`NotFound` when there is none of *author*."""
    if not await queries.delete(tx.db, planned_id, author.id):
        raise NotFound


async def publish(tx: Transaction, planned_id: int) -> Post | None:
    """Publish what is due; the plan ends with the same transaction, so that it happens once.

    None when it is not due (any more), or somebody else is at it. Raises what
    :func:`posts.publish` raises: it can then be dropped.
    """
    planned = await queries.taken(tx.db, planned_id, tx.now)
    if planned is None:
        return None
    author = await accounts.by_id(tx.db, planned.account_id)
    assert author is not None, "a plan goes with its account"
    people = await accounts.by_ids(tx.db, planned.mentioned)
    draft = replace(planned.draft, mentioned=tuple(people.values()))
    await queries.delete(tx.db, planned.id)
    return await feeds.publish(tx, author, draft)


async def drop(tx: Transaction, planned_id: int, reason: Reason) -> None:
    """Give up what can no longer be published, and tell who planned it, with what it said."""
    planned = await queries.taken(tx.db, planned_id, tx.now)
    if planned is None:
        return
    author = await accounts.by_id(tx.db, planned.account_id)
    await queries.delete(tx.db, planned.id)
    if author is not None and planned.planned_by is not None:
        await outgoing.dropped(tx, planned.planned_by, author, planned, reason)


async def postpone(tx: Transaction, planned_id: int) -> None:
    """Try again later what failed for no reason of its own; not forever (SEC-DOS-09)."""
    planned = await queries.taken(tx.db, planned_id, tx.now)
    if planned is not None and planned.failures + 1 >= MAX_FAILURES:
        await drop(tx, planned_id, "draft")
    elif planned is not None:
        await queries.postpone(tx.db, planned_id, tx.now + TRY_AGAIN)


async def _held(tx: Transaction, author: Account, planned_id: int) -> Scheduled:
    """Return a plan of *author*, who plans nothing else before this transaction ends."""
    await queries.hold(tx.db, author.id)
    planned = await queries.one(tx.db, author.id, planned_id)
    if planned is None:
        raise NotFound
    return planned


def _said(before: Mapping[int, Words], after: Mapping[int, Words]) -> dict[int, Words]:
    """Return what is said of pictures *after*; what that leaves as it is, as *before*."""
    nothing = Words()
    return {
        media_id: Words(
            before.get(media_id, nothing).description
            if words.description is None
            else words.description,
            words.focus or before.get(media_id, nothing).focus,
        )
        for media_id, words in after.items()
    }


async def _free(tx: Transaction, author: Account, due_at: datetime, *, but: int = 0) -> datetime:
    """Return *due_at* when that day, as the commune counts days, has room."""
    due_at = model.checked(due_at, tx.now)
    there = due_at.astimezone(ZoneInfo(tx.instance.timezone))
    begins = there.replace(hour=0, minute=0, second=0, microsecond=0)
    ends = begins + timedelta(days=1)
    if await queries.count_between(tx.db, author.id, begins, ends, but=but) >= MAX_A_DAY:
        raise Invalid(
            "scheduled_at",
            _("{limit} posts are planned for that day: take another."),
            limit=MAX_A_DAY,
        )
    return due_at
