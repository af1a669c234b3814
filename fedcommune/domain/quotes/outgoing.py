"""Quotes as they leave: asked for, granted, refused, taken back, and the stamp itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts import queries as audience
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import outgoing as posts
from fedcommune.domain.posts.model import Post
from federation.names import PUBLIC
from federation.vocabulary import quotes
from outbox import envelope


def request_id(tx: Transaction, post: Post) -> str:
    """Return the id of the one QuoteRequest for our *post*."""
    return tx.instance.answer("quote", post.object_id)


async def asked(
    tx: Transaction, post: Post, author: Account, target: Post, quoted: Account
) -> None:
    """Ask *quoted* whether our *post* may quote their *target* (W-QUO-01)."""
    document = await posts.document(tx, post, author)
    request = envelope.quote_request(
        request_id(tx, post),
        author.actor_id,
        target.object_id,
        document,
        to=[quoted.actor_id],
    )
    await accounts.tell(tx, author, request, quoted, order=post.object_id)


async def granted(
    tx: Transaction, author: Account, request: Mapping[str, Any], asker: Account, stamp: str
) -> None:
    """Tell *asker* that our *author* agrees, and where the stamp is."""
    answer = envelope.accept(
        tx.instance.answer("accept", f"{request['id']} {stamp}"),
        author.actor_id,
        request,
        result=stamp,
    )
    await accounts.tell(tx, author, answer, asker, order=str(request["id"]))


async def refused(
    tx: Transaction, author: Account, request: Mapping[str, Any], asker: Account
) -> None:
    """Tell *asker* that our *author* does not agree."""
    answer = envelope.reject(
        tx.instance.answer("reject", str(request["id"])), author.actor_id, request
    )
    await accounts.tell(tx, author, answer, asker, order=str(request["id"]))


async def taken_back(
    tx: Transaction, author: Account, target: Post, stamp: str, quoting: Account
) -> None:
    """Tell who has it that our *author* takes its stamp back (W-QUO-04)."""
    followers = [author.followers_url] if author.followers_url else []
    recipients = await audience.followers_recipients(tx.db, author.id)
    await accounts.send(
        tx,
        author,
        envelope.delete(
            tx.instance.answer("delete", stamp),
            author.actor_id,
            stamp,
            to=[PUBLIC],
            cc=[*followers, *([] if quoting.local else [quoting.actor_id])],
            former_type="QuoteAuthorization",
            deleted=tx.now,
        ),
        to=[*recipients, *([] if quoting.local else [quoting.recipient])],
        visibility=target.visibility,
        order=target.object_id,
    )


def stamp(stamp_id: str, *, target: Post, author: Account, quoting: Post) -> dict[str, Any]:
    """Return the document of a stamp of ours, without ``@context`` (W-QUO-02)."""
    return quotes.write_stamp(
        quotes.Stamp(stamp_id, author.actor_id, quoting.object_id, target.object_id)
    )
