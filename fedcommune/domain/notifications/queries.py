"""SQL about notifications."""

from __future__ import annotations

from datetime import datetime

from fedcommune.database import Executor
from fedcommune.domain.notifications.model import Kind, Notification


async def insert(
    db: Executor,
    *,
    id_: int,
    account_id: int,
    kind: Kind,
    from_id: int,
    post_id: int | None,
    collection_id: int | None = None,
    now: datetime,
) -> bool:
    """Store one, once; return whether it is new.

    Nothing is stored for strangers, for what one does to oneself (except that a poll of
    one's own is over: whoever asked or voted hears of it in any case), from a suspended
    account, across a block in either direction (SEC-MOD-02), of a thread or of somebody
    that the told one does not want to hear of any more, nor that our own feeds pass on what
    is said here: they pass on everything. By the policy of whom it is for, it
    may be dropped, or wait: what waits is stored, and is not new to anybody.
    """
    row = await db.fetchrow(
        """
        insert into commune.notification (
            id, account_id, kind, from_id, post_id, created_at, waiting, collection_id
        )
        select $1, told.id, $3, teller.id, $5, $6, 'filter' = any(treatment.answers), $7
        from commune.account told
        cross join commune.account teller
        cross join lateral (
            select case when $3 = 'poll' then array['accept']
                else array[
                    commune.notification_treatment(told.id, teller.id, $3, $5, $6),
                    commune.limited_treatment(told.id, teller.id, $3)
                ]
            end as answers
        ) treatment
        where not 'drop' = any(treatment.answers)
          and told.id = $2
          and teller.id = $4
          and told.local
          and told.deleted_at is null
          and (teller.id <> told.id or $3 = 'poll')
          and not (
              teller.local
              and teller.kind in ('commune', 'feed', 'square')
              and $3 = 'reblog'
          )
          and teller.suspended_at is null
          and not exists (
              select from commune.block
              where (blocker_id = told.id and blocked_id = teller.id)
                 or (blocker_id = teller.id and blocked_id = told.id)
          )
          and not exists (
              select from commune.post
              join commune.thread_mute on thread_mute.conversation = post.conversation
              where post.id = $5
                and thread_mute.account_id = told.id
          )
          and not exists (
              select from commune.mute
              where mute.muter_id = told.id
                and mute.muted_id = teller.id
                and mute.notifications
                and (mute.expires_at is null or mute.expires_at > $6)
          )
          and (
              teller.local
              or not exists (
                  select from commune.host_mute
                  where host_mute.account_id = told.id
                    and commune.is_of_host(teller.domain, host_mute.host)
              )
          )
        on conflict do nothing
        returning waiting
        """,
        id_,
        account_id,
        kind,
        from_id,
        post_id,
        now,
        collection_id,
    )
    return row is not None and not row["waiting"]


async def insert_official(
    db: Executor,
    *,
    id_: int,
    account_id: int,
    kind: Kind,
    from_id: int,
    about_id: int,
    now: datetime,
) -> bool:
    """Store what somebody is told by office, about a strike, a report, a severance; once.

    No block, mute or policy keeps it away. Returns whether it is new, and they are ours.
    """
    found = await db.fetchval(
        """
        insert into commune.notification (id, account_id, kind, from_id, created_at, about_id)
        select $1, told.id, $3, $4, $6, $5
        from commune.account told
        where told.id = $2
          and told.local
          and told.deleted_at is null
        on conflict do nothing
        returning id
        """,
        id_,
        account_id,
        kind,
        from_id,
        about_id,
        now,
    )
    return found is not None


async def remove(
    db: Executor,
    *,
    account_id: int,
    kind: Kind,
    from_id: int,
    post_id: int | None,
    collection_id: int | None = None,
) -> None:
    """Take one back, read or not."""
    await db.execute(
        """
        delete from commune.notification
        where account_id = $1
          and kind = $2
          and from_id = $3
          and post_id is not distinct from $4
          and collection_id is not distinct from $5
        """,
        account_id,
        kind,
        from_id,
        post_id,
        collection_id,
    )


async def page(
    db: Executor, account_id: int, *, before: int | None = None, limit: int = 40
) -> list[Notification]:
    """Return the notifications of *account_id*, newest first, those older than *before*."""
    rows = await db.fetch(
        """
        select id, account_id, kind, from_id, post_id, created_at, read_at, collection_id
        from commune.notification
        where account_id = $1
          and not waiting
          and ($2::bigint is null or id < $2)
        order by id desc
        limit $3
        """,
        account_id,
        before,
        limit,
    )
    return [Notification(**{**row, "kind": Kind(row["kind"])}) for row in rows]


async def unread(db: Executor, account_id: int) -> int:
    """Return how many notifications of *account_id* wait to be read."""
    count = await db.fetchval(
        """
        select count(*)
        from commune.notification
        where account_id = $1
          and not waiting
          and read_at is null
        """,
        account_id,
    )
    return int(count)


async def mark_read(db: Executor, account_id: int, *, up_to: int, now: datetime) -> None:
    """Mark as read what *account_id* was told, up to and with the notification *up_to*."""
    await db.execute(
        """
        update commune.notification
        set read_at = $3
        where account_id = $1
          and id <= $2
          and read_at is null
        """,
        account_id,
        up_to,
        now,
    )
