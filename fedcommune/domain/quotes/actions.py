"""Quote, let others quote, take that back; and what becomes of a quote when it was looked into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind
from fedcommune.domain.posts import outgoing as post_documents
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Draft, Post, Quote, QuoteState
from fedcommune.domain.quotes import outgoing, queries
from fedcommune.domain.quotes.model import RECHECK, Quoting, again_after
from fedcommune.domain.visibility import Viewer, Visibility, narrower
from fedcommune.errors import Invalid, NotAllowed, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def checked(tx: Transaction, author: Account, draft: Draft) -> Draft:
    """Return *draft* with what it quotes, if *author* may quote that; as it is without a quote.

    One's own is quoted at once, another's of ours when its author lets one do so; the author
    of a stranger's post is asked. Raises :class:`NotFound` when *author* may not see it
    (SEC-VIS-02), :class:`NotAllowed` when it may not be quoted, :class:`Invalid` for a
    message that would tell who is quoted what is not for them.
    """
    if draft.quoted is None:
        return draft
    target = await posts.by_id(tx.db, Viewer(author.id), draft.quoted)
    if target is None:
        raise NotFound
    leave = await queries.leave_of(tx.db, target, author)
    if leave == "denied":
        raise NotAllowed(_("Who wrote this does not let you quote it."))
    if target.author_id == author.id:
        return replace(
            draft,
            quote=Quote(target.object_id, "accepted"),
            visibility=narrower(draft.visibility, target.visibility),
        )
    private = draft.visibility in (Visibility.DIRECT, Visibility.LIMITED)
    if private and target.author_id not in {each.id for each in draft.mentioned}:
        raise Invalid("quoted_status_id", _("Name who you quote, or write to more people."))
    if not target.local:
        return replace(draft, quote=Quote(target.object_id))
    if leave != "automatic":
        raise NotAllowed(_("Who wrote this does not let you quote it."))
    return replace(draft, quote=Quote(target.object_id, "accepted"), stamped=True)


async def made(tx: Transaction, author: Account, post: Post) -> None:
    """Do what follows from our *author* having published *post* with a quote in it.

    Who is quoted here is told; a stranger is asked.
    """
    quote = await queries.of_post(tx.db, post.id)
    if quote is None or quote.target_id is None:
        return
    target = await posts.locked(tx.db, quote.target_id)
    quoted = None if target is None else await accounts.by_id(tx.db, target.author_id)
    if target is None or quoted is None or quoted.id == author.id:
        return
    if target.local:
        await notifications.tell(tx, quoted.id, Kind.QUOTE, author.id, post.id)
        return
    await queries.asked(tx.db, post.id, outgoing.request_id(tx, post))
    await queries.settle(tx.db, post.id, "pending", stamp=None)
    await outgoing.asked(tx, post, author, target, quoted)


async def revoke(tx: Transaction, author: Account, target_id: int, quoting_id: int) -> Post:
    """Let *author* no longer be quoted by one post; return that post.

    Raises :class:`NotFound` when *author* may not see one of the two, or the one does not
    quote the other, :class:`NotAllowed` when what is quoted is another's.
    """
    viewer = Viewer(author.id)
    target = await posts.by_id(tx.db, viewer, target_id)
    post = await posts.by_id(tx.db, viewer, quoting_id)
    if target is None or post is None:
        raise NotFound
    if target.author_id != author.id:
        raise NotAllowed(_("Only who is quoted can take the leave to quote back."))
    quote = await queries.of_post(tx.db, post.id)
    if quote is None or quote.target_id != target.id or quote.state != "accepted":
        raise NotFound
    quoting = await accounts.by_id(tx.db, post.author_id)
    assert quoting is not None, "a post has an author"
    await queries.settle(tx.db, post.id, "revoked", stamp=quote.stamp)
    await notifications.take_back(tx, author.id, Kind.QUOTE, quoting.id, post.id)
    if quote.stamp is not None:
        await outgoing.taken_back(tx, author, target, quote.stamp, quoting)
    if post.local:
        await post_documents.updated(tx, post, quoting)
    return post


async def grant(
    tx: Transaction,
    request: Mapping[str, Any],
    *,
    post: Post,
    asker: Account,
    target: Post,
    author: Account,
) -> None:
    """Let a stranger's *post* quote our *target*, as its *author* decided beforehand.

    The same question gets the same answer; what was taken back stays so.
    """
    quote = await queries.of_post(tx.db, post.id)
    if quote is None or quote.target_id != target.id or quote.state == "revoked":
        await outgoing.refused(tx, author, request, asker)
        return
    stamp = tx.instance.quote_stamp(target.id, post.id)
    await queries.asked(tx.db, post.id, str(request["id"]))
    await queries.settle(tx.db, post.id, "accepted", stamp=stamp)
    await notifications.tell(tx, author.id, Kind.QUOTE, asker.id, post.id)
    await outgoing.granted(tx, author, request, asker, stamp)


async def answered(tx: Transaction, quote: Quoting, stamp: str | None) -> None:
    """Who we asked for leave answers: where its stamp is, or None that it does not agree.

    A stamp is looked at before anything is shown (W-QUO-02).
    """
    if stamp is not None:
        if quote.state in ("pending", "rejected"):
            await queries.settle(tx.db, quote.post_id, "pending", stamp=stamp, due_at=tx.now)
        return
    await withdrawn(tx, quote)


async def withdrawn(tx: Transaction, quote: Quoting) -> None:
    """Who is quoted does not agree, or no longer: the quote is a link (W-QUO-04)."""
    if quote.state in ("rejected", "revoked"):
        return
    state: QuoteState = "revoked" if quote.state == "accepted" else "rejected"
    await queries.settle(tx.db, quote.post_id, state, stamp=None)
    await _tell_readers(tx, quote)


async def held(tx: Transaction, quote: Quoting, stamp: str | None) -> None:
    """A quote was looked into and holds; *stamp* is None for one's own words."""
    current = await queries.of_post(tx.db, quote.post_id)
    if current is None or (current.target, current.stamp) != (quote.target, quote.stamp):
        return  # it says something else by now, and will be looked into again
    due_at = None if stamp is None else tx.now + RECHECK
    await queries.settle(tx.db, quote.post_id, "accepted", stamp=stamp, due_at=due_at)
    if current.state != "accepted":
        await _tell_readers(tx, quote)


