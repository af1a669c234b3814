"""Measures about posts: behind a warning, or gone."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.moderation.actions.measures import check_may_act, check_report, strike
from fedcommune.domain.moderation.log import record
from fedcommune.domain.moderation.model import MAX_POSTS, Action, Measure, Strike
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import arrivals, outgoing, queries
from fedcommune.domain.posts.model import Post
from fedcommune.errors import Invalid, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def delete_posts(
    tx: Transaction,
    account: Account,
    post_ids: Sequence[int],
    *,
    by: Account | None = None,
    text: str = "",
    report_id: int | None = None,
    letter: bool = True,
) -> Strike:
    """Delete posts of *account* for good: ours everywhere, those of strangers here.

    Raises NotAllowed as measures do, NotFound when one is not theirs or gone: then all stay.
    """
    for post in await _locked(tx, account, post_ids, by, report_id):
        if post.local:
            await posts.remove(tx, account, post)
        else:
            await queries.hold(tx.db, post.object_id, post.in_reply_to)
            await arrivals.bury(tx, post)
    return await _done(
        tx, account, Action.DELETE_POSTS, post_ids, by=by, text=text, report_id=report_id,
        letter=letter,
    )  # fmt: skip


async def mark_posts(
    tx: Transaction,
    account: Account,
    post_ids: Sequence[int],
    *,
    by: Account | None = None,
    text: str = "",
    report_id: int | None = None,
    letter: bool = True,
) -> Strike:
    """Put posts of *account* behind a warning; whoever has ours elsewhere is told.

    Raises as :func:`delete_posts`.
    """
    for post in await _locked(tx, account, post_ids, by, report_id):
        if post.sensitive:
            continue
        marked = structs.replace(
            post, sensitive=True, edited_at=tx.now if post.local else post.edited_at
        )
        await queries.rewrite(tx.db, marked)
        if post.local:
            await outgoing.updated(tx, marked, account)
    return await _done(
        tx, account, Action.MARK_POSTS, post_ids, by=by, text=text, report_id=report_id,
        letter=letter,
    )  # fmt: skip


async def _locked(
    tx: Transaction,
    account: Account,
    post_ids: Sequence[int],
    by: Account | None,
    report_id: int | None,
) -> list[Post]:
    check_may_act(by, account)
    await check_report(tx, account, report_id)
    if not 0 < len(post_ids) <= MAX_POSTS:
        raise Invalid("posts", _("Name 1 to {limit} posts."), limit=MAX_POSTS)
    found = []
    for post_id in sorted(set(post_ids)):
        post = await queries.locked(tx.db, post_id)
        if post is None or post.deleted_at is not None or post.author_id != account.id:
            raise NotFound(_("One of these posts is gone, or is by somebody else."))
        found.append(post)
    return found


async def _done(
    tx: Transaction,
    account: Account,
    action: Action,
    post_ids: Sequence[int],
    *,
    by: Account | None,
    text: str,
    report_id: int | None,
    letter: bool,
) -> Strike:
    kind = Measure.DELETE_POSTS if action is Action.DELETE_POSTS else Measure.MARK_POSTS
    await record(
        tx,
        kind,
        by=by,
        account_id=account.id,
        report_id=report_id,
        about=" ".join(map(str, post_ids)),
        reason=text,
    )
    return await strike(
        tx,
        account,
        action,
        by=by,
        text=text,
        report_id=report_id,
        post_ids=post_ids,
        letter=letter,
    )
