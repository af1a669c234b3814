"""Who is told of a new post, an answer, or an edit."""

from __future__ import annotations

from collections.abc import Collection

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind
from fedcommune.domain.posts import queries, quoting, reach
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Viewer, Visibility


async def tell(
    tx: Transaction,
    post: Post,
    author: Account,
    parent: Post | None,
    *,
    known: Collection[int] = (),
) -> None:
    """Tell those of our people whom *post* names, and whom it answers, each once.

    Who is addressed without being named is told only of what is for named people alone.
    *known* are those who were told before.
    """
    answered = None
    if parent is not None and await _may_see(tx, parent.author_id, post):
        answered = parent.author_id
        if answered not in known:
            await notifications.tell(tx, answered, Kind.REPLY, author.id, post.id)
    private = post.visibility in (Visibility.LIMITED, Visibility.DIRECT)
    for account in await reach.mentioned(tx.db, post.id, silently=None if private else False):
        if account.local and account.id != answered and account.id not in known:
            await notifications.tell(tx, account.id, Kind.MENTION, author.id, post.id)


async def tell_of_edit(
    tx: Transaction, post: Post, author: Account, *, known: Collection[int]
) -> None:
    """Tell whom an edit names newly, and our people who boosted or quoted what was edited.

    *known* are those whom the post named before.
    """
    await tell(tx, post, author, None, known=known)
    for booster in await reach.local_boosters(tx.db, post.id):
        await notifications.tell(tx, booster.id, Kind.UPDATE, author.id, post.id)
    # What they are shown is their own post, with the quote in it as it is now.
    for quoting_id, quoter_id in await quoting.local_quotes(tx.db, post.id):
        await notifications.tell(tx, quoter_id, Kind.QUOTED_UPDATE, author.id, quoting_id)


async def _may_see(tx: Transaction, account_id: int, post: Post) -> bool:
    return await queries.by_id(tx.db, Viewer(account_id), post.id) is not None