async def fell(tx: Transaction, quote: Quoting) -> None:
    """A quote was looked into and does not hold."""
    current = await queries.of_post(tx.db, quote.post_id)
    if current is None or (current.target, current.stamp) != (quote.target, quote.stamp):
        return
    await withdrawn(tx, current)


async def postponed(tx: Transaction, quote: Quoting, *, asked_to_wait: float | None = None) -> None:
    """A quote could not be looked into now: later, and not for ever."""
    wait = again_after(quote.attempts)
    if wait is not None and asked_to_wait is not None:
        wait = max(wait, timedelta(seconds=asked_to_wait))
    await queries.settle(
        tx.db,
        quote.post_id,
        quote.state,
        stamp=quote.stamp,
        due_at=None if wait is None else tx.now + wait,
        attempts=quote.attempts + 1,
    )


async def left(tx: Transaction, quote: Quoting) -> None:
    """There is nothing to look into: it stays as it is until something is said anew."""
    await queries.settle(tx.db, quote.post_id, quote.state, stamp=quote.stamp)


async def _tell_readers(tx: Transaction, quote: Quoting) -> None:
    """Let those who have our post know how its quote stands now."""
    post = await posts.locked(tx.db, quote.post_id)
    if post is None or not post.local or post.deleted_at is not None:
        return
    author = await accounts.by_id(tx.db, post.author_id)
    if author is not None and author.is_active:
        await post_documents.updated(tx, post, author)
