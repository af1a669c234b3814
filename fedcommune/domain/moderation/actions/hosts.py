"""Other servers: kept away, shown less, or treated as any other."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.follows.model import Cut
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.hosts.model import (
    NO_RULES,
    Allowance,
    Host,
    Policy,
    Rules,
    covering,
    normalise,
)
from fedcommune.domain.moderation import belongings, told
from fedcommune.domain.moderation.log import record
from fedcommune.domain.moderation.model import Measure, Severance
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from federation.errors import RefusedError
from inbox import upkeep as inbox
from inbox.ports import Connection
from outbox import upkeep as outbox


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def block_host(
    tx: Transaction,
    name: str,
    *,
    by: Account | None = None,
    reason: str = "",
    rules: Rules = NO_RULES,
) -> Host:
    """Keep a server and its sub-domains away: no word in, none out, all follows cut.

    What waits from it is refused, what waits for it is dropped; whose follows are cut is
    told. Raises Invalid when *name* is no host, NotAllowed when it is, or covers, our own.
    """
    host = await _set_policy(tx, name, Policy.BLOCKED, reason, rules)
    await _tell_of_cuts(tx, host, await follows.cut_host(tx.db, host.name))
    # What is open for an action is always one connection, never a pool.
    await inbox.refuse_host(cast(Connection, tx.db), host.name)
    await outbox.drop_host(tx.db, host.name)
    await record(tx, Measure.BLOCK_HOST, by=by, host=host.name, reason=reason)
    return host


async def limit_host(
    tx: Transaction,
    name: str,
    *,
    by: Account | None = None,
    reason: str = "",
    rules: Rules = NO_RULES,
) -> Host:
    """Let the people of a server reach only those who follow them. Raises as block_host."""
    host = await _set_policy(tx, name, Policy.LIMITED, reason, rules)
    await record(tx, Measure.LIMIT_HOST, by=by, host=host.name, reason=reason)
    return host


async def restrain_host(
    tx: Transaction,
    name: str,
    *,
    by: Account | None = None,
    reason: str = "",
    rules: Rules = NO_RULES,
) -> Host:
    """Let a server be heard as any other, but for what *rules* reject. Raises as block_host."""
    host = await _set_policy(tx, name, Policy.OPEN, reason, rules)
    await record(tx, Measure.RESTRAIN_HOST, by=by, host=host.name, reason=reason)
    return host


async def allow_host(
    tx: Transaction, name: str, *, by: Account | None = None, reason: str = ""
) -> Host:
    """Treat a server as any other again; cut follows stay cut. Raises as block_host."""
    host = await _set_policy(tx, name, Policy.OPEN, reason, None)
    await record(tx, Measure.ALLOW_HOST, by=by, host=host.name, reason=reason)
    return host


async def note_host(tx: Transaction, name: str, *, by: Account | None = None) -> Allowance:
    """Note down a server as welcome. Raises Invalid for no host, Conflict when it is noted."""
    made = await hosts.allow(tx.db, identifiers.new(tx.now), _normalised(name), tx.now)
    if made is None:
        raise Conflict(_("This server is noted down already."))
    await record(tx, Measure.NOTE_HOST, by=by, host=made.host)
    return made


async def strike_host(tx: Transaction, id_: int, *, by: Account | None = None) -> Allowance:
    """Strike out a server that was noted down. Raises NotFound."""
    gone = await hosts.disallow(tx.db, id_)
    if gone is None:
        raise NotFound
    await record(tx, Measure.STRIKE_HOST, by=by, host=gone.host)
    return gone


def _normalised(name: str) -> str:
    try:
        return normalise(name)
    except RefusedError as error:
        raise Invalid(
            "domain", _("This is not the name of a server: {error}"), error=error
        ) from error


async def _set_policy(
    tx: Transaction, name: str, policy: Policy, reason: str, rules: Rules | None
) -> Host:
    normalised = _normalised(name)
    if rules is not None and normalised in covering(tx.instance.domain):
        raise NotAllowed(_("This would refuse our own server: name another one."))
    host = await hosts.set_policy(tx.db, normalised, policy, reason=reason, now=tx.now, rules=rules)
    if host.rules.reject_media:
        await belongings.forget_media(tx.db, host.name)
    return host


async def _tell_of_cuts(tx: Transaction, host: Host, cuts: Collection[Cut]) -> None:
    """Tell each of ours how many follows they lost, and because of which server."""
    known = await accounts.by_ids(
        tx.db, {each for cut in cuts for each in (cut.follower_id, cut.followed_id)}
    )
    lost: dict[int, tuple[int, int]] = {}
    for cut in cuts:
        if not cut.was_accepted:
            continue
        inwards = known[cut.followed_id].local
        account_id = cut.followed_id if inwards else cut.follower_id
        followers, following = lost.get(account_id, (0, 0))
        lost[account_id] = (followers + inwards, following + (not inwards))
    if not lost:
        return
    severance = Severance(identifiers.new(tx.now), "domain_block", host.name, 0, 0, tx.now)
    await told.insert_severance(tx.db, severance, lost)
    for account_id in lost:
        await notifications.tell_officially(
            tx, account_id, Kind.SEVERED_RELATIONSHIPS, severance.id
        )
