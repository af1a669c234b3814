"""SQL: what waits to be told to closed apps, and to which push services it cannot be told now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.notifications import subscriptions
from fedcommune.domain.notifications.model import Kind, alert
from fedcommune.domain.notifications.subscriptions import Subscription

# Whoever takes one has so long to tell it before another takes it.
LEASE: Final = timedelta(minutes=2)
# What could not be told for so long, or so often, is old news.
PATIENCE: Final = timedelta(hours=48)
MOST_ATTEMPTS: Final = 10
_FIRST_WAIT: Final = timedelta(seconds=30)
_LONGEST_WAIT: Final = timedelta(hours=2)
# So many refusals in a row, and the app is told nothing more: it does not take it.
MOST_REFUSALS: Final = 5


@dataclass(frozen=True, slots=True)
class Push:
    """One notification on its way to one app; ``language`` is that of whoever reads it."""

    subscription: Subscription
    notification_id: int
    created_at: datetime
    attempts: int
    language: str


async def queue(
    db: Executor, notification_id: int, account_id: int, kind: Kind, from_id: int, now: datetime
) -> None:
    """Tell the apps of *account_id* that want to hear of this, once the transaction is kept."""
    queued = await db.fetch(
        """
        insert into commune.push (subscription_id, notification_id, created_at, due_at)
        select subscription.id, $1, $5, $5
        from commune.push_subscription subscription
        where subscription.account_id = $2
          and $3 = any(subscription.alerts)
          and (
              subscription.policy = 'all'
              or (
                  subscription.policy = 'followed'
                  and exists (
                      select from commune.follow
                      where follower_id = $2 and followed_id = $4 and state = 'accepted'
                  )
              )
              or (
                  subscription.policy = 'follower'
                  and exists (
                      select from commune.follow
                      where follower_id = $4 and followed_id = $2 and state = 'accepted'
                  )
              )
          )
        returning subscription_id
        """,
        notification_id,
        account_id,
        alert(kind),
        from_id,
        now,
    )
    if queued:
        await db.execute("select pg_notify('push', '')")


async def take(db: Executor, now: datetime, *, most: int) -> list[Push]:
    """Return what is due first, which nobody else takes for a while; no transaction stays open.

    Push services that did not answer are left alone until their time comes.
    """
    rows = await db.fetch(
        """
        with taken as (
            update commune.push
            set due_at = $2, attempts = attempts + 1
            where (subscription_id, notification_id) in (
                select push.subscription_id, push.notification_id
                from commune.push
                join commune.push_subscription subscription
                  on subscription.id = push.subscription_id
                where push.due_at <= $1
                  and not exists (
                      select from commune.push_host
                      where push_host.host = subscription.host and push_host.due_at > $1
                  )
                order by push.due_at, push.notification_id
                limit $3
                for update of push skip locked
            )
            returning subscription_id, notification_id, created_at as queued_at, attempts
        )
        select taken.notification_id, taken.queued_at, taken.attempts, citizen.language,
               subscription.*
        from taken
        join commune.push_subscription subscription on subscription.id = taken.subscription_id
        join commune.token on token.id = subscription.token_id
        join commune.citizen on citizen.account_id = token.citizen_id
        order by taken.notification_id, subscription.id
        """,
        now,
        now + LEASE,
        most,
    )
    return [
        Push(
            subscriptions.of_row(row),
            row["notification_id"],
            row["queued_at"],
            row["attempts"],
            row["language"],
        )
        for row in rows
    ]


async def done(db: Executor, push: Push) -> None:
    """Forget what is told, or is not to be told any more."""
    await db.execute(
        "delete from commune.push where subscription_id = $1 and notification_id = $2",
        push.subscription.id,
        push.notification_id,
    )


async def delivered(db: Executor, push: Push) -> None:
    """A push service took it: all is well with it, and with the app."""
    await done(db, push)
    await db.execute(
        "update commune.push_subscription set refusals = 0 where id = $1 and refusals > 0",
        push.subscription.id,
    )
    await db.execute("delete from commune.push_host where host = $1", push.subscription.host)


async def refused(db: Executor, push: Push) -> None:
    """It will never be taken; when that has become a habit, nothing of that app's will."""
    await done(db, push)
    await db.execute(
        "update commune.push_subscription set refusals = refusals + 1 where id = $1",
        push.subscription.id,
    )
    await db.execute(
        "delete from commune.push_subscription where id = $1 and refusals >= $2",
        push.subscription.id,
        MOST_REFUSALS,
    )


async def gone(db: Executor, push: Push) -> None:
    """The app is not there any more (RFC 8030 §7.3): it is told nothing more."""
    await db.execute(
        "delete from commune.push_subscription where id = $1 and endpoint = $2",
        push.subscription.id,
        push.subscription.endpoint,
    )


async def postponed(db: Executor, push: Push, now: datetime, *, retry_after: float | None) -> None:
    """Leave the push service alone for a while, longer each time; then try again, or give up."""
    failures = await db.fetchval(
        """
        insert into commune.push_host (host, failures, due_at)
        values ($1, 1, $2)
        on conflict (host) do update
        set failures = case
            when push_host.due_at <= $2 then push_host.failures + 1
            else push_host.failures
        end
        returning failures
        """,
        push.subscription.host,
        now,
    )
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(failures - 1, 10))
    if retry_after is not None:
        wait = min(PATIENCE, max(wait, timedelta(seconds=retry_after)))
    if push.attempts >= MOST_ATTEMPTS or now + wait > push.created_at + PATIENCE:
        await done(db, push)
    await db.execute(
        "update commune.push_host set due_at = greatest(due_at, $2) where host = $1",
        push.subscription.host,
        now + wait,
    )
    await db.execute(
        """
        update commune.push set due_at = $3
        where subscription_id = $1
          and notification_id = $2
        """,
        push.subscription.id,
        push.notification_id,
        now + wait,
    )


async def forget_hosts(db: Executor, before: datetime) -> None:
    """Forget push services that nothing was sent to since long *before*."""
    await db.execute("delete from commune.push_host where due_at < $1", before)
