"""Posts as they leave: Note documents, and Create, Update, Delete around them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import (
    announcing,
    choices,
    details,
    happenings,
    locating,
    notices,
    offering,
    offers,
    queries,
    questions,
    quoting,
    reach,
    recommending,
)
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Visibility
from federation import audience
from federation.vocabulary import attachments as files
from federation.vocabulary import notes, quotes, recommendations
from federation.vocabulary import notices as official
from outbox import envelope
from outbox.addressing import Recipient


async def document(tx: Transaction, post: Post, author: Account) -> dict[str, Any]:
    """Return our *post* as a Note or a Question, without ``@context``: as sent, as served.

    Whoever serves it has made sure that the reader may see it. Source: W-DOC-05,
    W-DOC-07, W-THR-01 (``context`` only for threads that begin here), W-QUO-01, W-QUO-03, OBJ-07,
    W-GRP-01 (``audience``: the group of ours that passes it on).
    """
    to, cc = await addressees(tx, post, author)
    quote = await quoting.quote_of(tx.db, post.id)
    if quote is not None and quote.state in ("rejected", "revoked"):
        quote = None
    shown = None if quote is None else await queries.page_of(tx.db, quote.target)
    attached = (await details.attachments(tx.db, [post.id])).get(post.id, [])
    subject = await recommending.subject_of(tx.db, post.id)
    poll = await questions.of_post(tx.db, post.id) if post.type == "Question" else None
    notice = await notices.of_post(tx.db, post.id)
    event = await happenings.of_post(tx.db, post.id) if post.type == "Event" else None
    offer = await offers.of_post(tx.db, post.id)
    ours = post.conversation if tx.instance.owns(post.conversation) else None
    return notes.write(
        notes.NoteDraft(
            id=post.object_id,
            type=post.type,
            author=author.actor_id,
            title=post.title,
            content=post.content if shown is None else f"{quotes.inline(shown)}{post.content}",
            summary=post.summary,
            sensitive=post.sensitive or author.sensitised_at is not None,
            language=post.language,
            published=post.published_at,
            updated=post.edited_at,
            to=tuple(to),
            cc=tuple(cc),
            audience=await reach.group_of(tx.db, post.id),
            direct_flag=False if post.visibility is Visibility.LIMITED else None,
            url=post.url,
            in_reply_to=post.in_reply_to,
            context=ours,
            conversation=post.conversation,
            source=post.source,
            tags=post.tags
            if quote is None or shown is None
            else (*post.tags, quotes.link_tag(quote.target, f"RE: {shown}")),
            attachments=tuple(
                files.Attachment(
                    each.url,
                    each.media_type,
                    each.description,
                    each.width,
                    each.height,
                    each.blurhash,
                    None
                    if each.focus_x is None or each.focus_y is None
                    else (each.focus_x, each.focus_y),
                    each.duration,
                    each.preview_url if each.media_type.startswith(("video/", "audio/")) else None,
                )
                for each in attached
            ),
            poll=None if poll is None else choices.said(poll, tx.now),
            replies=f"{post.object_id}/replies",
            likes=f"{post.object_id}/likes",
            shares=f"{post.object_id}/shares",
            extensions={
                **({} if quote is None else quotes.write(quote.target, quote.stamp)),
                **({} if notice is None else official.write(notice.severity, notice.over_at)),
                **({} if offer is None else offering.document(post, author, offer)),
                **_recommendation(post, author, subject),
                **await locating.document(tx.db, post.id),
                "interactionPolicy": quotes.write_policy(
                    (await quoting.policy_of(tx.db, post.id)).automatic,
                    author=author.actor_id,
                    followers=author.followers_url,
                ),
                **(
                    {}
                    if event is None
                    else await announcing.extensions(tx, post, author, event, attached)
                ),
            },
        )
    )


def _recommendation(post: Post, author: Account, subject: Account | None) -> dict[str, Any]:
    if subject is None:
        return {}
    return recommendations.write(post.object_id, author.actor_id, subject.actor_id)


async def create(tx: Transaction, post: Post, author: Account) -> dict[str, Any]:
    """Return the Create of our *post*: what is sent, and what the outbox shows."""
    return envelope.create(
        tx.instance.answer("create", post.object_id),
        author.actor_id,
        await document(tx, post, author),
    )


async def addressees(tx: Transaction, post: Post, author: Account) -> tuple[list[str], list[str]]:
    """Return ``to`` and ``cc`` of our *post*.

    An open answer to an open post is also for those who follow who is answered: that lets
    the home of the question carry it to them (ActivityPub 7.1.2, W-FWD-01). Nothing private
    ever is (SEC-VIS-07).
    """
    known = await reach.mentioned(tx.db, post.id, blindly=False)
    people = [account.actor_id for account in known]
    to, cc = audience.write(post.visibility, followers=author.followers_url, mentioned=people)
    if post.visibility.is_open and post.parent_id is not None:
        answered = await reach.open_audience_of(tx.db, post.parent_id)
        if answered is not None and answered not in (*to, *cc):
            cc = [*cc, answered]
    return to, cc


async def created(tx: Transaction, post: Post, author: Account) -> None:
    """Tell followers and mentioned, as far as *post* is for them, that it exists."""
    await accounts.send(
        tx,
        author,
        await create(tx, post, author),
        to=await reach.audience(tx.db, post),
        visibility=post.visibility,
        order=post.object_id,
    )


async def updated(
    tx: Transaction, post: Post, author: Account, *, also: Iterable[Recipient] = ()
) -> None:
    """Tell every server that has *post*, and *also* others that had, what it says now."""
    await accounts.send(
        tx,
        author,
        envelope.update(
            tx.instance.activity(identifiers.new(tx.now)),
            author.actor_id,
            await document(tx, post, author),
            published=tx.now,
        ),
        to=[*await reach.holders(tx.db, post), *also],
        visibility=post.visibility,
        order=post.object_id,
    )


async def deleted(
    tx: Transaction,
    post: Post,
    author: Account,
    *,
    addressed: tuple[list[str], list[str]],
    holders: Iterable[Recipient],
) -> None:
    """Tell every server that had *post* that it is no more (W-ACT-Delete).

    *addressed* and *holders* were found while it still existed.
    """
    to, cc = addressed
    await accounts.send(
        tx,
        author,
        envelope.delete(
            tx.instance.answer("delete", post.object_id),
            author.actor_id,
            post.object_id,
            to=to,
            cc=cc,
            former_type=post.type,
            deleted=tx.now,
        ),
        to=holders,
        visibility=post.visibility,
        order=post.object_id,
    )
