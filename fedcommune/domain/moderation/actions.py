"""Report somebody, suspend an account, keep a server away."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.hosts.model import Host, Policy, covering, normalise
from fedcommune.domain.moderation import outgoing, queries
from fedcommune.domain.moderation.model import MAX_CONTENT, MAX_POSTS, Measure, Report
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from federation import iris
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError
from inbox import upkeep as inbox
from inbox.ports import Connection
from outbox import upkeep as outbox

# All that is still heard from somebody suspended (W-IN-03).
HEARD_FROM_SUSPENDED = frozenset({"Delete", "Reject", "Undo"})


async def welcome(tx: Transaction, activity: Activity) -> None:
    """Return when *activity* may be handled; ask before any handler.

    Raises RefusedError when its actor's server, by id or by handle, is refused (it may
    have been blocked since the activity arrived, or was forwarded by somebody else), and
    IgnoredError when the actor is gone or suspended: then only Delete, Reject, Undo and an
    Update of itself count (W-IN-03, SEC-MOD-01, SEC-MOD-03).
    """
    sender = await accounts.by_actor_id(tx.db, activity.actor)
    names = {iris.authority(activity.actor)}
    if sender is not None:
        if sender.local:
            raise RefusedError("This actor is ours: nobody else speaks for it.", 403)
        names.add(sender.domain)
    if await hosts.refused_among(tx.db, names):
        raise RefusedError("This server is refused here.", 403)
    if sender is None:
        if await accounts.is_dead(tx.db, activity.actor):
            raise IgnoredError("This actor was deleted.")
        return
    if sender.suspended_at is None or activity.type in HEARD_FROM_SUSPENDED:
        return
    if activity.type == "Update" and activity.object_id == activity.actor:
        return
    raise IgnoredError("This actor is suspended here.")


async def report(
    tx: Transaction,
    reporter: Account,
    account: Account,
    *,
    post_ids: Collection[int] = (),
    content: str = "",
    forward: bool = False,
) -> Report:
    """Let our *reporter* report *account* and some of its posts to the moderators.

    With *forward*, the server of *account* hears of it too, from the commune: it does not
    learn who reports. Raises Invalid for too long a text, NotFound for posts that the
    reporter cannot see or *account* did not write, Conflict when it was reported already.
    """
    if not reporter.local or not reporter.is_active:
        raise NotAllowed("Only a living account of ours can report here.")
    if reporter.id == account.id:
        raise Conflict("Nobody reports oneself: name another account.")
    if len(content) > MAX_CONTENT or len(post_ids) > MAX_POSTS:
        raise Invalid(
            "content", f"A report has at most {MAX_CONTENT} characters and {MAX_POSTS} posts."
        )
    posts = await queries.visible_posts_of(tx.db, account.id, post_ids, reporter.id)
    if len(posts) != len(set(post_ids)):
        raise NotFound
    made = await queries.insert(
        tx.db,
        id_=identifiers.new(tx.now),
        activity_id=None,
        reporter_id=reporter.id,
        account_id=account.id,
        post_ids=post_ids,
        content=content,
        now=tx.now,
    )
    if made is None:
        raise Conflict("You have reported this already: a moderator will look at it.")
    if forward and not account.local:
        commune = await accounts.by_actor_id(tx.db, tx.instance.actor)
        if commune is None:
            raise NotFound("The commune has no actor yet: run fedcommune init first.")
        await outgoing.flag(tx, commune, account, [object_id for _, object_id in posts], content)
    return made


async def close_report(tx: Transaction, report_id: int, *, by: Account | None = None) -> None:
    """Close a report. Raises NotFound when there is none, or it is closed."""
    if not await queries.close(tx.db, report_id, tx.now):
        raise NotFound
    closed = await queries.by_id(tx.db, report_id)
    await _record(
        tx, Measure.CLOSE_REPORT, by=by, account_id=None if closed is None else closed.account_id
    )


async def suspend(
    tx: Transaction, account: Account, *, by: Account | None = None, reason: str = ""
) -> None:
    """Hide an account, ours or a stranger's, and no longer listen to it. Twice is once.

    Its follows stay, without effect, so that :func:`unsuspend` gives everything back.
    Raises NotAllowed for the actor of the commune.
    """
    if account.local and account.kind is Kind.COMMUNE:
        raise NotAllowed("The commune itself cannot be suspended.")
    if await queries.set_suspended(tx.db, account.id, tx.now):
        await _record(tx, Measure.SUSPEND, by=by, account_id=account.id, reason=reason)


async def unsuspend(
    tx: Transaction, account: Account, *, by: Account | None = None, reason: str = ""
) -> None:
    """Show an account again, and listen to it. Twice is once."""
    if await queries.set_suspended(tx.db, account.id, None):
        await _record(tx, Measure.UNSUSPEND, by=by, account_id=account.id, reason=reason)


async def block_host(
    tx: Transaction, name: str, *, by: Account | None = None, reason: str = ""
) -> Host:
    """Keep a server and its sub-domains away: no word in, none out, all follows cut.

    What waits from it is refused, what waits for it is dropped. Raises Invalid when *name*
    is no host, NotAllowed when it is, or covers, our own.
    """
    host = await _set_policy(tx, name, Policy.BLOCKED, reason)
    await follows.cut_host(tx.db, host.name)
    # What is open for an action is always one connection, never a pool.
    await inbox.refuse_host(cast(Connection, tx.db), host.name)
    await outbox.drop_host(tx.db, host.name)
    await _record(tx, Measure.BLOCK_HOST, by=by, host=host.name, reason=reason)
    return host


async def limit_host(
    tx: Transaction, name: str, *, by: Account | None = None, reason: str = ""
) -> Host:
    """Let the people of a server reach only those who follow them. Raises as block_host."""
    host = await _set_policy(tx, name, Policy.LIMITED, reason)
    await _record(tx, Measure.LIMIT_HOST, by=by, host=host.name, reason=reason)
    return host


async def allow_host(
    tx: Transaction, name: str, *, by: Account | None = None, reason: str = ""
) -> Host:
    """Treat a server as any other again; cut follows stay cut. Raises as block_host."""
    host = await _set_policy(tx, name, Policy.OPEN, reason)
    await _record(tx, Measure.ALLOW_HOST, by=by, host=host.name, reason=reason)
    return host


async def _set_policy(tx: Transaction, name: str, policy: Policy, reason: str) -> Host:
    try:
        normalised = normalise(name)
    except RefusedError as error:
        raise Invalid("host", f"This is not the name of a server: {error}") from error
    if policy is not Policy.OPEN and normalised in covering(tx.instance.domain):
        raise NotAllowed("This would refuse our own server: name another one.")
    return await hosts.set_policy(tx.db, normalised, policy, reason=reason, now=tx.now)


async def _record(
    tx: Transaction,
    kind: Measure,
    *,
    by: Account | None,
    account_id: int | None = None,
    host: str | None = None,
    reason: str = "",
) -> None:
    await queries.record(
        tx.db,
        id_=identifiers.new(tx.now),
        kind=kind,
        by_id=None if by is None else by.id,
        account_id=account_id,
        host=host,
        reason=reason,
        now=tx.now,
    )
