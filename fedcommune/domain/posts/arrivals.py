"""Strangers' posts: kept when they concern us, changed and deleted by their author alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import structs

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.media import actions as media
from fedcommune.domain.posts import (
    announcing,
    asking,
    details,
    notices,
    offering,
    previews,
    queries,
    quoting,
    reach,
    received,
    recommending,
    telling,
    threads,
)
from fedcommune.domain.posts.model import (
    EARLIEST,
    MAX_ATTACHMENTS,
    MAX_DESCRIPTION,
    MAX_MENTIONS,
    Attachment,
    Post,
    hashtags,
)
from fedcommune.domain.visibility import Viewer, Visibility, narrower
from fedcommune.text import html
from federation import audience, documents, iris
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError
from federation.vocabulary import notes
from federation.vocabulary.notes import NoteView

# Undone or deleted before it arrived: so long is the late original ignored (W-ACT-Delete).
FORESTALLED: Final = timedelta(hours=6)
# An edit of something unknown, and news of something written, are only news for so long.
EDIT_IS_NEWS: Final = timedelta(days=1)
POST_IS_NEWS: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Envelope:
    """For whom a post is: itself, and the activity around it when there is one."""

    visibility: Visibility
    addressed: tuple[str, ...]


def envelope(view: NoteView, author: Account, activity: Activity | None = None) -> Envelope:
    """Return for whom the post is; where activity and post disagree, the narrower (W-DOC-08)."""
    inside = [*view.to, *view.cc, *view.audience]
    if activity is None:
        return Envelope(_visibility(view.document, view, author), tuple(dict.fromkeys(inside)))
    outside = [
        *activity.to,
        *activity.cc,
        *documents.iris(activity.document.get("audience")),
    ]
    if not inside:
        return Envelope(_visibility(activity.document, view, author), tuple(outside))
    visibility = _visibility(view.document, view, author)
    if outside:
        visibility = narrower(visibility, _visibility(activity.document, view, author))
    return Envelope(visibility, tuple(dict.fromkeys(inside)))


def checked(tx: Transaction, document: Mapping[str, Any], author_id: str) -> NoteView:
    """Read a stranger's post, written by the actor *author_id* on its own server.

    Raises as :func:`written_by`; IgnoredError for a vote, which is no post (W-POLL-02).
    """
    view = written_by(tx, document, author_id)
    if view.is_vote:
        raise IgnoredError("A vote is no post.")
    return view


def written_by(tx: Transaction, document: Mapping[str, Any], author_id: str) -> NoteView:
    """Read a stranger's post or vote, written by the actor *author_id* on its own server.

    Raises RefusedError for an id of ours (SEC-ORI-06), of another origin than its author,
    or for what is by another (SEC-ORI-03).
    """
    view = notes.read(document)
    if tx.instance.owns(view.id):
        raise RefusedError("This post would be ours: nobody else speaks for it.")
    if not iris.same_origin(view.id, author_id) or author_id not in view.authors:
        raise RefusedError("This post is not by who sends it.")
    return view


async def keep(
    tx: Transaction, view: NoteView, author: Account, around: Envelope, *, live: bool
) -> Post:
    """Keep a stranger's new post, sanitised; tell our people when it is *live*.

    *view* comes from its author or its origin (``checked``). What is not *live* was
    fetched because somebody here asked for it or boosted it: it tells nobody anything
    (W-THR-03). Raises IgnoredError for what we have already, what was deleted
    (SEC-ORI-10), and, when *live*, for what concerns nobody here (W-IN-01); RefusedError
    when the id is that of an actor (SEC-ORI-07).
    """
    await queries.hold(tx.db, view.id, view.in_reply_to)
    await _check_is_new(tx, view, author)
    parent = await _parent(tx, view, author)
    visibility, addressed = around.visibility, around.addressed
    if parent is not None and _is_private_and_ours(parent):
        visibility = narrower(visibility, parent.visibility)
        addressed = (*addressed, *await _answered(tx, parent))
    people = await _people(tx, author, addressed)
    if live and not await reach.concerns_us(
        tx.db,
        author_id=author.id,
        visibility=visibility,
        parent=parent,
        addressed=[each.id for each in people if each.local],
    ):
        raise IgnoredError("This post concerns nobody here.")

    published = min(view.published or tx.now, tx.now)
    post = structs.replace(
        received.said(view, visibility),
        id=identifiers.new(tx.now if live else max(published, EARLIEST)),
        author_id=author.id,
        in_reply_to=view.in_reply_to,
        parent_id=None if parent is None else parent.id,
        conversation=_conversation(tx, view, parent),
        published_at=published,
        edited_at=_edited(view, published, tx.now),
        received_at=tx.now,
    )
    if not await queries.insert(tx.db, post):
        raise IgnoredError("This post is known already.")
    await _hang(tx, view, post, author, people)
    if view.poll is not None:
        await asking.learn(tx, post, view)
    if view.notice is not None:
        await notices.learn(tx, post, author, view.notice)
    if view.event is not None:
        await announcing.learn(tx, post, view)
    await offering.learn(tx, view, post, author)
    await recommending.learn(tx, post, author, view)
    await quoting.heed(tx.db, view, post, author, tx.now)
    await threads.adopt(tx.db, post)
    await quoting.adopt(tx.db, post, tx.now)
    await threads.count_replies(tx.db, post.parent_id)
    if live and published > tx.now - POST_IS_NEWS:
        await telling.tell(tx, post, author, parent)
    return post


async def revise(tx: Transaction, view: NoteView, author: Account, around: Envelope) -> Post | None:
    """Replace what a stored post says, completely, by what its author says now (S2S-21).

    Returns the post as it is now; None when we do not have it. It may become for
    fewer people, never for more (SEC-VIS-10). Without a newer ``updated`` it is no edit,
    and only the totals of a poll are taken (W-ACT-Update, W-POLL-04). Raises RefusedError
    when the stored author is another (SEC-ORI-04), IgnoredError when it is deleted, or
    when there is nothing to take.
    """
    await queries.hold(tx.db, view.id, await queries.answers(tx.db, view.id))
    if await accounts.is_dead(tx.db, view.id):
        raise IgnoredError("This post was deleted.")
    stored = await queries.stored(tx.db, view.id)
    if stored is None:
        return None
    if stored.local or stored.author_id != author.id:
        raise RefusedError("Only who wrote a post can change it.")
    written = stored.edited_at or stored.published_at
    if stored.deleted_at is not None:
        raise IgnoredError("This post was deleted.")
    if view.updated is None or view.updated <= written:
        # No edit; but totals of a poll, who may quote, and a stamp are told without being one
        # (W-POLL-04, W-QUO-02).
        counted = await asking.refresh(tx, stored, view)
        counted = await notices.refresh(tx, stored, author, view.notice) or counted
        counted = await announcing.refresh(tx, stored, view) or counted
        is_current = (view.updated or written) == written
        heeded = is_current and await quoting.heed(
            tx.db, view, stored, author, tx.now, edited=False
        )
        if counted or heeded:
            return stored
        raise IgnoredError("This is not an edit.")
    visibility = narrower(stored.visibility, around.visibility)
    said = received.said(view, visibility)
    post = structs.replace(
        stored,
        url=said.url,
        type=said.type,
        visibility=visibility,
        title=said.title,
        content=said.content,
        summary=said.summary,
        sensitive=said.sensitive,
        language=said.language,
        tags=said.tags,
        edited_at=min(view.updated, tx.now),
    )
    known = {each.id for each in await reach.mentioned(tx.db, post.id)}
    addressed = around.addressed
    parent = None if post.parent_id is None else await queries.locked(tx.db, post.parent_id)
    if parent is not None and _is_private_and_ours(parent):
        addressed = (*addressed, *await _answered(tx, parent))
    people = await _people(tx, author, addressed)
    await details.add_revision(tx.db, stored)
    await queries.rewrite(tx.db, post)
    await reach.forget_mentions(tx.db, post.id, [each.id for each in people])
    await _hang(tx, view, post, author, people)
    await asking.learn(tx, post, view)
    await notices.learn(tx, post, author, view.notice)
    await announcing.learn(tx, post, view)
    await offering.learn(tx, view, post, author)
    await recommending.learn(tx, post, author, view)
    await quoting.heed(tx.db, view, post, author, tx.now)
    if stored.visibility.is_open and not visibility.is_open:
        await queries.forget_boosts(tx.db, post.id)
    await threads.count_replies(tx.db, post.parent_id)
    await telling.tell_of_edit(tx, post, author, known=known)
    return post


async def withdraw(tx: Transaction, object_id: str, author_id: str) -> Post | None:
    """Delete for good a post that its stored author *author_id* (an actor id) deletes.

    Returns the post as it was; None when it was not here, and is then ignored for six
    hours should it arrive late (W-ACT-Delete). Raises RefusedError for a post of ours
    (SEC-ORI-06) or of another (SEC-ORI-04), or an id of another server.
    """
    if tx.instance.owns(object_id):
        raise RefusedError("Only we delete what is ours.")
    if not iris.same_origin(object_id, author_id):
        raise RefusedError("Only who wrote a post can delete it.")
    await queries.hold(tx.db, object_id, await queries.answers(tx.db, object_id))
    stored = await queries.stored(tx.db, object_id)
    if stored is None:
        await accounts.forestall(tx.db, object_id, tx.now + FORESTALLED)
        return None
    author = await accounts.by_id(tx.db, stored.author_id)
    if author is None or author.actor_id != author_id:
        raise RefusedError("Only who wrote a post can delete it.")
    if stored.deleted_at is not None:
        return None
    await bury(tx, stored)
    return stored


async def bury(tx: Transaction, post: Post) -> None:
    """Empty a post that is held, and see to it that it never comes back (SEC-ORI-10).

    One of ours that not everybody could read leaves no tombstone: nobody is told that it
    ever was (OBJ-05).
    """
    if not post.local or post.visibility.is_open:
        await accounts.bury(
            tx.db, post.object_id, former_type=post.type, local=post.local, now=tx.now
        )
    if not post.local:
        attached = (await details.attachments(tx.db, [post.id])).get(post.id, [])
        await media.forget_copies(tx, [each.url for each in attached])
    await queries.empty(tx.db, post.id, tx.now)
    await threads.count_replies(tx.db, post.parent_id)


async def _check_is_new(tx: Transaction, view: NoteView, author: Account) -> None:
    if not author.is_active or author.local:
        raise IgnoredError("Nothing is heard from this author.")
    if await accounts.is_dead(tx.db, view.id) or await accounts.is_forestalled(
        tx.db, view.id, tx.now
    ):
        raise IgnoredError("This post was deleted.")
    if await accounts.by_actor_id(tx.db, view.id) is not None:
        raise RefusedError("This id is an actor here: it cannot become a post.")
    if await queries.stored(tx.db, view.id) is not None:
        raise IgnoredError("This post is known already.")


async def _parent(tx: Transaction, view: NoteView, author: Account) -> Post | None:
    """Return what the post answers, if it is here; one of ours only if the author may see it.

    Who is blocked by us, or answers what was never shown to them, answers nothing here.
    """
    if view.in_reply_to is None:
        return None
    parent = await queries.stored(tx.db, view.in_reply_to)
    if parent is None or not parent.local:
        return parent
    return await queries.by_id(tx.db, Viewer(author.id), parent.id)


def _is_private_and_ours(parent: Post) -> bool:
    return parent.local and not parent.visibility.is_open


async def _answered(tx: Transaction, parent: Post) -> list[str]:
    """Return the actor id of who is answered: made narrower, the answer is still for them."""
    author = await accounts.by_id(tx.db, parent.author_id)
    return [] if author is None else [author.actor_id]


async def _people(tx: Transaction, author: Account, addressed: Collection[str]) -> list[Account]:
    """Return the accounts that a post addresses by name, ours first, nobody across a block."""
    found = list((await accounts.by_actor_ids(tx.db, addressed)).values())
    blocked = await accounts.blocked_recipients(tx.db, author.id, [each.actor_id for each in found])
    heard = [
        each
        for each in found
        if each.is_active and each.id != author.id and each.actor_id not in blocked
    ]
    return sorted(heard, key=lambda each: (not each.local, each.id))[:MAX_MENTIONS]


async def _hang(
    tx: Transaction, view: NoteView, post: Post, author: Account, people: list[Account]
) -> None:
    """Store what hangs on a post: who it is addressed to, its hashtags, its files.

    Who is tagged but not addressed is not among them, and is told nothing (W-DOC-07).
    """
    tagged = {each.href for each in view.mentions}
    for silent in (False, True):
        await reach.mention(
            tx.db,
            post.id,
            [each.id for each in people if (each.actor_id not in tagged) is silent],
            silent=silent,
        )
    await details.set_hashtags(tx.db, post.id, hashtags(view.hashtags))
    await details.set_links(tx.db, post.id, html.links(post.content))
    await previews.want(tx, post)
    origins = {author.domain, iris.authority(author.actor_id)}
    without = (await hosts.rules_for(tx.db, origins)).reject_media
    await details.set_attachments(
        tx.db,
        post.id,
        [
            Attachment(
                each.url,
                each.media_type,
                each.description[:MAX_DESCRIPTION],
                each.width,
                each.height,
                each.blurhash,
                focus_x=each.focus[0] if each.focus else None,
                focus_y=each.focus[1] if each.focus else None,
                duration=each.duration,
                preview_url=each.icon,
            )
            for each in view.attachments[: 0 if without else MAX_ATTACHMENTS]
        ],
    )


def _conversation(tx: Transaction, view: NoteView, parent: Post | None) -> str:
    """Return the thread: its parent's; else what it says, unless it says one of ours."""
    if parent is not None:
        return parent.conversation or parent.object_id
    if view.conversation is None or tx.instance.owns(view.conversation):
        return view.id
    return view.conversation


def _edited(view: NoteView, published: datetime, now: datetime) -> datetime | None:
    """Return when a post that is new to us was edited; some always say "when published"."""
    if view.updated is None or view.updated <= published:
        return None
    return min(view.updated, now)


def _visibility(document: Mapping[str, Any], view: NoteView, author: Account) -> Visibility:
    return Visibility(
        audience.read(document, followers=author.followers_url, direct_flag=view.direct_flag)
    )
