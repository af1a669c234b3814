"""Follow, be followed, and stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.blocks import queries as block_queries
from fedcommune.domain.follows import outgoing, queries
from fedcommune.domain.follows.model import Follow
from fedcommune.domain.notifications import actions as notifications
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from federation.errors import RefusedError
from federation.vocabulary import actors


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def follow(tx: Transaction, follower: Account, followed: Account) -> Follow:
    """Let our *follower* follow *followed*: at once, or once the other side agrees.

    Following twice is following once. Raises NotAllowed across a block, NotFound when
    *followed* is gone, Conflict when it moved away or is oneself.
    """
    if not follower.local or not follower.is_active:
        raise NotAllowed(_("Only a living account of ours can follow."))
    if follower.id == followed.id:
        raise Conflict(_("Nobody follows oneself: name another account."))
    if not followed.is_active:
        raise NotFound
    if followed.moved_to is not None:
        raise Conflict(
            _("This account moved: follow {address} instead."), address=followed.moved_to
        )
    if await block_queries.between(tx.db, follower.id, followed.id):
        raise NotAllowed(_("A block stands between these accounts."))
    known = await queries.between(tx.db, follower.id, followed.id)
    if known is not None:
        return known
    id_ = identifiers.new(tx.now)
    made = await queries.insert(
        tx.db,
        id_=id_,
        follower_id=follower.id,
        followed_id=followed.id,
        activity_id=tx.instance.activity(id_),
        accepted=followed.local and not followed.locked,
        now=tx.now,
    )
    if followed.local:
        await _tell_followed(tx, follower, followed, made)
    else:
        await outgoing.request(tx, follower, followed, made.activity_id)
    return made


async def gain_follower(
    tx: Transaction, follower: Account, followed: Account, activity_id: str
) -> None:
    """A stranger asks to follow an actor of ours: accept, refuse, or let the actor decide.

    A repeated Follow is answered again in the same way (W-ACT-Follow). Raises
    RefusedError when *activity_id* is that of another follow.
    """
    if not await _may_follow(tx, follower, followed):
        await outgoing.reject(tx, followed, follower, activity_id)
        return
    same = await queries.by_activity(tx.db, activity_id)
    if same is not None and (same.follower_id, same.followed_id) != (follower.id, followed.id):
        raise RefusedError("This id is that of another Follow.")
    known = await queries.between(tx.db, follower.id, followed.id)
    made = await queries.insert(
        tx.db,
        id_=identifiers.new(tx.now),
        follower_id=follower.id,
        followed_id=followed.id,
        activity_id=activity_id,
        accepted=not followed.locked,
        now=tx.now,
    )
    if made.is_accepted:
        await outgoing.accept(tx, followed, follower, activity_id)
    if known is None:
        await _tell_followed(tx, follower, followed, made)


async def approve(tx: Transaction, followed: Account, follower: Account) -> Follow:
    """Accept who asked to follow our *followed*. Raises NotFound when nobody asked."""
    asked = await queries.between(tx.db, follower.id, followed.id)
    if asked is None or not followed.local:
        raise NotFound
    if not await queries.accept(tx.db, asked.id, tx.now):
        return asked
    await notifications.take_back(tx, followed.id, "follow_request", follower.id)
    await notifications.tell(tx, followed.id, "follow", follower.id)
    if not follower.local:
        await outgoing.accept(tx, followed, follower, asked.activity_id)
    accepted = await queries.between(tx.db, follower.id, followed.id)
    assert accepted is not None, "a follow that was just accepted exists"
    return accepted


async def refuse(tx: Transaction, followed: Account, follower: Account) -> None:
    """Refuse who asked to follow, or remove who follows, our *followed*; no block.

    Raises NotFound when there is nothing to refuse.
    """
    asked = await queries.between(tx.db, follower.id, followed.id)
    if asked is None or not followed.local:
        raise NotFound
    await queries.remove(tx.db, asked.id)
    await notifications.take_back(tx, followed.id, "follow_request", follower.id)
    if not follower.local:
        await outgoing.reject(tx, followed, follower, asked.activity_id)


# The Mastodon API and people call it so when the follower was already accepted.
remove_follower = refuse


async def stop(tx: Transaction, follower: Account, followed: Account) -> None:
    """Let our *follower* no longer follow, nor ask to follow, *followed*. Twice is once."""
    known = await queries.between(tx.db, follower.id, followed.id)
    if known is None:
        return
    await queries.remove(tx.db, known.id)
    await notifications.take_back(tx, followed.id, "follow", follower.id)
    await notifications.take_back(tx, followed.id, "follow_request", follower.id)
    if not followed.local:
        await outgoing.undo(tx, follower, followed, known.activity_id)


async def was_accepted(tx: Transaction, made: Follow) -> None:
    """The other side agreed to a Follow that we sent."""
    await queries.accept(tx.db, made.id, tx.now)


async def was_refused(tx: Transaction, made: Follow) -> None:
    """The other side refused a Follow that we sent, or ended it."""
    await queries.remove(tx.db, made.id)


async def lose_follower(tx: Transaction, made: Follow) -> None:
    """A stranger no longer follows an actor of ours."""
    await queries.remove(tx.db, made.id)
    await notifications.take_back(tx, made.followed_id, "follow", made.follower_id)
    await notifications.take_back(tx, made.followed_id, "follow_request", made.follower_id)


async def move(tx: Transaction, account: Account, target: Mapping[str, Any]) -> Account:
    """Move our *account* to the actor of the freshly fetched document *target* (W-MOV-01).

    Its followers elsewhere are told by a Move, ours follow the new account at once.
    Raises Invalid when *target* does not name *account* among its aliases, Conflict for a
    move to itself, TooMany within seven days of another move.
    """
    if not account.local or not account.is_active:
        raise NotFound
    view = actors.read(target)
    new = None
    aliases = view.also_known_as
    if tx.instance.owns(view.id):
        new = await account_queries.by_actor_id(tx.db, view.id)
        aliases = () if new is None else new.also_known_as
    if account.actor_id not in aliases:
        raise Invalid(
            "target",
            _("Add {address} to the aliases of the new account, then try again."),
            address=account.actor_id,
        )
    if new is None:
        new = await accounts.learn(tx, target)
    if not new.is_active:
        raise NotFound
    moved = await accounts.moved_away(tx, account, new)
    await outgoing.moved(tx, moved, new)
    await carry_over(tx, moved, new)
    return moved


async def carry_over(tx: Transaction, old: Account, new: Account) -> None:
    """Let ours who follow, or block, *old* do so with *new*; across a block nothing is made."""
    for blocker_id in await block_queries.local_blockers(tx.db, old.id):
        blocker = await account_queries.by_id(tx.db, blocker_id)
        if blocker is not None and blocker.id != new.id:
            await blocks.block(tx, blocker, new)
    for follower_id in await queries.local_followers(tx.db, old.id):
        follower = await account_queries.by_id(tx.db, follower_id)
        if follower is None or not follower.is_active:
            continue
        await stop(tx, follower, old)
        blocked = await block_queries.between(tx.db, follower.id, new.id)
        if follower.id != new.id and new.moved_to is None and not blocked:
            await follow(tx, follower, new)
            await notifications.tell(tx, follower.id, "move", new.id)


async def _may_follow(tx: Transaction, follower: Account, followed: Account) -> bool:
    if not followed.is_active or followed.moved_to is not None:
        return False
    return not await block_queries.between(tx.db, follower.id, followed.id)


async def _tell_followed(
    tx: Transaction, follower: Account, followed: Account, made: Follow
) -> None:
    kind = "follow" if made.is_accepted else "follow_request"
    await notifications.tell(tx, followed.id, kind, follower.id)
