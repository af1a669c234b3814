"""How the caller stands to others: follow, block, mute, note, recommend, let follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.mutes import actions as mutes
from fedcommune.domain.mutes import queries as mute_queries
from fedcommune.domain.relations import actions, people, queries
from fedcommune.errors import Conflict, NotAllowed, NotFound
from fedcommune.mastodon import entities
from fedcommune.mastodon.accounts import MAX_ACCOUNTS, one, paged, shown
from fedcommune.mastodon.call import Answer, Call, Endpoint, Handler
from fedcommune.mastodon.json import maybe
from fedcommune.mastodon.pagination import linked, page
from fedcommune.mastodon.render.relationship import relationship

Act = Callable[[Call, Transaction, Account], Awaitable[None]]
MAX_HOSTS_PAGE: Final = 200


async def relationships(call: Call) -> Answer:
    """How the caller stands to each of the ids, in the order asked."""
    ids = call.params.identifiers("id")[:MAX_ACCOUNTS]
    found = await queries.relations(
        call.db,
        call.account.id,
        ids,
        call.now,
        with_suspended=call.params.flag("with_suspended"),
    )
    return [relationship(each) for each in found]


async def relation_to(call: Call, account_id: int) -> entities.Relationship:
    """Return how the caller stands to one account. Raises :class:`NotFound`."""
    found = await queries.relations(call.db, call.account.id, [account_id], call.now)
    if not found:
        raise NotFound
    return relationship(found[0])


def _doing(act: Act, name: str = "id") -> Handler:
    """Do something with the account of the address; answer how one stands to it then."""

    async def handler(call: Call) -> Answer:
        account = await one(call, name)
        async with call.transaction() as tx:
            await act(call, tx, account)
        return await relation_to(call, account.id)

    return handler


async def _follow(call: Call, tx: Transaction, account: Account) -> None:
    params = call.params
    try:
        await actions.follow(
            tx,
            call.account,
            account,
            boosts=params.truth("reblogs"),
            notify=params.truth("notify"),
            languages=params.texts("languages") if "languages" in params else None,
        )
    except Conflict as error:
        raise NotAllowed(error.msgid, **error.values) from error


async def _unfollow(call: Call, tx: Transaction, account: Account) -> None:
    await follows.stop(tx, call.account, account)


async def _remove_follower(call: Call, tx: Transaction, account: Account) -> None:
    try:
        await follows.remove_follower(tx, call.account, account)
    except NotFound:
        return


async def _block(call: Call, tx: Transaction, account: Account) -> None:
    send = call.commune.config.federation.send_blocks
    try:
        await blocks.block(tx, call.account, account, send=send)
    except Conflict as error:
        raise NotAllowed(error.msgid, **error.values) from error


async def _unblock(call: Call, tx: Transaction, account: Account) -> None:
    send = call.commune.config.federation.send_blocks
    await blocks.unblock(tx, call.account, account, send=send)


async def _mute(call: Call, tx: Transaction, account: Account) -> None:
    seconds = call.params.number("duration")
    await mutes.mute(
        tx,
        call.account,
        account,
        notifications=call.params.flag("notifications", default=True),
        duration=timedelta(seconds=min(seconds, 10**9)) if seconds else None,
    )


async def _unmute(call: Call, tx: Transaction, account: Account) -> None:
    await mutes.unmute(tx, call.account, account)


async def _note(call: Call, tx: Transaction, account: Account) -> None:
    await actions.note(tx, call.account, account, call.params.text("comment"))


async def _endorse(call: Call, tx: Transaction, account: Account) -> None:
    await actions.endorse(tx, call.account, account)


async def _unendorse(call: Call, tx: Transaction, account: Account) -> None:
    await queries.unendorse(tx.db, call.account.id, account.id)


async def _authorize(call: Call, tx: Transaction, account: Account) -> None:
    await follows.approve(tx, call.account, account)


async def _reject(call: Call, tx: Transaction, account: Account) -> None:
    await follows.refuse(tx, call.account, account)


async def follow_requests(call: Call) -> Answer:
    """Who asks to follow the caller."""
    part = page(call, 40, 80)
    found = await people.followers(
        call.db,
        call.viewer,
        call.account.id,
        ceiling=part.ceiling,
        floor=part.floor,
        order=part.order,
        limit=part.limit,
        requested=True,
    )
    return await paged(call, found)


async def blocked(call: Call) -> Answer:
    part = page(call, 40, 80)
    found = await people.blocked(
        call.db,
        call.account.id,
        ceiling=part.ceiling,
        floor=part.floor,
        order=part.order,
        limit=part.limit,
    )
    return await paged(call, found)


async def muted(call: Call) -> Answer:
    part = page(call, 40, 80)
    found = await mute_queries.muted(
        call.db,
        call.account.id,
        call.now,
        ceiling=part.ceiling,
        floor=part.floor,
        limit=part.limit,
        ascending=part.order == "asc",
    )
    accounts = await shown(call, [each.muted for each in found])
    entities_ = [
        entities.MutedAccount(
            **{name: getattr(account, name) for name in entities.Account.__struct_fields__},
            mute_expires_at=maybe(each.expires_at),
        )
        for each, account in zip(found, accounts, strict=True)
    ]
    return linked(call, entities_, [each.id for each in found])


async def muted_hosts(call: Call) -> Answer:
    part = page(call, 40, MAX_HOSTS_PAGE)
    found = await mute_queries.hosts(
        call.db, call.account.id, ceiling=part.ceiling, floor=part.floor, limit=part.limit
    )
    return linked(call, [host for _, host in found], [cursor for cursor, _ in found])


async def mute_host(call: Call) -> Answer:
    """No longer read the people of a server; follows with them end, both ways."""
    text = call.params.required("domain")
    async with call.transaction() as tx:
        host = await mutes.mute_host(tx, call.account, text)
        outwards, inwards = await mute_queries.followed_around(tx.db, call.account.id, host)
        for followed in outwards:
            await follows.stop(tx, call.account, followed)
        for follower in inwards:
            await follows.remove_follower(tx, call.account, follower)
    return {}


async def unmute_host(call: Call) -> Answer:
    async with call.transaction() as tx:
        await mutes.unmute_host(tx, call.account, call.params.required("domain"))
    return {}


_ONE: Final = "/api/v1/accounts/{id}"
_DONE: Final[tuple[tuple[str, str, Act], ...]] = (
    ("follow", "write:follows", _follow),
    ("unfollow", "write:follows", _unfollow),
    ("remove_from_followers", "write:follows", _remove_follower),
    ("block", "write:blocks", _block),
    ("unblock", "write:blocks", _unblock),
    ("mute", "write:mutes", _mute),
    ("unmute", "write:mutes", _unmute),
    ("note", "write:accounts", _note),
    ("endorse", "write:accounts", _endorse),
    ("pin", "write:accounts", _endorse),
    ("unendorse", "write:accounts", _unendorse),
    ("unpin", "write:accounts", _unendorse),
)
_REQUESTS: Final = "/api/v1/follow_requests"
_HOSTS: Final = "/api/v1/domain_blocks"

ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/accounts/relationships", relationships, "read:follows"),
    *(Endpoint("POST", f"{_ONE}/{verb}", _doing(act), scope) for verb, scope, act in _DONE),
    Endpoint("GET", _REQUESTS, follow_requests, "read:follows"),
    Endpoint("POST", f"{_REQUESTS}/{{id}}/authorize", _doing(_authorize), "write:follows"),
    Endpoint("POST", f"{_REQUESTS}/{{id}}/reject", _doing(_reject), "write:follows"),
    Endpoint("GET", "/api/v1/blocks", blocked, "read:blocks"),
    Endpoint("GET", "/api/v1/mutes", muted, "read:mutes"),
    Endpoint("GET", _HOSTS, muted_hosts, "read:blocks"),
    Endpoint("POST", _HOSTS, mute_host, "write:blocks"),
    Endpoint("DELETE", _HOSTS, unmute_host, "write:blocks"),
)
