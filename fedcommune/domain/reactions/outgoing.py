"""Like, Announce, Add, Remove and what undoes them, as they leave."""

from __future__ import annotations

from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts import queries as audience
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts.model import Post
from fedcommune.domain.reactions.model import Reaction
from fedcommune.domain.visibility import Visibility
from federation.names import PUBLIC
from outbox import envelope
from outbox.addressing import Recipient


def like(reaction: Reaction, account: Account, post: Post, author: Account) -> dict[str, Any]:
    """Return the Like of a reaction, for the author of *post* alone."""
    return envelope.like(
        reaction.activity_id, account.actor_id, post.object_id, to=[author.actor_id]
    )


def announce(reaction: Reaction, account: Account, post: Post, author: Account) -> dict[str, Any]:
    """Return the Announce of a boost: also what the outbox of *account* shows."""
    followers = [account.followers_url] if account.followers_url else []
    match reaction.visibility:
        case Visibility.PUBLIC:
            to, cc = [PUBLIC], [*followers, author.actor_id]
        case Visibility.UNLISTED:
            to, cc = followers, [PUBLIC, author.actor_id]
        case _:
            to, cc = followers, []
    return envelope.announce(
        reaction.activity_id,
        account.actor_id,
        post.object_id,
        to=to,
        cc=[each for each in cc if each != account.actor_id],
        published=reaction.created_at,
    )


async def liked(
    tx: Transaction, reaction: Reaction, account: Account, post: Post, author: Account
) -> None:
    """Tell the author of *post*, and nobody else, that *account* likes it (W-ACT-Like)."""
    await _to_the_author(tx, account, like(reaction, account, post, author), post, author)


async def unliked(
    tx: Transaction, reaction: Reaction, account: Account, post: Post, author: Account
) -> None:
    """Tell the author of *post* that *account* takes its like back."""
    undone = _undo(tx, reaction, account, like(reaction, account, post, author))
    await _to_the_author(tx, account, undone, post, author)


async def boosted(
    tx: Transaction, reaction: Reaction, account: Account, post: Post, author: Account
) -> None:
    """Tell the followers of *account*, and the author of *post*, of the boost (W-ACT-Announce)."""
    told = announce(reaction, account, post, author)
    await _to_who_hears_boosts(tx, reaction, account, told, post, author)


async def unboosted(
    tx: Transaction, reaction: Reaction, account: Account, post: Post, author: Account
) -> None:
    """Tell those who heard of a boost that it is taken back."""
    undone = _undo(tx, reaction, account, announce(reaction, account, post, author))
    await _to_who_hears_boosts(tx, reaction, account, undone, post, author)


def _undo(
    tx: Transaction, reaction: Reaction, account: Account, said: dict[str, Any]
) -> dict[str, Any]:
    undo_id = tx.instance.answer("undo", reaction.activity_id)
    return envelope.undo(undo_id, account.actor_id, said)


async def _to_the_author(
    tx: Transaction, account: Account, said: dict[str, Any], post: Post, author: Account
) -> None:
    await accounts.send(
        tx,
        account,
        said,
        to=_elsewhere(author),
        visibility=Visibility.DIRECT,
        order=post.object_id,
    )


async def _to_who_hears_boosts(
    tx: Transaction,
    reaction: Reaction,
    account: Account,
    said: dict[str, Any],
    post: Post,
    author: Account,
) -> None:
    followers = await audience.followers_recipients(tx.db, account.id)
    await accounts.send(
        tx,
        account,
        said,
        to=[*followers, *_elsewhere(author)],
        visibility=reaction.visibility,
        order=post.object_id,
    )


async def pinned(tx: Transaction, account: Account, post: Post) -> None:
    """Tell the followers of *account* that it shows *post* first (W-ACT-AddRemove)."""
    await _change_of_featured(tx, account, post, added=True)


async def unpinned(tx: Transaction, account: Account, post: Post) -> None:
    """Tell the followers of *account* that it no longer shows *post* first."""
    await _change_of_featured(tx, account, post, added=False)


async def _change_of_featured(
    tx: Transaction, account: Account, post: Post, *, added: bool
) -> None:
    if account.featured_url is None:
        return
    change = envelope.add if added else envelope.remove
    await accounts.send(
        tx,
        account,
        change(
            tx.instance.activity(identifiers.new(tx.now)),
            account.actor_id,
            post.object_id,
            target=account.featured_url,
            to=[PUBLIC],
            cc=[account.followers_url] if account.followers_url else [],
        ),
        to=await audience.followers_recipients(tx.db, account.id),
        visibility=Visibility.PUBLIC,
        order=post.object_id,
    )


def _elsewhere(author: Account) -> list[Recipient]:
    return [] if author.local else [author.recipient]
