"""Follow, let follow, block, report and move, through the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.blocks import queries as block_queries
from fedcommune.domain.blocks.model import Block
from fedcommune.domain.boxes import actions as boxes
from fedcommune.domain.follows import actions, outgoing
from fedcommune.domain.follows.model import Follow
from fedcommune.domain.moderation import actions as moderation
from fedcommune.domain.posts.model import Post
from fedcommune.errors import Invalid
from fedcommune.fediverse.client import addressing, finding
from fedcommune.fediverse.client.errand import Act, Errand
from fedcommune.text import html
from federation import documents, iris
from federation.network import fetch
from outbox import envelope

_MAX_REPORTED = 50


async def follow(errand: Errand) -> Act:
    """Somebody is followed: listed once they accepted (C2S-17)."""
    errand.check_scope("write:follows")
    followed = await finding.actor(errand, errand.named())

    async def act(tx: Transaction) -> Mapping[str, Any]:
        made = await actions.follow(tx, errand.account, followed)
        return outgoing.document(errand.account, followed, made.activity_id)

    return act


async def unfollow(errand: Errand, made: Follow) -> Act:
    """Somebody is no longer followed."""
    errand.check_scope("write:follows")
    followed = await finding.somebody(errand, made.followed_id)

    async def act(tx: Transaction) -> Mapping[str, Any]:
        await actions.stop(tx, errand.account, followed)
        return envelope.undo(
            tx.instance.answer("undo", made.activity_id),
            errand.account.actor_id,
            outgoing.document(errand.account, followed, made.activity_id),
        )

    return act


async def answer(errand: Errand, made: Follow) -> Act:
    """Who asked to follow may, or may not; who follows no longer does."""
    errand.check_scope("write:follows")
    follower = await finding.somebody(errand, made.follower_id)
    accepting = errand.type == "Accept"

    async def act(tx: Transaction) -> Mapping[str, Any]:
        await (actions.approve if accepting else actions.refuse)(tx, errand.account, follower)
        return (envelope.accept if accepting else envelope.reject)(
            tx.instance.answer(errand.type.lower(), made.activity_id),
            errand.account.actor_id,
            outgoing.document(follower, errand.account, made.activity_id),
        )

    return act


async def block(errand: Errand) -> Act:
    """Somebody is kept away. They hear of it only where the house sends blocks (C2S-21)."""
    errand.check_scope("write:blocks")
    blocked = await finding.actor(errand, errand.named())
    send = errand.commune.config.federation.send_blocks

    async def act(tx: Transaction) -> Mapping[str, Any]:
        await blocks.block(tx, errand.account, blocked, send=send)
        made = await block_queries.of(tx.db, errand.account.id, blocked.id)
        assert made is not None, "who was just blocked is blocked"
        made_id = made.activity_id or tx.instance.activity(identifiers.new(tx.now))
        return envelope.block(made_id, errand.account.actor_id, blocked.actor_id, tell=send)

    return act


async def unblock(errand: Errand, made: Block) -> Act:
    """Somebody is no longer kept away."""
    errand.check_scope("write:blocks")
    blocked = await finding.somebody(errand, made.blocked_id)
    send = errand.commune.config.federation.send_blocks

    async def act(tx: Transaction) -> Mapping[str, Any]:
        await blocks.unblock(tx, errand.account, blocked, send=send)
        lifted_id = made.activity_id or tx.instance.activity(identifiers.new(tx.now))
        return boxes.told(tx, errand.account, "Undo") or envelope.undo(
            tx.instance.activity(identifiers.new(tx.now)),
            errand.account.actor_id,
            envelope.block(lifted_id, errand.account.actor_id, blocked.actor_id),
        )

    return act


async def flag(errand: Errand) -> Act:
    """Somebody, and what they wrote, is reported to the moderators of this commune.

    The server of who is reported hears of it, from the commune, when the Flag is addressed
    to them.
    """
    errand.check_scope("write:reports")
    named = documents.iris(errand.activity.get("object"))
    if not named or len(named) > _MAX_REPORTED:
        raise Invalid("object", "Name whom you report, and the posts that show why.")
    pool = errand.commune.database.pool
    known = await accounts.by_actor_ids(pool, named)
    posts = [await finding.post(errand, each) for each in named if each not in known]
    account = await _reported(errand, [each.id for each in known.values()], posts)
    content = html.plain(documents.natural(errand.activity, "content")[0])
    addressed = addressing.read(errand.account, errand.activity)
    forward = not account.local and account.actor_id in addressed.people

    async def act(tx: Transaction) -> Mapping[str, Any]:
        await moderation.report(
            tx,
            errand.account,
            account,
            post_ids=[each.id for each in posts],
            content=content,
            forward=forward,
        )
        return envelope.flag(
            tx.instance.activity(identifiers.new(tx.now)),
            errand.account.actor_id,
            [account.actor_id, *(each.object_id for each in posts)],
            content=content,
        )

    return act


async def move(errand: Errand) -> Act:
    """One moves to another account that names this one among its aliases.

    It cannot be taken back, so that only a token that may do everything does it.
    """
    errand.check_scope("write")
    if errand.named() != errand.account.actor_id:
        raise Invalid("object", "Only oneself can be moved.")
    commune = errand.commune
    target_id = iris.check(errand.named("target"), commune.client.reach)
    target: Mapping[str, Any] = {}
    if commune.instance.owns(target_id):
        new = await finding.actor(errand, target_id, "target")
        target = {
            "id": new.actor_id,
            "type": new.type,
            "preferredUsername": new.username,
            "inbox": new.inbox,
        }
    else:
        if commune.policies.refused(iris.authority(target_id)):
            raise Invalid("target", "This commune has nothing to do with that server.")
        target = await fetch.document(commune.client, target_id, signer=await commune.signer())

    async def act(tx: Transaction) -> Mapping[str, Any]:
        await actions.move(tx, errand.account, target)
        said = boxes.told(tx, errand.account, "Move")
        assert said is not None, "whoever moves says so"
        return said

    return act


async def _reported(errand: Errand, account_ids: list[int], posts: list[Post]) -> Account:
    """Return the one account that is reported. Raises :class:`Invalid` for several."""
    ids = {*account_ids, *(each.author_id for each in posts)}
    if len(ids) != 1:
        raise Invalid("object", "Report one person at a time, with posts of their own.")
    return await finding.somebody(errand, ids.pop())
