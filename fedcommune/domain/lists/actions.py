"""Make a list, change it, fill it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.lists import queries
from fedcommune.domain.lists.model import (
    MAX_LISTS,
    MAX_MEMBERS,
    MAX_TITLE,
    REPLIES_POLICIES,
    PeopleList,
)
from fedcommune.errors import Invalid, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def make(
    tx: Transaction,
    account: Account,
    *,
    title: str,
    replies: str = "list",
    exclusive: bool = False,
) -> PeopleList:
    """Give *account* an empty list. Raises Invalid, also for one too many (SEC-DOS-06)."""
    if await queries.count(tx.db, account.id) >= MAX_LISTS:
        raise Invalid("title", _("You have {limit} lists: remove one first."), limit=MAX_LISTS)
    made = PeopleList(identifiers.new(tx.now), account.id, "", "list", exclusive)
    return await _keep(tx, made, title, replies)


async def change(
    tx: Transaction,
    account: Account,
    list_id: int,
    *,
    title: str | None = None,
    replies: str | None = None,
    exclusive: bool | None = None,
) -> PeopleList:
    """Change a list; None leaves as it is. Raises NotFound for others' lists, Invalid."""
    known = await one(tx, account, list_id)
    if exclusive is not None:
        known = replace(known, exclusive=exclusive)
    return await _keep(
        tx,
        known,
        known.title if title is None else title,
        known.replies if replies is None else replies,
    )


async def one(tx: Transaction, account: Account, list_id: int) -> PeopleList:
    """Return a list of *account*. Raises NotFound for all others (SEC-VIS-11)."""
    known = await queries.by_id(tx.db, account.id, list_id)
    if known is None:
        raise NotFound
    return known


async def add(tx: Transaction, account: Account, list_id: int, ids: Collection[int]) -> None:
    """Put people whom *account* follows, or itself, on its list.

    Raises NotFound for others' lists and people who are not followed, Invalid when there
    are too many (SEC-DOS-06).
    """
    known = await one(tx, account, list_id)
    if await queries.followed_among(tx.db, account.id, ids) != set(ids):
        raise NotFound
    if await queries.count_members(tx.db, known.id) + len(ids) > MAX_MEMBERS:
        raise Invalid("account_ids", _("A list has at most {limit} people."), limit=MAX_MEMBERS)
    await queries.add(tx.db, known.id, ids, tx.now)


async def _keep(tx: Transaction, made: PeopleList, title: str, replies: str) -> PeopleList:
    title = title.strip()
    if not 1 <= len(title) <= MAX_TITLE:
        raise Invalid("title", _("A list has a title of 1 to {limit} characters."), limit=MAX_TITLE)
    for policy in REPLIES_POLICIES:
        if policy == replies:
            made = replace(made, title=title, replies=policy)
            await queries.keep(tx.db, made, tx.now)
            return made
    raise Invalid(
        "replies_policy", _("Choose one of {choices}."), choices=", ".join(REPLIES_POLICIES)
    )
