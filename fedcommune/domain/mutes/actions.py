"""No longer read somebody, or a whole server, for a while or for good."""

from __future__ import annotations

from datetime import timedelta

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.hosts.model import covering, normalise
from fedcommune.domain.mutes import queries
from fedcommune.domain.mutes.model import LONGEST, MAX_HOSTS, MAX_MUTES
from fedcommune.errors import Invalid, NotAllowed
from federation.errors import RefusedError


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def mute(
    tx: Transaction,
    muter: Account,
    muted: Account,
    *,
    notifications: bool = True,
    duration: timedelta | None = None,
) -> None:
    """Show our *muter* nothing more of *muted*, nor, with *notifications*, what they do.

    Muting again changes the conditions. Raises NotAllowed for oneself, Invalid for a
    *duration* that is not positive, or for one mute too many (SEC-DOS-06).
    """
    if not muter.local or muter.id == muted.id:
        raise NotAllowed(_("Nobody mutes oneself: name another account."))
    if duration is not None and not timedelta(0) < duration <= LONGEST:
        raise Invalid("duration", _("Mute for a while of seconds, or for good."))
    await queries.forget_expired(tx.db, tx.now, muter_id=muter.id)
    if await queries.count(tx.db, muter.id) >= MAX_MUTES:
        raise Invalid("id", _("You mute {limit} accounts: stop muting one first."), limit=MAX_MUTES)
    await queries.insert(
        tx.db,
        id_=identifiers.new(tx.now),
        muter_id=muter.id,
        muted_id=muted.id,
        notifications=notifications,
        expires_at=None if duration is None else tx.now + duration,
        now=tx.now,
    )


async def unmute(tx: Transaction, muter: Account, muted: Account) -> None:
    """Show *muted* to *muter* again. Twice is once."""
    await queries.remove(tx.db, muter.id, muted.id)


def host_named(text: str) -> str:
    """Return *text* as hosts are stored. Raises :class:`Invalid`."""
    try:
        return normalise(text.strip())
    except RefusedError as error:
        raise Invalid(
            "domain", _("This is not the name of a server: {error}"), error=error
        ) from error


async def mute_host(tx: Transaction, account: Account, text: str) -> str:
    """Show *account* nothing more of the people of a server; return its name as stored.

    Raises Invalid when *text* is no server, or ours, or one too many (SEC-DOS-06).
    """
    host = host_named(text)
    if host in covering(tx.instance.domain):
        raise Invalid("domain", _("This is our own server: mute people one by one."))
    if await queries.count_hosts(tx.db, account.id) >= MAX_HOSTS:
        raise Invalid(
            "domain", _("You mute {limit} servers: stop muting one first."), limit=MAX_HOSTS
        )
    await queries.insert_host(tx.db, identifiers.new(tx.now), account.id, host, tx.now)
    return host


async def unmute_host(tx: Transaction, account: Account, text: str) -> None:
    """Show the people of a server to *account* again. Twice is once."""
    await queries.remove_host(tx.db, account.id, host_named(text))
