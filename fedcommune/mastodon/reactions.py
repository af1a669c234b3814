"""What one does with a status: favourite, boost, keep, pin, no longer hear of its thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts.model import Post
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.reactions import queries
from fedcommune.domain.reactions.model import Kind
from fedcommune.domain.reading import actions as reading
from fedcommune.domain.timelines import queries as timelines
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid, NotAllowed, NotFound
from fedcommune.mastodon import drafts
from fedcommune.mastodon.call import Answer, Call, Endpoint, Handler
from fedcommune.mastodon.pagination import linked, page
from fedcommune.mastodon.render import account as accounts
from fedcommune.mastodon.render import status as render
from fedcommune.mastodon.statuses import post_of, shown

Act = Callable[[Transaction, Account, Post], Awaitable[Any]]


def _doing(act: Act) -> Handler:
    """Do something with the status of the address, and answer with it."""

    async def handler(call: Call) -> Answer:
        post = await post_of(call)
        async with call.transaction() as tx:
            await act(tx, call.account, post)
        return await shown(call, post)

    return handler


def _keeping(act: Callable[[Transaction, Account, int], Awaitable[Post]]) -> Act:
    async def keep(tx: Transaction, account: Account, post: Post) -> None:
        await act(tx, account, post.id)

    return keep


async def reblog(call: Call) -> Answer:
    """Pass a status on; answer with the boost, around what is boosted."""
    post = await post_of(call)
    visibility = drafts.visibility(call)
    if visibility is Visibility.DIRECT:
        raise Invalid("visibility", "A boost is for everybody or for your followers.")
    async with call.transaction() as tx:
        await reactions.boost(tx, call.account, post, visibility)
    entry = await timelines.boost_of(call.db, call.account.id, post.id)
    if entry is None:
        raise NotFound
    return await render.status(call.db, call.instance, entry, call.viewer, call.now)


async def _pin(tx: Transaction, account: Account, post: Post) -> None:
    try:
        await reactions.pin(tx, account, post)
    except NotAllowed as error:
        raise Invalid("status", str(error)) from error


async def favourited_by(call: Call) -> Answer:
    return await _who(call, Kind.LIKE)


async def reblogged_by(call: Call) -> Answer:
    return await _who(call, Kind.BOOST)


async def _who(call: Call, kind: Kind) -> Answer:
    post = await post_of(call)
    part = page(call, 40, 40)
    found = await queries.accounts_of(
        call.db,
        call.viewer,
        post.id,
        kind,
        below=part.below,
        above=part.above,
        limit=part.limit,
    )
    people = await accounts.accounts(
        call.db, call.instance, [account for _, account in found], call.viewer
    )
    return linked(call, people, [cursor for cursor, _ in found])


_ONE: Final = "/api/v1/statuses/{id}"
_DONE: Final[tuple[tuple[str, str, Act], ...]] = (
    ("favourite", "write:favourites", reactions.like),
    ("unfavourite", "write:favourites", reactions.unlike),
    ("unreblog", "write:statuses", reactions.unboost),
    ("bookmark", "write:bookmarks", _keeping(reading.bookmark)),
    ("unbookmark", "write:bookmarks", _keeping(reading.unbookmark)),
    ("pin", "write:accounts", _pin),
    ("unpin", "write:accounts", reactions.unpin),
    ("mute", "write:mutes", _keeping(reading.mute_thread)),
    ("unmute", "write:mutes", _keeping(reading.unmute_thread)),
)

ENDPOINTS: Final = (
    *(Endpoint("POST", f"{_ONE}/{verb}", _doing(act), scope) for verb, scope, act in _DONE),
    Endpoint("POST", f"{_ONE}/reblog", reblog, "write:statuses"),
    Endpoint("GET", f"{_ONE}/favourited_by", favourited_by, "read:accounts", "anyone"),
    Endpoint("GET", f"{_ONE}/reblogged_by", reblogged_by, "read:accounts", "anyone"),
)
