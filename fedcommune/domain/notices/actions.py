"""Entrust an authority, give a notice, lift it, tell everybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.announcements import actions as announcements
from fedcommune.domain.announcements.model import Span
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.links import queries as links
from fedcommune.domain.notices import queries
from fedcommune.domain.notices.model import checked, heading
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind as Told
from fedcommune.domain.posts import outgoing
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.posts.official import Severity
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid, NotAllowed, NotFound

# So many people are told in one transaction.
TOGETHER: Final = 500


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def entrust(tx: Transaction, authority: Account) -> None:
    """Let *authority*, one of ours, give official notices. Raises Invalid for anybody else."""
    if not authority.local or authority.kind is not Kind.AUTHORITY or not authority.is_active:
        raise Invalid("authority", _("Only a living local authority of ours gives notices."))
    await queries.entrust(tx.db, authority.id, tx.now)


async def withdraw(tx: Transaction, authority: Account) -> None:
    """Let *authority* give no more notices; those that last stay. Raises NotFound."""
    if not await queries.withdraw(tx.db, authority.id):
        raise NotFound(_("This account was not entrusted with giving notices."))


async def give(
    tx: Transaction, authority: Account, draft: Draft, *, by: Account | None = None
) -> Post:
    """Let *authority* give the notice of *draft* to everybody, at once; *by* acts for it.

    It is a public post that says in its words that it is a notice; apps announce it, the
    commune carries it, and everybody here is told afterwards. Raises NotAllowed when the
    authority was not entrusted or *by* does not act for it, Invalid for what needs a
    correction.
    """
    given = draft.notice
    if given is None:
        raise ValueError("The draft of a notice says how grave it is.")
    await _must_act(tx, authority, by)
    text = checked(draft.text, given, tx.now)
    words = f"{heading(tx.instance, given)}\n\n{text}"
    post = await feeds.publish(
        tx, authority, replace(draft, text=words, visibility=Visibility.PUBLIC, in_reply_to=None)
    )
    await announcements.announce(
        tx, words, Span(ends_at=given.ends_at), mentioned=draft.mentioned, about_id=post.id
    )
    await tx.db.execute("select pg_notify('schedule', '')")
    return post


async def lift(
    tx: Transaction, authority: Account, post_id: int, *, by: Account | None = None
) -> None:
    """Take off a notice of *authority* before its date; the neighbours hear of it.

    Raises NotFound when it is no notice of theirs that still lasts, NotAllowed when *by* does
    not act for them.
    """
    notice = await queries.locked(tx.db, post_id)
    post = await posts.known_by_id(tx.db, post_id)
    if notice is None or post is None or not notice.is_current(tx.now):
        raise NotFound(_("There is no notice of this number that still lasts."))
    if post.author_id != authority.id:
        raise NotFound(_("There is no notice of this number that still lasts."))
    await _must_act(tx, authority, by, entrusted=False)
    await queries.lift(tx.db, post_id, tx.now)
    await announcements.end_about(tx, post_id)
    await outgoing.updated(tx, post, authority)


async def expire(tx: Transaction, post_id: int) -> bool:
    """Take off a notice whose date has come; return whether it was there to take off."""
    notice = await queries.locked(tx.db, post_id)
    if notice is None or notice.lifted_at is not None or notice.is_current(tx.now):
        return False
    await queries.lift(tx.db, post_id, notice.ends_at or tx.now)
    await announcements.end_about(tx, post_id)
    return True


async def tell(tx: Transaction, post_id: int) -> bool:
    """Tell some more of those here of a notice, each once; return whether it was ours to do."""
    after = await queries.claim(tx.db, post_id)
    if after is None:
        return False
    notice, post = await queries.locked(tx.db, post_id), await posts.known_by_id(tx.db, post_id)
    author = None if post is None else await accounts.by_id(tx.db, post.author_id)
    if notice is None or author is None or not author.is_active or not notice.is_current(tx.now):
        await queries.told(tx.db, post_id, None)
        return True
    last = await notifications.tell_everybody(
        tx,
        Told.NOTICE,
        author.id,
        post_id,
        after=after,
        most=TOGETHER,
        insistent=notice.severity is Severity.DANGER,
    )
    await queries.told(tx.db, post_id, last)
    return True


async def _must_act(
    tx: Transaction, authority: Account, by: Account | None, *, entrusted: bool = True
) -> None:
    acts = by is None or by.id == authority.id
    if not acts and by is not None and by.is_active:
        acts = await links.is_admin(tx.db, by.id, authority.id)
    if not acts:
        raise NotAllowed(_("Only who acts for this authority does that."))
    if entrusted and authority.id not in await queries.entrusted(tx.db, [authority.id]):
        raise NotAllowed(_("An administrator must entrust this authority with giving notices."))
